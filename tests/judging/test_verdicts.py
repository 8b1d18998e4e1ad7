"""From findings to judgements, under the shipped policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.policies import MaterialRule, PolicyFile
from gateway.judging.verdicts import Findings, judge
from gateway.model import Decision, Disposition, Finding, Judgement, Reason, Status, Verification

from .builders import (
    DAY,
    FAULTS,
    NO_PERMIT,
    NO_PROOF,
    POLICY,
    RULES,
    Owed,
    finding,
    permit,
    person,
    proof,
    registry,
    together,
    verification,
)  # fmt: skip
from .insured import found, months

ARCHIVE, REGISTRY = ("guardianship_archive", "prior_proof"), ("household_registry", "guardianship")
INSURANCE = ("social_insurance", "insurance")
PERMIT, HUKOU = ("residence_permit", "residence"), ("household_registry", "hukou")
G3 = registry(person(), person(), together("21", "02"))
G6 = registry(person(), person(), together("41", "02"))
G9 = registry(person(), person(), together("21", "02", "collective"))
G10 = registry(person(), person(state="dead"))


def one(
    material: str, findings: Findings, owing: Owed | None = None, asked: Verification | None = None,
    rules: dict[str, MaterialRule] = RULES,
) -> Judgement:  # fmt: skip
    (judgement,) = judge(rules, asked or verification(), {material: owing or Owed()}, findings)
    assert judgement.material == material
    return judgement


def guardian(archive: Finding | None, registry_: Finding | None) -> Judgement:
    given = {ARCHIVE: archive, REGISTRY: registry_}
    return one("guardianship_proof", {key: found for key, found in given.items() if found is not None})


@pytest.mark.parametrize(
    ("archive", "registry_", "decision", "reason", "disposition"),
    [
        (proof(), G10, "confirmed", "prior_submission", "waived"),
        (NO_PROOF, G3, "confirmed", "parent_head", "waived"),
        (proof(), G3, "confirmed", "prior_submission", "waived"),
        (NO_PROOF, G9, "no_record", "no_guardian_on_record", "paper_required"),
        (NO_PROOF, G10, "no_record", "no_guardian_on_record", "paper_required"),
        (NO_PROOF, G6, "undetermined", "needs_officer", "officer_check"),
        (proof("withdrawn"), G9, "undetermined", "needs_officer", "officer_check"),
        (finding("a", Status.TIMEOUT), G9, "undetermined", "timeout", "officer_check"),
        (finding("a", Status.TIMEOUT), G6, "undetermined", "needs_officer", "officer_check"),
        (finding("a", Status.TIMEOUT), G3, "confirmed", "parent_head", "waived"),
        (NO_PROOF, finding("r", Status.CONFIG_FAULT), "undetermined", "config_fault", "officer_check"),
        (None, G9, "undetermined", "not_requested", "officer_check"),
        (NO_PROOF, None, "undetermined", "not_requested", "officer_check"),
        (None, None, "undetermined", "not_requested", "officer_check"),
    ],
)
def test_guardianship_of_both_sources(
    archive: Finding | None, registry_: Finding | None, decision: str, reason: str, disposition: str
) -> None:
    judgement = guardian(archive, registry_)
    assert (judgement.decision, judgement.reason, judgement.disposition) == (decision, reason, disposition)
    assert judgement.sources == tuple(found for found in (archive, registry_) if found is not None)


@pytest.mark.parametrize(
    ("found", "decision", "disposition"),
    [
        (permit("valid", DAY), "confirmed", "waived"),
        (permit("lost", DAY), "contradicted", "paper_required"),
        (NO_PERMIT, "no_record", "paper_required"),
        (finding("residence_permit", Status.AMBIGUOUS), "undetermined", "officer_check"),
    ],
)
def test_residence(found: Finding, decision: str, disposition: str) -> None:
    judgement = one("residence_permit", {PERMIT: found})
    assert (judgement.decision, judgement.disposition) == (decision, disposition)


def test_the_policy_chooses_between_paper_and_officer() -> None:
    rule = RULES["residence_permit"]
    for fallback, other in product((Disposition.OFFICER_CHECK, Disposition.PAPER_REQUIRED), repeat=2):
        otherwise = rule.otherwise.model_copy(update={"contradicted": fallback, "no_record": other})
        rules = {"residence_permit": rule.model_copy(update={"otherwise": otherwise})}
        assert one("residence_permit", {PERMIT: permit("lost", DAY)}, rules=rules).disposition is fallback
        assert one("residence_permit", {PERMIT: NO_PERMIT}, rules=rules).disposition is other


def test_what_is_not_owed_is_not_judged() -> None:
    for reason in (Reason.NOT_A_MINOR, Reason.LOCAL_APPLICANT, Reason.OTHER_BASIS):
        judgement = one("residence_permit", {PERMIT: NO_PERMIT}, Owed(False, reason))
        assert judgement == Judgement("residence_permit", Decision.NOT_APPLICABLE, Disposition.NOT_APPLICABLE, reason)


def test_who_is_local_is_among_the_sources_of_what_hung_on_it() -> None:
    where = finding("household_registry", Status.ANSWERED, {"subject": {"hukou_region": "219901"}})
    judgement = one("residence_permit", {PERMIT: permit("valid", DAY), HUKOU: where}, Owed(True, None, where))
    assert judgement.sources == (where, permit("valid", DAY))
    local = one("residence_permit", {HUKOU: where}, Owed(False, Reason.LOCAL_APPLICANT, where))
    assert local.sources == (where,)


@pytest.mark.parametrize("found", [permit("lost", DAY), NO_PERMIT, finding("residence_permit", Status.TIMEOUT)])
def test_while_nobody_knows_who_is_local_only_a_confirmation_counts(found: Finding) -> None:
    where = finding("household_registry", Status.TIMEOUT)
    unknown = one("residence_permit", {PERMIT: found}, Owed(None, None, where))
    assert (unknown.decision, unknown.reason) == (Decision.UNDETERMINED, Reason.LOCALITY_UNKNOWN)
    assert unknown.disposition is Disposition.OFFICER_CHECK
    assert unknown.retry_after_seconds == 60
    assert unknown.sources == (where, found)
    known = one("residence_permit", {PERMIT: permit("valid", DAY)}, Owed(None, None, where))
    assert (known.decision, known.retry_after_seconds) == (Decision.CONFIRMED, None)


def test_a_guardian_who_was_not_named_cannot_be_asked_about() -> None:
    judgement = one("guardianship_proof", {}, asked=verification(None))
    assert (judgement.decision, judgement.reason) == (Decision.UNDETERMINED, Reason.GUARDIAN_NOT_NAMED)
    assert (judgement.sources, judgement.retry_after_seconds) == ((), None)
    assert judgement.disposition is Disposition.OFFICER_CHECK


@pytest.mark.parametrize(
    ("archive", "registry_", "seconds"),
    [
        ((Status.TIMEOUT, None), (Status.CONFIG_FAULT, None), 60),
        ((Status.UNREACHABLE, None), (Status.BUSY, 20), 20),
        ((Status.UNREACHABLE, 90), (Status.BUSY, 20), 90),
        ((Status.CLOSED_WINDOW, 3600), (Status.TIMEOUT, None), 3600),
        ((Status.CONFIG_FAULT, None), (Status.DRAINED, None), None),
        ((Status.BUSY, None), (Status.DRAINED, None), 60),
        ((Status.QUOTA_SPENT, 0), (Status.DRAINED, None), 0),
        ((Status.NO_RECORD, 500), (Status.BAD_REPLY, None), None),
        ((Status.NO_RECORD, 500), (Status.TIMEOUT, None), 60),
    ],
)
def test_when_to_ask_again(
    archive: tuple[Status, int | None], registry_: tuple[Status, int | None], seconds: int | None
) -> None:
    judgement = guardian(
        finding("a", archive[0], retry_after_seconds=archive[1]),
        finding("r", registry_[0], retry_after_seconds=registry_[1]),
    )
    assert judgement.decision is Decision.UNDETERMINED
    assert judgement.retry_after_seconds == seconds


def test_only_the_undetermined_are_asked_again() -> None:
    assert guardian(finding("a", Status.TIMEOUT, retry_after_seconds=9), G3).retry_after_seconds is None


def test_judgements_come_in_the_order_of_what_is_owed() -> None:
    owing = {"residence_permit": Owed(False, Reason.OTHER_BASIS), "guardianship_proof": Owed()}
    judgements = judge(RULES, verification(), owing, {ARCHIVE: proof(), REGISTRY: G3})
    assert [judgement.material for judgement in judgements] == ["residence_permit", "guardianship_proof"]


# --- silence is never a no, over every combination ---------------------------------------------------------------------

ANSWERS: dict[tuple[str, str], list[Finding]] = {
    ARCHIVE: [proof(), proof("withdrawn"), NO_PROOF],
    REGISTRY: [G3, G6, G9, G10, registry(None, None), finding("household_registry", Status.NO_RECORD)],
    PERMIT: [permit("valid", DAY), permit("valid", date(2018, 1, 1)), permit("lost", DAY), NO_PERMIT],
    INSURANCE: [
        found(*months("2017-04..2018-03")),
        found(*months("2018-03")),
        finding("social_insurance", Status.NO_RECORD, {"insured": None}),
    ],
}


def silent(key: tuple[str, str]) -> list[Finding]:
    """Faults, some with records that must not be believed."""
    return [replace(answer, status=status) for status in FAULTS for answer in ANSWERS[key][-2:]]


def any_finding(key: tuple[str, str]) -> st.SearchStrategy[Finding]:
    return st.sampled_from(ANSWERS[key]) | st.sampled_from(silent(key))


WHERE = st.sampled_from([finding("household_registry", status) for status in FAULTS])
OWING = st.just(Owed()) | st.builds(Owed, st.none(), st.none(), WHERE)


@given(any_finding(ARCHIVE), any_finding(REGISTRY), any_finding(PERMIT), any_finding(INSURANCE), OWING)
def test_no_fault_ever_speaks_against_anybody(
    archive: Finding, registry_: Finding, residence: Finding, insurance: Finding, owing: Owed
) -> None:
    findings = {ARCHIVE: archive, REGISTRY: registry_, PERMIT: residence, INSURANCE: insurance}
    for material in RULES:
        judgement = one(material, findings, owing)
        assert judgement.sources
        if not all(source.status.is_reply for source in judgement.sources):
            assert judgement.decision in (Decision.CONFIRMED, Decision.UNDETERMINED)
        if not any(source.status.is_reply for source in judgement.sources):
            assert judgement.decision is Decision.UNDETERMINED
        assert (judgement.decision is Decision.CONFIRMED) == (judgement.disposition is Disposition.WAIVED)
        if judgement.disposition is Disposition.PAPER_REQUIRED:
            assert judgement.decision in (Decision.CONTRADICTED, Decision.NO_RECORD)


@given(any_finding(ARCHIVE), any_finding(REGISTRY))
def test_no_guardian_on_record_needs_every_source_to_have_answered(archive: Finding, registry_: Finding) -> None:
    judgement = guardian(archive, registry_)
    if judgement.decision is Decision.NO_RECORD:
        assert archive == NO_PROOF
        assert registry_ in (G9, G10)
    assert judgement.decision is not Decision.CONTRADICTED


@pytest.mark.parametrize("status", FAULTS)
def test_every_fault_alone_gives_its_own_reason(status: Status) -> None:
    judgement = guardian(finding("a", status), finding("r", status))
    assert judgement.reason.value == status.value


# --- the policy beside its judges --------------------------------------------------------------------------------------


def test_the_kin_question_is_read_by_the_same_judge() -> None:
    tree: dict[str, Any] = POLICY.model_dump(by_alias=True, exclude_none=True)
    tree["materials"][0]["proven_by"][1]["question"] = "guardianship_with_kin"
    tree["materials"][0]["guardianship"]["direct_kin"] = "confirmed"
    file = PolicyFile.model_validate(tree)
    findings = {
        ARCHIVE: NO_PROOF,
        ("household_registry", "guardianship_with_kin"): registry(person(), person(), None, "51"),
    }
    judgement = one("guardianship_proof", findings, rules={rule.material: rule for rule in file.materials})
    assert judgement.reason is Reason.DIRECT_KIN
