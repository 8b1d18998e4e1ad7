"""Does a residence permit stand in for its paper on that day? (domain section 4)"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from gateway.judging.rulings import NEEDS_OFFICER, Ruling, silence
from gateway.model import Decision, Facts, Finding, Reason, Status

STEP: Final = "permit"
READS: Final = {STEP: frozenset({"status", "valid_until", "last_endorsed_on"})}

_NO_PERMIT: Final = Ruling(Decision.NO_RECORD, Reason.NO_PERMIT_ON_RECORD)
_VALID: Final = Ruling(Decision.CONFIRMED, Reason.PERMIT_VALID)
_SUSPENDED: Final = Ruling(Decision.CONTRADICTED, Reason.PERMIT_SUSPENDED)
_ENDED: Final[Mapping[str, Ruling]] = {
    "replaced": Ruling(Decision.CONTRADICTED, Reason.PERMIT_REPLACED),
    "cancelled": Ruling(Decision.CONTRADICTED, Reason.PERMIT_CANCELLED),
    "lost": Ruling(Decision.CONTRADICTED, Reason.PERMIT_LOST),
}


def rule(finding: Finding, as_of: date) -> Ruling:
    """What the residence-permit register's finding says of the permit on that day."""
    if (silent := silence(finding)) is not None:
        return silent
    if finding.status is Status.NO_RECORD:
        return _NO_PERMIT
    if STEP not in finding.records:
        return NEEDS_OFFICER
    facts = finding.records[STEP]
    return _NO_PERMIT if facts is None else _of_permit(facts, as_of)


def _of_permit(facts: Facts, as_of: date) -> Ruling:
    status: str = facts["status"]
    # Due today is still valid. Past due, the law suspends the function even where the register still says "valid".
    in_time = facts["valid_until"] >= as_of
    if status == "valid":
        return _VALID if in_time else _SUSPENDED
    if status == "suspended":
        # A late endorsement restores the permit at once; the register may say so only tomorrow.
        return _VALID if in_time and facts["last_endorsed_on"] == as_of else _SUSPENDED
    return _ENDED.get(status, NEEDS_OFFICER)
