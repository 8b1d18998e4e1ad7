"""An officer's finding on top: what it means, whom it may overrule, and that no newer machine judgement takes it away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.judging import may_overrule, overruled
from gateway.model import Decision, Disposition, Judgement, ManualFinding, Reason, Ruled, Seen, Status
from tests.judging.builders import RULES, finding

MATERIAL = "residence_permit"
FOUND = ManualFinding("m-1", "ab" * 32, "e1:00", Seen.RECORD_CONFIRMS, "paper", 1_525_219_200.0, "cd" * 32)
SOURCES = (finding("residence_permit", Status.TIMEOUT),)
SILENT = Judgement(MATERIAL, Decision.UNDETERMINED, Disposition.OFFICER_CHECK, Reason.TIMEOUT, SOURCES, 60)
GONE = Judgement(MATERIAL, Decision.NOT_APPLICABLE, Disposition.NOT_APPLICABLE, Reason.LOCAL_APPLICANT)

MACHINE = st.builds(
    Judgement,
    st.just(MATERIAL),
    st.sampled_from([each for each in Decision if each is not Decision.NOT_APPLICABLE]),
    st.sampled_from(Disposition),
    st.sampled_from([each for each in Reason if not each.startswith("officer_")]),
    st.just(SOURCES),
    st.none() | st.integers(1, 3600),
)
FOUNDS = st.builds(replace, st.just(FOUND), entry_id=st.sampled_from(["m-1", "m-2"]), seen=st.sampled_from(Seen))


@pytest.mark.parametrize(
    ("seen", "decision", "disposition", "reason"),
    [
        (Seen.RECORD_CONFIRMS, Decision.CONFIRMED, Disposition.WAIVED, Reason.OFFICER_CONFIRMED),
        (Seen.RECORD_CONTRADICTS, Decision.CONTRADICTED, Disposition.PAPER_REQUIRED, Reason.OFFICER_CONTRADICTED),
        (Seen.NO_RECORD_FOUND, Decision.NO_RECORD, Disposition.PAPER_REQUIRED, Reason.OFFICER_NO_RECORD),
    ],
)
def test_what_was_seen_decides(seen: Seen, decision: Decision, disposition: Disposition, reason: Reason) -> None:
    found = replace(FOUND, seen=seen)
    (judged,) = overruled([SILENT], {MATERIAL: found})
    assert (judged.decision, judged.disposition, judged.reason) == (decision, disposition, reason)
    assert judged.retry_after_seconds is None
    assert judged.sources == SOURCES
    assert judged.overruling is not None
    assert judged.overruling.machine == Ruled(Decision.UNDETERMINED, Reason.TIMEOUT)
    assert judged.overruling.finding == found


@given(before=MACHINE, after=MACHINE, found=FOUNDS)
def test_no_newer_machine_judgement_takes_it_away(before: Judgement, after: Judgement, found: ManualFinding) -> None:
    (first,) = overruled([before], {MATERIAL: found})
    (late,) = overruled([after], {MATERIAL: found})
    assert (late.decision, late.disposition, late.reason) == (first.decision, first.disposition, first.reason)
    assert late.overruling is not None
    assert late.overruling.machine == Ruled(after.decision, after.reason)
    assert overruled([late], {MATERIAL: found}) == (late,)


@given(machine=MACHINE, first=FOUNDS, second=FOUNDS)
def test_a_second_officer_replaces_the_first_and_not_the_machine(
    machine: Judgement, first: ManualFinding, second: ManualFinding
) -> None:
    (once,) = overruled([machine], {MATERIAL: first})
    assert overruled([once], {MATERIAL: second}) == overruled([machine], {MATERIAL: second})


def test_what_was_never_owed_stays_so_and_shows_the_finding() -> None:
    (judged,) = overruled([GONE], {MATERIAL: FOUND})
    assert replace(judged, overruling=None) == GONE
    assert judged.overruling is not None
    assert judged.overruling.finding == FOUND


def test_what_no_officer_spoke_about_is_left_alone() -> None:
    assert overruled([SILENT], {"guardianship_proof": FOUND}) == (SILENT,)


@pytest.mark.parametrize("decision", list(Decision))
def test_the_policy_says_what_may_be_overruled(decision: Decision) -> None:
    rule = RULES["residence_permit"]
    judgement = replace(SILENT, decision=decision)
    assert may_overrule(judgement, rule) is (decision is Decision.UNDETERMINED)
    anything = rule.model_copy(
        update={"officer_may": [each for each in Decision if each is not Decision.NOT_APPLICABLE]}
    )
    assert may_overrule(judgement, anything) is (decision is not Decision.NOT_APPLICABLE)


def test_a_correction_is_held_against_the_machines_decision() -> None:
    (judged,) = overruled([SILENT], {MATERIAL: FOUND})
    assert judged.decision is Decision.CONFIRMED
    assert may_overrule(judged, RULES["residence_permit"])
