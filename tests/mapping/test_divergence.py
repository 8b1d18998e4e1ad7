"""Where two channels disagree: by the names of facts, and only where both were asked the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mapping.divergence import agree, divergence
from gateway.model import Finding, Status

WINDOW = (date(2017, 1, 1), date(2018, 5, 2))


def month(number: int, year: int = 2018, kind: str = "pension", **more: Any) -> dict[str, Any]:
    return {"month": date(year, number, 1), "kind": kind, "payment": "normal"} | more


def found(**facts: Any) -> Finding:
    return Finding("social_insurance", "any", Status.ANSWERED, {"insured": facts})


def months(*rows: dict[str, Any], kinds: list[dict[str, Any]] | None = None) -> Finding:
    return found(months=list(rows), kinds=kinds or [])


@pytest.mark.parametrize(
    ("a", "b", "names"),
    [
        (found(name="阿测·样例"), found(name="阿测 ・样例"), ()),
        (found(name="测试父"), found(name="测试母"), ("name",)),
        (found(day=date(2018, 5, 2)), found(day=date(2018, 5, 3)), ("day",)),
        (found(a="1", b=None), found(a="1", b="2"), ()),  # blank is not given
        (found(a="1", b=None), found(a="2", b="2"), ("a",)),
        (found(a="1", mine="2"), found(a="1", yours="3"), ()),
        (months(month(3), month(4)), months(month(4), month(3), month(4)), ()),
        (months(month(3), month(4)), months(month(4)), ("months",)),
        (months(month(4)), months(month(4, payment="back_payment")), ("months",)),
        (months(month(4, region="229901")), months(month(4)), ()),  # a column that one lacks
        (months(month(4, region=None)), months(month(4, region="229901")), ()),  # or leaves blank
        (months(month(4, region=None)), months(month(4, region="229901", payment="back_payment")), ("months",)),
        (months(month(4)), months(), ("months",)),
        (months(), months(), ()),
        (months(month(12, 2016), month(4)), months(month(4)), ()),  # before what both were asked about
        (months(month(6), month(4)), months(month(4)), ()),  # after the application
        (months(month(1, 2017), month(4)), months(month(4)), ("months",)),
        (months(month(4), month(4, kind="medical")), months(month(4)), ()),  # a kind that the other knows nowhere
        (
            months(month(4), month(4, kind="medical")),
            months(month(4), kinds=[{"kind": "medical"}]),
            ("kinds", "months"),
        ),
        (months(month(4), kinds=[{"kind": "pension"}]), months(kinds=[{"kind": "pension"}]), ("months",)),
    ],
)
def test_divergence(a: Finding, b: Finding, names: tuple[str, ...]) -> None:
    assert divergence(a, b, WINDOW) == names
    assert divergence(b, a, WINDOW) == names


def test_only_answers_are_compared() -> None:
    nobody = Finding("social_insurance", "any", Status.NO_RECORD, {"insured": None})
    silent = Finding("social_insurance", "any", Status.TIMEOUT)
    for other in (nobody, silent):
        assert divergence(found(a="1"), other) == ()
        assert divergence(other, found(a="1")) == ()


def test_steps_are_compared_where_both_have_a_record() -> None:
    a = Finding("x", "a", Status.ANSWERED, {"one": {"f": "1"}, "two": None})
    b = Finding("x", "b", Status.ANSWERED, {"one": {"f": "2"}, "two": {"g": "1"}})
    assert divergence(a, b) == ("f",)


def test_agreement_is_of_names_and_of_nothing_else() -> None:
    assert agree("阿测·样例", "阿测•样例")
    assert not agree("测试?", "测试父")
    assert not agree(date(2018, 5, 1), "2018-05-01")
    assert not agree(None, "")


ROW = st.builds(month, st.integers(1, 12), st.sampled_from([2017, 2018]), st.sampled_from(["pension", "medical"]))


@given(st.lists(ROW, max_size=5), st.lists(ROW, max_size=5))
def test_nobody_diverges_from_themselves_and_both_ways_are_one(one: list[Any], other: list[Any]) -> None:
    a, b = months(*one), months(*other)
    assert divergence(a, a, WINDOW) == ()
    assert divergence(a, b, WINDOW) == divergence(b, a, WINDOW)
