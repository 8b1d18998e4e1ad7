"""The worked rows of docs/insurance.md are what the judge says, and its lists are those of the code."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.contract.policies import InsuranceParameters
from gateway.judging import insurance
from gateway.judging.insurance import ORDER

from .builders import RULES
from .insured import MEDICAL, PENSION, applies, found, months

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "insurance.md").read_text("utf-8")
SHIPPED = RULES["social_insurance_proof"].insurance
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.partition("## Worked rows")[2].splitlines()
    if re.match(r"\|[^|]*\| \d{4}-", line)
]


def parameters(written: str) -> InsuranceParameters:
    assert SHIPPED is not None
    changes: dict[str, Any] = dict(each.split("=") for each in written.split())
    return InsuranceParameters.model_validate(SHIPPED.model_dump() | changes)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_worked_rows(row: list[str]) -> None:
    _, day, written, changes, reason = row
    kinds = zip((PENSION, MEDICAL), written.split("+"), strict=False)
    rows = [month for kind, part in kinds for month in months(part, kind)]
    ruling = insurance.rule(found(*rows), applies(date.fromisoformat(day)), parameters(changes))
    assert f"`{ruling.reason}`" == reason


def test_the_rows_that_must_be_there() -> None:
    told = {row[0]: row[2:] for row in ROWS}
    assert {"P08", "P09", "a gap"} <= told.keys()
    assert (len(months(told["P08"][0])), len(months(told["P09"][0]))) == (14, 12)
    assert {row[4].strip("`") for row in ROWS} == {each.value for each in ORDER} - {"insurance_stopped"} | {
        "needs_officer"
    }


def test_the_order_and_the_parameters_are_those_of_the_code() -> None:
    table = re.findall(r"^\| `(\w+)` \| (?:confirmed|contradicted)", TEXT, re.MULTILINE)
    assert table == [each.value for each in ORDER]
    assert SHIPPED is not None
    for name, value in SHIPPED.model_dump().items():
        said = ", ".join(f"`{each}`" for each in value) if isinstance(value, list) else str(value).lower()
        assert re.search(rf"^\| `{name}` \| `?{re.escape(said)}`? \|", TEXT, re.MULTILINE), name
