"""The policy in force, its two rounds, and what is owed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.policies import PolicyFile
from gateway.errors import Refused
from gateway.model import Check, Join, Person, Reason, Status, Verification
from gateway.policy import Policy, choose

from .builders import (
    ADULT,
    ARCHIVE,
    CHILD,
    DAY,
    FATHER,
    GUARDIANSHIP,
    HUKOU,
    INSURANCE,
    POLICY,
    RESIDENCE,
    SHIPPED,
    SIXTEEN_TODAY,
    SIXTEEN_TOMORROW,
    VERSION,
    file,
    hukou,
    registry,
    verification,
)  # fmt: skip

UNIT = "229901000000"


def first(policy: Policy, asked: Verification) -> tuple[Check, ...]:
    """What is asked before anything is known."""
    return (*policy.who_is_local(asked), *policy.certain(asked))


def keys(checks: tuple[Check, ...]) -> list[tuple[str, str]]:
    return [(check.authority, check.question) for check in checks]


@pytest.mark.parametrize(
    ("day", "unit", "covered"),
    [
        (date(2018, 4, 30), UNIT, False),
        (date(2018, 5, 1), UNIT, True),
        (date(2018, 8, 31), UNIT, True),
        (date(2018, 9, 1), UNIT, False),
        (date(2018, 5, 2), "219901000000", False),
        (date(2018, 5, 2), "122000000000", False),
    ],
)
def test_from_its_first_day_until_the_day_it_is_over(day: date, unit: str, covered: bool) -> None:
    if covered:
        assert choose([POLICY], day, unit) is POLICY
    else:
        with pytest.raises(Refused) as refused:
            choose([POLICY], day, unit)
        assert (refused.value.http_status, refused.value.code) == (422, "no_policy")
        assert unit not in str(refused.value.detail)


def test_no_policies_at_all() -> None:
    with pytest.raises(Refused, match="no_policy"):
        choose([], DAY, UNIT)


def test_a_policy_without_an_end_goes_on() -> None:
    endless = Policy(file(effective={"from": "2019-04-01"}), VERSION)
    assert choose([POLICY, endless], date(2999, 1, 1), UNIT) is endless
    assert choose([POLICY, endless], DAY, UNIT) is POLICY


def test_the_smallest_region_goes_first() -> None:
    city = Policy(file(policy="city-2018", regions=["11", "2299"]), VERSION)
    for policies in ([POLICY, city], [city, POLICY]):
        assert choose(policies, DAY, UNIT) is city
        assert choose(policies, DAY, "220100000000") is POLICY


def test_a_minor_is_asked_about_at_once_and_locality_beside_it() -> None:
    asked = verification(CHILD)
    checks = first(POLICY, asked)
    assert keys(checks) == [HUKOU, ARCHIVE, GUARDIANSHIP]
    assert checks[0] == Check(*HUKOU, {"subject": CHILD}, DAY)
    assert checks[1] == Check(*ARCHIVE, {"subject": CHILD, "guardian": FATHER}, DAY)
    assert checks[2] == Check(*GUARDIANSHIP, {"subject": CHILD, "guardian": FATHER}, DAY)


@pytest.mark.parametrize(
    ("subject", "basis", "asked"),
    [
        (SIXTEEN_TOMORROW, "study", [ARCHIVE, GUARDIANSHIP]),
        (SIXTEEN_TODAY, "study", []),
        (ADULT, "employment", [HUKOU]),
        (ADULT, None, [HUKOU]),
        (ADULT, "dependant", [HUKOU]),
    ],
)
def test_round_one(subject: Person, basis: str | None, asked: list[tuple[str, str]]) -> None:
    assert keys(first(POLICY, verification(subject, basis=basis))) == asked


def test_only_what_was_asked_for() -> None:
    assert keys(first(POLICY, verification(materials=("guardianship_proof",)))) == [ARCHIVE, GUARDIANSHIP]
    assert keys(first(POLICY, verification(materials=("residence_permit",)))) == [HUKOU]
    assert first(POLICY, verification(materials=())) == ()
    assert list(POLICY.owing(verification(materials=()), {})) == []


def test_without_a_guardian_no_guardianship_is_asked() -> None:
    assert keys(first(POLICY, verification(guardian=None))) == [HUKOU]
    assert POLICY.owing(verification(guardian=None), {})["guardianship_proof"].owed is True


@pytest.mark.parametrize(
    ("where", "asked"),
    [
        (hukou("219901"), [RESIDENCE, INSURANCE]),
        (hukou("229901"), []),
        (registry(Status.NO_RECORD), [RESIDENCE, INSURANCE]),
        (registry(Status.TIMEOUT), [RESIDENCE, INSURANCE]),
        (registry(Status.DRAINED), [RESIDENCE, INSURANCE]),
        (None, [RESIDENCE, INSURANCE]),
    ],
)
def test_round_two_asks_unless_the_applicant_is_known_to_be_exempt(where: object, asked: list[tuple[str, str]]) -> None:
    findings = {} if where is None else {HUKOU: where}
    checks = POLICY.what_follows(verification(ADULT), findings)  # type: ignore[arg-type]
    assert keys(checks) == asked
    assert checks[:1] in ((), (Check(*RESIDENCE, {"subject": ADULT}, DAY),))


def test_a_check_says_what_a_divergence_means() -> None:
    given = SHIPPED["jilin-2017"].model_dump(by_alias=True)
    (joined,) = [proof["join"] for rule in given["materials"] for proof in rule["proven_by"] if proof["join"]]
    joined["on_divergence"] = "best"
    policy = Policy(PolicyFile.model_validate(given), VERSION)
    (check,) = policy.what_follows(verification(ADULT, basis="employment"), {HUKOU: hukou("219901")})
    assert check.join == Join("race", ("share", "query"), on_divergence="best")


def test_a_check_says_how_the_channels_of_its_authority_are_asked() -> None:
    both = Join("both_and_compare", ("share", "query"))
    for name, joined in (
        ("jilin-2017", Join("race", ("share", "query"))),
        ("jilin-2018-05", both),
        ("nation-2018-09", Join("after_delay", ("share", "query"), 0.3)),
    ):
        policy = Policy(SHIPPED[name], VERSION)
        for basis, expected in (("employment", [(INSURANCE, joined)]), ("residence_permit", [(RESIDENCE, None)])):
            checks = policy.what_follows(verification(ADULT, basis=basis), {HUKOU: hukou("219901")})
            assert [((check.authority, check.question), check.join) for check in checks] == expected


def test_round_two_leaves_out_what_hangs_on_nothing() -> None:
    assert keys(POLICY.what_follows(verification(CHILD), {HUKOU: hukou("219901")})) == [RESIDENCE, INSURANCE]
    assert POLICY.what_follows(verification(ADULT, basis="study"), {}) == ()


def test_no_authority_is_asked_the_same_question_twice() -> None:
    twice = file()
    doubled = [rule.model_copy(update={"material": f"{rule.material}_{n}"}) for n in (1, 2) for rule in twice.materials]
    policy = Policy(twice.model_copy(update={"materials": doubled}), VERSION)
    assert keys(first(policy, verification(CHILD))) == [HUKOU, ARCHIVE, GUARDIANSHIP]
    assert keys(policy.what_follows(verification(CHILD), {HUKOU: hukou("219901")})) == [RESIDENCE, INSURANCE]
    asked = {HUKOU: hukou("219901"), RESIDENCE: registry(Status.NO_RECORD), INSURANCE: registry(Status.NO_RECORD)}
    assert policy.what_follows(verification(CHILD), asked) == ()


def test_owing_follows_the_order_asked() -> None:
    assert list(POLICY.owing(verification(), {})) == [
        "guardianship_proof",
        "residence_permit",
        "social_insurance_proof",
    ]
    asked = verification(materials=("residence_permit", "guardianship_proof", "residence_permit"))
    assert list(POLICY.owing(asked, {})) == ["residence_permit", "guardianship_proof"]


def test_owing_under_the_shipped_policy() -> None:
    here = hukou("229901")
    owed = POLICY.owing(verification(ADULT), {HUKOU: here})
    assert (owed["guardianship_proof"].owed, owed["guardianship_proof"].reason) == (False, Reason.NOT_A_MINOR)
    assert (owed["residence_permit"].owed, owed["residence_permit"].reason) == (False, Reason.LOCAL_APPLICANT)
    assert owed["residence_permit"].decided_by is here
    assert POLICY.owing(verification(ADULT), {})["residence_permit"].owed is None


def test_a_material_that_the_policy_does_not_know_is_refused_with_the_right_word() -> None:
    asked = verification(materials=("guardianship_proof", "residence_permitt", "zzz"))
    for ask in (
        POLICY.certain,
        POLICY.who_is_local,
        POLICY.asked,
        lambda v: POLICY.what_follows(v, {}),
        lambda v: POLICY.owing(v, {}),
    ):
        with pytest.raises(Refused) as refused:
            ask(asked)
        error = refused.value
        assert (error.http_status, error.code) == (422, "unknown_material")
        assert [(fault.pointer, fault.nearest) for fault in error.faults] == [
            ("/materials/1", "residence_permit"),
            ("/materials/2", None),
        ]
        assert "permitt" not in error.detail + str(error.faults)


SUBJECTS = st.sampled_from([CHILD, ADULT, SIXTEEN_TODAY, SIXTEEN_TOMORROW])
REGISTRY = st.none() | st.sampled_from([hukou("229901"), hukou("219901"), *(registry(status) for status in Status)])
BASES = st.sampled_from([None, "dependant", "employment", "study"])


@given(SUBJECTS, st.sampled_from([None, FATHER]), BASES, REGISTRY)
def test_the_plan_asks_for_exactly_what_may_be_owed(
    subject: Person, guardian: Person | None, basis: str | None, where: object
) -> None:
    asked = verification(subject, guardian, basis)
    before = keys(first(POLICY, asked))
    findings = {HUKOU: where} if where is not None and HUKOU in before else {}
    second = keys(POLICY.what_follows(asked, findings))  # type: ignore[arg-type]
    assert len(set(before + second)) == len(before + second)
    owed = POLICY.owing(asked, findings)  # type: ignore[arg-type]
    assert (
        (ARCHIVE in before)
        == (GUARDIANSHIP in before)
        == (owed["guardianship_proof"].owed is True and guardian is not None)
    )
    assert (RESIDENCE in second) == (owed["residence_permit"].owed is not False)
    assert (INSURANCE in second) == (owed["social_insurance_proof"].owed is not False)
    assert not {RESIDENCE, INSURANCE} & set(before)


def test_the_application_date_decides_and_nothing_else() -> None:
    young = verification(SIXTEEN_TODAY, day=date(2018, 5, 1), basis="study")
    assert keys(first(POLICY, young)) == [ARCHIVE, GUARDIANSHIP]
    assert all(check.as_of == date(2018, 5, 1) for check in first(POLICY, young))
    assert first(POLICY, replace(young, application_date=DAY)) == ()
