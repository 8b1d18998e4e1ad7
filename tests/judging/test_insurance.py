"""Months in a row: every edge (docs/insurance.md)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gateway.judging import insurance
from gateway.judging.insurance import ORDER
from gateway.judging.rulings import NEEDS_OFFICER
from gateway.model import Decision, Finding, Reason, Status

from .builders import FAULTS
from .insured import MEDICAL, PENSION, applies, found, kind, months, rules

CONTINUOUS, TOO_SHORT, GAP = Reason.INSURANCE_CONTINUOUS, Reason.INSURANCE_TOO_SHORT, Reason.INSURANCE_GAP
LAPSED, STOPPED, NOT_HERE = Reason.INSURANCE_LAPSED, Reason.INSURANCE_STOPPED, Reason.INSURANCE_ELSEWHERE
YEAR = "2017-04..2018-03"


def reason(finding: Finding, day: date = date(2018, 5, 2), **changes: Any) -> Reason:
    ruling = insurance.rule(finding, applies(day), rules(**changes))
    assert (ruling.decision is Decision.CONFIRMED) == (ruling.reason is CONTINUOUS)
    assert ruling.decision in (Decision.CONFIRMED, Decision.CONTRADICTED)
    return ruling.reason


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2017-02..2018-03", CONTINUOUS),  # P08: 14 months
        (YEAR, CONTINUOUS),  # P09: exactly 12
        ("2017-05..2018-03", TOO_SHORT),
        ("2017-05..2018-04", CONTINUOUS),
        ("2017-06..2018-05", CONTINUOUS),
        ("2017-07..2018-06", TOO_SHORT),  # a month after the application does not exist
        ("2018-06..2019-06", TOO_SHORT),
        ("2017-03..2018-02", LAPSED),
        ("2010-01..2016-12", LAPSED),
        ("2017-01..2017-09 2017-11..2018-03", GAP),
        ("2016-01..2016-12 2018-03", GAP),  # it does reach; what is missing is in between
        ("2017-01..2017-05 2017-08..2017-12", TOO_SHORT),
        ("2018-03", TOO_SHORT),
        ("", TOO_SHORT),
    ],
)
def test_months_in_a_row(written: str, said: Reason) -> None:
    assert reason(found(*months(written))) is said


@pytest.mark.parametrize("lag", range(4))
@pytest.mark.parametrize("last", range(1, 6))
def test_the_run_must_reach_the_month_of_the_application_less_the_lag(lag: int, last: int) -> None:
    written = f"2016-01..2018-{last:02}"
    assert reason(found(*months(written)), reporting_lag_months=lag) is (CONTINUOUS if last >= 5 - lag else LAPSED)


@pytest.mark.parametrize(
    ("day", "written", "said"),
    [
        (date(2018, 1, 31), "2016-12..2017-11", CONTINUOUS),
        (date(2018, 1, 1), "2016-12..2017-10", TOO_SHORT),
        (date(2018, 1, 1), "2016-11..2017-10", LAPSED),
        (date(2018, 2, 28), "2017-01..2017-12", CONTINUOUS),
        (date(2018, 12, 31), "2017-12..2018-11", CONTINUOUS),
        (date(2020, 2, 29), "2019-01..2019-12", CONTINUOUS),
    ],
)
def test_year_ends(day: date, written: str, said: Reason) -> None:
    assert reason(found(*months(written)), day) is said


def test_kinds_are_never_mixed() -> None:
    split = found(*months("2017-04..2017-09"), *months("2017-10..2018-03", MEDICAL))
    assert reason(split) is TOO_SHORT
    assert reason(found(*months(YEAR), *months("2018-01", MEDICAL))) is CONTINUOUS
    assert reason(found(*months(YEAR, MEDICAL))) is CONTINUOUS
    assert reason(found(*months(YEAR, "unemployment"))) is TOO_SHORT
    assert reason(found(*months(YEAR, MEDICAL)), kinds_any_of=[PENSION]) is TOO_SHORT


def test_of_several_kinds_the_one_that_says_most_speaks() -> None:
    lapsed, gap = months("2016-01..2016-12"), months("2017-01..2017-09 2017-11..2018-03", MEDICAL)
    assert reason(found(*lapsed, *gap)) is LAPSED
    assert reason(found(*gap)) is GAP
    assert reason(found(*lapsed, *months(YEAR, MEDICAL))) is CONTINUOUS


@pytest.mark.parametrize(
    ("written", "allowed", "said"),
    [
        ("2017-03..2017-09 2017-11..2018-03", 0, GAP),
        ("2017-03..2017-09 2017-11..2018-03", 1, CONTINUOUS),
        ("2017-04..2017-09 2017-11..2018-03", 1, TOO_SHORT),  # a missing month is not counted
        ("2017-01..2017-06 2017-08 2017-10..2018-03", 1, GAP),  # the gaps are counted together
        ("2017-01..2017-06 2017-08 2017-10..2018-03", 2, CONTINUOUS),
        ("2017-03..2018-02", 1, LAPSED),  # a gap is inside the run, never at its end
        ("2010-01..2010-12 2017-03..2017-09 2017-11..2018-03", 1, CONTINUOUS),
    ],
)
def test_gaps(written: str, allowed: int, said: Reason) -> None:
    assert reason(found(*months(written)), allowed_gap_months=allowed) is said


@pytest.mark.parametrize(
    ("written", "counts", "said"),
    [
        ("2017-03..2017-08 ~2017-09 2017-10..2018-03", False, CONTINUOUS),  # neither a month nor a gap
        ("2017-04..2017-08 ~2017-09 2017-10..2018-03", False, TOO_SHORT),
        ("2017-04..2017-08 ~2017-09 2017-10..2018-03", True, CONTINUOUS),
        ("2017-03..2018-02 ~2018-03", False, LAPSED),  # no run ends with it
        ("2017-03..2018-02 ~2018-03", True, CONTINUOUS),
        ("~2017-04..2018-03", False, TOO_SHORT),
        ("~2017-04..2018-03", True, CONTINUOUS),
        ("2017-04..2018-03 ~2017-04..2018-03", False, CONTINUOUS),  # normal beats afterwards
        ("2017-02..2017-06 ~2017-07 2017-09..2018-03", False, GAP),  # a bridge beside a gap
    ],
)
def test_months_paid_afterwards(written: str, counts: bool, said: Reason) -> None:
    assert reason(found(*months(written)), count_back_payment=counts) is said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2017-02..2017-05 ~2017-06..2017-08 2017-09..2018-03", Reason.NEEDS_OFFICER),
        ("2017-03..2017-05 ~2017-06..2017-08 2017-09..2018-03", TOO_SHORT),  # begins inside of what was asked
        ("2017-02..2017-05 ~2017-06..2017-08 2017-10..2018-03", TOO_SHORT),  # a gap
        ("2017-01..2017-05 ~2017-06..2017-08 2017-09..2018-03", CONTINUOUS),
        ("~2017-02..2018-03", TOO_SHORT),  # no run ends with one
        ("~2017-01..2018-02 2018-03", Reason.NEEDS_OFFICER),
        ("2016-12..2017-05 ~2017-06..2017-08 2017-09..2018-02", LAPSED),
    ],
)
def test_a_run_that_may_have_begun_before_what_was_asked_about(written: str, said: Reason) -> None:
    assert insurance.rule(found(*months(written)), applies(), rules()).reason is said


def test_who_has_stopped_anyway_gains_nothing_by_an_earlier_beginning() -> None:
    bridged = months("2017-02..2017-05 ~2017-06..2017-08 2017-09..2018-03")
    assert reason(found(*bridged, kinds=(kind(participation="ended"),))) is TOO_SHORT


def test_rows_that_repeat_a_month_count_once() -> None:
    rows = months("2017-06..2018-03")
    assert reason(found(*rows, *rows, *rows)) is TOO_SHORT


def test_elsewhere_does_not_excuse_what_is_too_short_anyway() -> None:
    assert reason(found(*months("2017-06..2018-03@2199"))) is TOO_SHORT
    assert reason(found(*months("2016-01..2016-12@2199"))) is TOO_SHORT


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ((), CONTINUOUS),  # no row speaks of it
        ((kind(),), CONTINUOUS),
        ((kind(paying=None),), CONTINUOUS),
        ((kind(MEDICAL, "ended"),), CONTINUOUS),  # another kind's row
        ((kind(participation="suspended"),), STOPPED),
        ((kind(participation="ended"),), STOPPED),
        ((kind(participation="never"),), STOPPED),
        ((kind(paying="suspended"),), STOPPED),
        ((kind(paying="ended"),), STOPPED),
        ((kind(participation="ended"), kind()), CONTINUOUS),  # a job left, another begun
        ((kind(participation="ended"), kind(paying="ended")), STOPPED),
    ],
)
def test_who_has_stopped_cannot_be_confirmed(kinds: tuple[dict[str, Any], ...], said: Reason) -> None:
    assert reason(found(*months(YEAR), kinds=kinds)) is said


def test_stopped_is_said_only_where_all_else_holds() -> None:
    ended = (kind(participation="ended"),)
    assert reason(found(*months("2016-01..2016-12"), kinds=ended)) is LAPSED
    assert reason(found(*months(YEAR), *months(YEAR, MEDICAL), kinds=ended)) is CONTINUOUS


def test_no_record() -> None:
    for finding in (
        Finding("social_insurance", "query", Status.NO_RECORD, {"insured": None}),
        Finding("social_insurance", "query", Status.NO_RECORD),
        Finding("social_insurance", "query", Status.ANSWERED, {"insured": None}),
    ):
        ruling = insurance.rule(finding, applies(), rules())
        assert (ruling.decision, ruling.reason) == (Decision.NO_RECORD, Reason.NO_INSURANCE_ON_RECORD)
    nothing_read = Finding("social_insurance", "query", Status.ANSWERED)
    assert insurance.rule(nothing_read, applies(), rules()) == NEEDS_OFFICER


@pytest.mark.parametrize("status", FAULTS)
def test_silence_is_never_a_no(status: Status) -> None:
    ruling = insurance.rule(Finding("social_insurance", "share", status, {"insured": None}), applies(), rules())
    assert (ruling.decision, ruling.reason.value) == (Decision.UNDETERMINED, status.value)


def test_a_word_that_the_judge_does_not_know_is_never_held_against_anybody() -> None:
    odd = {**months("2017-04")[0], "payment": "transferred"}
    rest = months("2017-05..2018-03")
    assert insurance.rule(found(odd, *rest), applies(), rules()) == NEEDS_OFFICER
    assert reason(found(odd, *months(YEAR))) is CONTINUOUS
    assert reason(found({**odd, "kind": "unemployment"}, *rest)) is TOO_SHORT
    unsure = found(*months(YEAR), kinds=(kind(participation="on_leave"),))
    assert insurance.rule(unsure, applies(), rules()) == NEEDS_OFFICER


def test_every_reason_has_its_place_in_the_order() -> None:
    assert set(ORDER) == {each for each in Reason if each.value.startswith("insurance_")}
