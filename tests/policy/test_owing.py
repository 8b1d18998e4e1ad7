"""Who owes what."""

from __future__ import annotations

import pytest

from gateway.contract.policies import Owed
from gateway.model import Person, Reason, Status
from gateway.policy.owing import Owing, owing

from .builders import ADULT, CHILD, SIXTEEN_TODAY, SIXTEEN_TOMORROW, hukou, registry, verification

MINORS = Owed(age_below=16)
FROM_ELSEWHERE = Owed(locality="non_local", residence_basis=["residence_permit", "dependant"])
LOCALS = Owed(locality="local")


@pytest.mark.parametrize(
    ("subject", "owed", "reason"),
    [
        (CHILD, True, None),
        (SIXTEEN_TOMORROW, True, None),
        (SIXTEEN_TODAY, False, Reason.NOT_A_MINOR),
        (ADULT, False, Reason.NOT_A_MINOR),
    ],
)
def test_age_comes_from_the_number(subject: Person, owed: bool, reason: Reason | None) -> None:
    assert owing(MINORS, verification(subject), None, None) == Owing(owed, reason)


def test_locality_decides_with_its_finding() -> None:
    here, elsewhere, down = hukou("229901"), hukou("219901"), registry(Status.TIMEOUT)
    asked = verification(ADULT)
    assert owing(FROM_ELSEWHERE, asked, "non_local", elsewhere) == Owing(True, None, elsewhere)
    assert owing(FROM_ELSEWHERE, asked, "local", here) == Owing(False, Reason.LOCAL_APPLICANT, here)
    assert owing(FROM_ELSEWHERE, asked, None, down) == Owing(None, None, down)
    assert owing(LOCALS, asked, "local", here) == Owing(True, None, here)
    assert owing(LOCALS, asked, "non_local", elsewhere) == Owing(False, Reason.OTHER_BASIS, elsewhere)


@pytest.mark.parametrize("where", ["local", "non_local", None])
def test_another_basis_settles_it_without_the_registry(where: object) -> None:
    asked = verification(ADULT, basis="employment")
    assert owing(FROM_ELSEWHERE, asked, where, hukou("229901")) == Owing(False, Reason.OTHER_BASIS)  # type: ignore[arg-type]


@pytest.mark.parametrize("basis", [None, "residence_permit", "dependant"])
def test_a_basis_that_is_left_open_is_taken_to_hold(basis: str | None) -> None:
    assert owing(FROM_ELSEWHERE, verification(ADULT, basis=basis), "non_local", None) == Owing(True)


def test_every_condition_must_hold() -> None:
    both = Owed(age_below=16, residence_basis=["dependant"])
    assert owing(both, verification(CHILD, basis="dependant"), None, None) == Owing(True)
    assert owing(both, verification(CHILD, basis="employment"), None, None) == Owing(False, Reason.OTHER_BASIS)
    assert owing(both, verification(ADULT, basis="dependant"), None, None) == Owing(False, Reason.NOT_A_MINOR)
    assert owing(Owed(), verification(ADULT), None, None) == Owing(True)


FIRST_ISSUES = Owed(locality="non_local", business_items_other_than=["passport_renewal", "hkm_group_endorsement"])


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        (("passport_renewal",), Reason.ITEM_EXEMPT),
        (("passport_renewal", "hkm_group_endorsement"), Reason.ITEM_EXEMPT),
        (("passport_renewal", "passport_renewal"), Reason.ITEM_EXEMPT),
        (("passport",), None),
        (("passport_renewal", "hkm_permit"), None),  # one that was not freed is enough
    ],
)
def test_an_item_that_the_policy_freed(items: tuple[str, ...], reason: Reason | None) -> None:
    asked = verification(ADULT, items=items)
    assert owing(FIRST_ISSUES, asked, None, None) == Owing(None if reason is None else False, reason)
    assert owing(FIRST_ISSUES, asked, "non_local", None) == Owing(reason is None, reason)
