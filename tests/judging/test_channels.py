"""One authority, several channels: together they rule as the merge says, unless they contradict each other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.policies import MaterialRule
from gateway.judging.rulings import Ruling, merge
from gateway.judging.verdicts import judge, ruling
from gateway.model import Decision, Disposition, Finding, Judgement, Reason, Status

from .builders import FAULTS, RULES, Owed
from .insured import applies, found, months

RULE, KEY = RULES["social_insurance_proof"], ("social_insurance", "insurance")
ENOUGH, SHORT = found(*months("2017-04..2018-03")), found(*months("2018-01..2018-03"))
GAP = found(*months("2017-01..2017-09 2017-11..2018-03"))
NONE = Finding("social_insurance", "share", Status.NO_RECORD, {"insured": None})
NOT_ASKED, SLOW = (Finding("social_insurance", "share", status) for status in (Status.NOT_REQUESTED, Status.TIMEOUT))
LATE = Finding("social_insurance", "share", Status.LATE)


def beside(first: Finding, *others: Finding, on: tuple[str, ...] = ()) -> Finding:
    return replace(first, others=tuple(replace(each, channel="query") for each in others), diverges_on=on)


def judged(finding: Finding, owing: Owed | None = None) -> Judgement:
    (judgement,) = judge(RULES, applies(), {RULE.material: owing or Owed()}, {KEY: finding})
    return judgement


@pytest.mark.parametrize(
    ("first", "other", "decision", "reason"),
    [
        (ENOUGH, NOT_ASKED, "confirmed", "insurance_continuous"),
        (SHORT, NOT_ASKED, "undetermined", "not_requested"),
        (NONE, NOT_ASKED, "undetermined", "not_requested"),
        (SLOW, NOT_ASKED, "undetermined", "timeout"),
        (NOT_ASKED, ENOUGH, "confirmed", "insurance_continuous"),
        (NOT_ASKED, NOT_ASKED, "undetermined", "not_requested"),
        (ENOUGH, SLOW, "confirmed", "insurance_continuous"),
        (ENOUGH, LATE, "confirmed", "insurance_continuous"),
        (SLOW, ENOUGH, "confirmed", "insurance_continuous"),
        (SHORT, SLOW, "undetermined", "timeout"),  # the silent one might have confirmed
        (SHORT, LATE, "undetermined", "late"),
        (NONE, SLOW, "undetermined", "timeout"),
        (NONE, SHORT, "contradicted", "insurance_too_short"),
        (ENOUGH, NONE, "confirmed", "insurance_continuous"),
        (ENOUGH, ENOUGH, "confirmed", "insurance_continuous"),
    ],
)
def test_two_channels_without_a_divergence(first: Finding, other: Finding, decision: str, reason: str) -> None:
    judgement = judged(beside(first, other))
    assert (judgement.decision, judgement.reason) == (decision, reason)


@pytest.mark.parametrize(
    ("first", "other", "reason"),
    [
        (ENOUGH, SHORT, "channels_diverge"),
        (SHORT, ENOUGH, "channels_diverge"),
        (ENOUGH, NONE, "channels_diverge"),
        (SHORT, GAP, "channels_diverge"),  # both say no, but not the same no
        (ENOUGH, found(*months("2017-01..2018-03")), "insurance_continuous"),
        (GAP, found(*months("2016-12..2017-09 2017-11..2018-03")), "insurance_gap"),
    ],
)
def test_channels_that_diverge_only_count_where_they_mean_the_same(first: Finding, other: Finding, reason: str) -> None:
    judgement = judged(beside(first, other, on=("months",)))
    assert judgement.reason == reason
    if reason == "channels_diverge":
        assert (judgement.decision, judgement.disposition) == (Decision.UNDETERMINED, Disposition.OFFICER_CHECK)
        assert judgement.retry_after_seconds is None


def test_every_channel_is_a_source() -> None:
    finding = beside(ENOUGH, SLOW, NOT_ASKED)
    where = replace(finding, authority="household_registry")
    judgement = judged(finding, Owed(True, None, where))
    assert judgement.sources == (where, *where.others, finding, *finding.others)
    exempt = judged(finding, Owed(False, Reason.LOCAL_APPLICANT, where))
    assert exempt.sources == (where, *where.others)


def test_the_counter_asks_again_when_the_silent_channel_may_speak() -> None:
    assert judged(beside(SHORT, replace(SLOW, retry_after_seconds=30))).retry_after_seconds == 30
    assert judged(beside(SHORT, NOT_ASKED)).retry_after_seconds is None


def test_the_policy_says_what_the_counter_does() -> None:
    assert judged(ENOUGH).disposition is Disposition.WAIVED
    assert judged(SHORT).disposition is Disposition.OFFICER_CHECK
    assert judged(NONE).disposition is Disposition.PAPER_REQUIRED


def under(option: str) -> MaterialRule:
    """The rule under a policy that takes a divergence so. It prefers `share`, whichever channel the finding begins with."""
    (proof,) = RULE.proven_by
    assert proof.join is not None
    join = proof.join.model_copy(update={"on_divergence": option, "channels": ["share", "query"]})
    return RULE.model_copy(update={"proven_by": [proof.model_copy(update={"join": join})]})


@pytest.mark.parametrize(
    ("share", "query", "officer", "first", "best"),
    [
        (ENOUGH, SHORT, "channels_diverge", "insurance_continuous", "insurance_continuous"),
        (SHORT, ENOUGH, "channels_diverge", "insurance_too_short", "insurance_continuous"),
        (SHORT, GAP, "channels_diverge", "insurance_too_short", "insurance_too_short"),
        (GAP, SHORT, "channels_diverge", "insurance_gap", "insurance_too_short"),
    ],
)
def test_the_policy_says_what_a_divergence_means(
    share: Finding, query: Finding, officer: str, first: str, best: str
) -> None:
    for finding in (beside(share, query, on=("months",)), _turned(beside(share, query, on=("months",)))):
        said = {each: ruling(under(each), "insurance", finding, applies()).reason for each in OPTIONS}
        assert said == {"officer": officer, "first": first, "best": best}
    for option in OPTIONS:  # where nothing diverges it changes nothing
        assert ruling(under(option), "insurance", beside(share, query), applies()) == ruling(
            RULE, "insurance", beside(share, query), applies()
        )


def _turned(finding: Finding) -> Finding:
    """The same with the other channel in front: which one that is says nothing about preference."""
    (other,) = finding.others
    return replace(other, others=(replace(finding, others=(), diverges_on=()),), diverges_on=finding.diverges_on)


OPTIONS = ("officer", "first", "best")
SILENT = st.builds(lambda status: Finding("social_insurance", "share", status), st.sampled_from(FAULTS))
ANY = st.sampled_from([ENOUGH, SHORT, GAP, NONE]) | SILENT


@given(ANY, ANY, st.booleans())
def test_together_they_never_say_more_than_one_of_them(first: Finding, other: Finding, diverge: bool) -> None:
    alone = [ruling(RULE, "insurance", each, applies()) for each in (first, other)]
    both = ruling(RULE, "insurance", beside(first, other, on=("months",) if diverge else ()), applies())
    assert both in (*alone, Ruling(Decision.UNDETERMINED, Reason.CHANNELS_DIVERGE))
    asked = [each for each in (first, other) if each.status is not Status.NOT_REQUESTED]
    if any(not each.status.is_reply for each in asked):
        assert both.decision in (Decision.CONFIRMED, Decision.UNDETERMINED)
    if not diverge and len(asked) == 2:
        assert both == merge(alone)


@given(st.lists(ANY, min_size=2, max_size=4), st.sampled_from(OPTIONS), st.data())
def test_no_meaning_of_a_divergence_turns_silence_into_a_no(
    said: list[Finding], option: str, data: st.DataObject
) -> None:
    names = [f"c{at}" for at in range(len(said))]
    first, *others = [replace(each, channel=name) for each, name in zip(said, names, strict=True)]
    rule = under(option)
    join = rule.proven_by[0].join
    assert join is not None
    join.channels[:] = data.draw(st.permutations(names))
    together = ruling(rule, "insurance", replace(first, others=tuple(others), diverges_on=("months",)), applies())
    if any(not each.status.is_reply for each in said):
        assert together.decision in (Decision.CONFIRMED, Decision.UNDETERMINED)
    alone = [ruling(RULE, "insurance", each, applies()) for each in said]
    assert together in (*alone, Ruling(Decision.UNDETERMINED, Reason.CHANNELS_DIVERGE))
