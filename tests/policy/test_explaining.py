"""The path through the rules says what the rules do."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Refused
from gateway.model import Person, Reason
from gateway.policy import Policy, explain
from gateway.policy.explaining import MaterialPath

from .builders import ADULT, CHILD, FATHER, HUKOU, POLICIES, POLICY, VERSION, contracts, file, hukou, verification

CONTRACTS = contracts()
NAMES = ("guardianship_proof", "residence_permit", "social_insurance_proof")


def materials(**changes: object) -> dict[str, MaterialPath]:
    path = explain(POLICIES, CONTRACTS, verification(**changes))  # type: ignore[arg-type]
    return {each.rule.material: each for each in path.materials}


def test_which_policy_and_why_not_the_others() -> None:
    path = explain(POLICIES, CONTRACTS, verification())
    assert path.policy is not None
    assert (path.policy.name, path.region) == ("jilin-2018-05", "22")
    assert {other.policy.name: other.why for other in path.others} == {
        "jilin-2017": "over", "nation-2018-09": "not_yet", "nation-2019-04": "not_yet", "sample-2018-05": "elsewhere",
    }  # fmt: skip


def test_a_smaller_region_and_another_region() -> None:
    city = Policy(file(policy="city-2018", regions=["2299"]), VERSION)
    far = Policy(file(policy="far-2018", regions=["44"]), VERSION)
    path = explain([POLICY, city, far], CONTRACTS, verification())
    assert path.policy is city
    assert path.region == "2299"
    assert [(other.policy, other.why) for other in path.others] == [(POLICY, "larger_region"), (far, "elsewhere")]


def test_no_policy_in_force() -> None:
    path = explain(POLICIES, CONTRACTS, verification(day=date(2016, 1, 1)))
    assert (path.policy, path.region, path.materials, path.who_is_local) == (None, "", (), None)
    assert {other.why for other in path.others} == {"not_yet"}


def test_a_material_that_the_policy_does_not_know() -> None:
    with pytest.raises(Refused, match="unknown_material"):
        explain(POLICIES, CONTRACTS, verification(materials=("passport_photo",)))


def test_a_minor() -> None:
    found = materials(basis="study")["guardianship_proof"]
    ((condition,), (archive, home)) = found.conditions, found.steps
    assert (condition.term, condition.asks, condition.has, condition.holds) == ("age_below", ("16",), ("5",), True)
    assert (found.owed, found.branches, archive.round, archive.channels, home.channels) == (
        True,
        (),
        1,
        ("share",),
        ("query",),
    )
    nobody = materials(guardian=None)["guardianship_proof"]
    assert (nobody.owed, nobody.steps, nobody.guardian_missing) == (True, (), True)
    adult = materials(subject=ADULT)["guardianship_proof"]
    assert (adult.owed, adult.reason, adult.steps, adult.guardian_missing) == (False, Reason.NOT_A_MINOR, (), False)


def test_both_branches_of_who_is_local() -> None:
    found = materials(subject=ADULT, basis="employment")["social_insurance_proof"]
    assert found.owed is None
    assert found.branches == (("local", Reason.LOCAL_APPLICANT), ("non_local", None))
    (step,) = found.steps
    assert (step.round, step.channels) == (2, ("share", "query"))
    assert step.check.join is not None
    assert step.check.join.mode == "both_and_compare"
    basis, locality = found.conditions
    assert (basis.has, basis.holds) == (("employment",), True)
    assert (locality.asks, locality.has, locality.holds) == (("non_local",), (), None)


def test_who_is_local_is_asked_only_where_something_hangs_on_it() -> None:
    asked = explain(POLICIES, CONTRACTS, verification(ADULT)).who_is_local
    assert asked is not None
    assert ((asked.check.authority, asked.check.question), asked.channels, asked.round) == (HUKOU, ("query",), 1)
    assert explain(POLICIES, CONTRACTS, verification(ADULT, basis="study")).who_is_local is None


def test_an_exempt_item_and_a_basis_left_open() -> None:
    found = materials(subject=ADULT, day=date(2018, 10, 8), items=("passport_renewal",))["residence_permit"]
    assert (found.owed, found.reason) == (False, Reason.ITEM_EXEMPT)
    basis, items, locality = found.conditions
    assert (basis.has, basis.holds) == ((), True)
    assert (items.has, items.holds) == (("passport_renewal",), False)
    assert locality.holds is None


def test_materials_that_this_policy_no_longer_knows() -> None:
    path = explain(POLICIES, CONTRACTS, verification(day=date(2019, 5, 6)))
    assert path.absent == NAMES[1:]
    assert explain(POLICIES, CONTRACTS, verification()).absent == ()


DAYS = st.sampled_from([date(2017, 6, 1), date(2018, 5, 2), date(2018, 10, 8), date(2019, 5, 6)])
BASES = st.sampled_from([None, "employment", "residence_permit", "study", "dependant"])
ITEMS = st.lists(st.sampled_from(["passport", "passport_renewal", "hkm_group_endorsement"]), min_size=1, max_size=3)


@given(st.sampled_from([CHILD, ADULT]), st.sampled_from([None, FATHER]), BASES, DAYS, ITEMS)
def test_the_explanation_is_what_happens(
    subject: Person, guardian: Person | None, basis: str | None, day: date, items: list[str]
) -> None:
    asked = verification(subject, guardian, basis, day=day, items=tuple(items))
    path = explain(POLICIES, CONTRACTS, asked)
    policy = path.policy
    assert policy is not None
    first = (*policy.who_is_local(asked), *policy.certain(asked))
    told = [path.who_is_local] if path.who_is_local else []
    told += [step for each in path.materials for step in each.steps if step.round == 1]
    assert [step.check for step in told] == list(first)
    second = [step.check for each in path.materials for step in each.steps if step.round == 2]
    assert second == list(policy.what_follows(asked, {HUKOU: hukou("119901")} if path.who_is_local else {}))
    for where, region in (("local", "229901"), ("non_local", "119901")):
        owing = policy.owing(asked, {HUKOU: hukou(region)})
        for each in path.materials:
            expected = (
                (each.owed, each.reason)
                if each.owed is not None
                else (dict(each.branches)[where] is None, dict(each.branches)[where])
            )
            real = owing[each.rule.material]
            assert (real.owed, real.reason) == expected
            holds = [condition.holds for condition in each.conditions]
            assert each.owed is (False if False in holds else None if None in holds else True)
