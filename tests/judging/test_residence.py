"""Residence permits, at every edge of a date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.judging import residence
from gateway.judging.rulings import NEEDS_OFFICER
from gateway.model import Decision, Finding, Reason, Status

from .builders import DAY, FAULTS, NO_PERMIT, finding, permit

YESTERDAY, TOMORROW = DAY - timedelta(1), DAY + timedelta(1)
VALID = (Decision.CONFIRMED, Reason.PERMIT_VALID)
SUSPENDED = (Decision.CONTRADICTED, Reason.PERMIT_SUSPENDED)


@pytest.mark.parametrize(
    ("found", "ruling"),
    [
        (permit("valid", TOMORROW), VALID),
        (permit("valid", DAY), VALID),  # due today is still valid
        (permit("valid", YESTERDAY), SUSPENDED),
        (permit("valid", YESTERDAY, DAY), SUSPENDED),
        (permit("suspended", TOMORROW), SUSPENDED),
        (permit("suspended", TOMORROW, YESTERDAY), SUSPENDED),
        (permit("suspended", TOMORROW, TOMORROW), SUSPENDED),
        (permit("suspended", TOMORROW, DAY), VALID),  # endorsed today after suspension
        (permit("suspended", DAY, DAY), VALID),
        (permit("suspended", YESTERDAY, DAY), SUSPENDED),
        (permit("replaced", TOMORROW, DAY), (Decision.CONTRADICTED, Reason.PERMIT_REPLACED)),
        (permit("cancelled", TOMORROW), (Decision.CONTRADICTED, Reason.PERMIT_CANCELLED)),
        (permit("lost", TOMORROW), (Decision.CONTRADICTED, Reason.PERMIT_LOST)),
        (permit("some new status", TOMORROW), (Decision.UNDETERMINED, Reason.NEEDS_OFFICER)),
        (NO_PERMIT, (Decision.NO_RECORD, Reason.NO_PERMIT_ON_RECORD)),
        (finding("residence_permit", Status.NO_RECORD), (Decision.NO_RECORD, Reason.NO_PERMIT_ON_RECORD)),
        (
            finding("residence_permit", Status.ANSWERED, {"permit": None}),
            (Decision.NO_RECORD, Reason.NO_PERMIT_ON_RECORD),
        ),
        (finding("residence_permit", Status.ANSWERED), (Decision.UNDETERMINED, Reason.NEEDS_OFFICER)),
    ],
)
def test_every_status_and_date(found: Finding, ruling: tuple[Decision, Reason]) -> None:
    ruled = residence.rule(found, DAY)
    assert (ruled.decision, ruled.reason) == ruling


@pytest.mark.parametrize("status", FAULTS)
def test_silence_is_never_a_no(status: Status) -> None:
    ruled = residence.rule(finding("residence_permit", status, {"permit": None}), DAY)
    assert (ruled.decision, ruled.reason.value) == (Decision.UNDETERMINED, status.value)
    assert ruled != NEEDS_OFFICER


DATES = st.dates(date(2017, 1, 1), date(2019, 12, 31))


@given(st.sampled_from(["valid", "suspended", "replaced", "cancelled", "lost"]), DATES, st.none() | DATES, DATES)
def test_nothing_past_due_is_confirmed(status: str, until: date, endorsed: date | None, as_of: date) -> None:
    ruled = residence.rule(permit(status, until, endorsed), as_of)
    if ruled.decision is Decision.CONFIRMED:
        assert until >= as_of
        assert status in {"valid", "suspended"}
    else:
        assert ruled.decision is Decision.CONTRADICTED
