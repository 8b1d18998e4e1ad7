"""Does this applicant owe this material? From the date, the number, the residence basis, what is applied for, and locality."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.contract.policies import Locality, Owed
from gateway.mapping import citizen_ids
from gateway.model import Finding, Reason, Verification


@dataclass(frozen=True, slots=True)
class Owing:
    """Whether one material is owed."""

    owed: bool | None
    """None: it hangs on locality, and nobody could say."""
    reason: Reason | None = None
    """Why it is not owed; None otherwise."""
    decided_by: Finding | None = None
    """What was found about locality, where the answer hung on it and somebody was asked."""


def exempt(owed: Owed, verification: Verification) -> Reason | None:
    """Why the material is not owed, from the verification alone; None while that alone does not exempt."""
    if owed.age_below is not None:
        age = citizen_ids.age_on(verification.subject.citizen_id, verification.application_date)
        if age >= owed.age_below:
            return Reason.NOT_A_MINOR
    basis = verification.residence_basis
    if owed.residence_basis is not None and basis is not None and basis not in owed.residence_basis:
        return Reason.OTHER_BASIS
    freed = owed.business_items_other_than
    if freed is not None and set(verification.business_items) <= set(freed):
        return Reason.ITEM_EXEMPT
    return None


def exempt_there(owed: Owed, locality: Locality) -> Reason | None:
    """Why the material is not owed by an applicant of this locality; None when it is."""
    if owed.locality is None or owed.locality == locality:
        return None
    return Reason.LOCAL_APPLICANT if locality == "local" else Reason.OTHER_BASIS


def owing(owed: Owed, verification: Verification, locality: Locality | None, who_is_local: Finding | None) -> Owing:
    """Whether the material is owed, given what was found about locality."""
    if (reason := exempt(owed, verification)) is not None:
        return Owing(False, reason)
    if owed.locality is None:
        return Owing(True)
    if locality is None:
        return Owing(None, None, who_is_local)
    reason = exempt_there(owed, locality)
    return Owing(reason is None, reason, who_is_local)
