"""The contract's own models, as far as they say more than their fields do."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.contract.authority import Question


@pytest.mark.parametrize(
    ("as_of", "months_back", "years"),
    [
        (date(2018, 5, 2), 15, [2017, 2018]),
        (date(2018, 4, 30), 15, [2017, 2018]),
        (date(2018, 3, 1), 15, [2016, 2017, 2018]),
        (date(2018, 1, 1), 0, [2018]),
        (date(2018, 1, 1), 1, [2017, 2018]),
        (date(2018, 12, 31), 11, [2018]),
        (date(2018, 12, 31), 12, [2017, 2018]),
    ],
)
def test_years(as_of: date, months_back: int, years: list[int]) -> None:
    steps = {"insured": {"operation": "months", "about": ["subject"]}}
    question = Question.model_validate({"walk": "per_year", "months_back": months_back, "steps": steps})
    assert list(question.years(as_of)) == years
