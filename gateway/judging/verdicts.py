"""From findings to judgements: per material the judge that its questions name, the merge, and what the counter does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from gateway.contract.policies import Join, MaterialRule
from gateway.judging import guardianship, insurance, record, residence
from gateway.judging.rulings import Ruling, merge
from gateway.model import Decision, Disposition, Finding, Judgement, Reason, Status, Verification

Findings = Mapping[tuple[str, str], Finding]
"""By authority and question."""


class Owing(Protocol):
    """What the policy says of one material before it is judged (`gateway.policy.Owing`)."""

    @property
    def owed(self) -> bool | None: ...
    @property
    def reason(self) -> Reason | None: ...
    @property
    def decided_by(self) -> Finding | None: ...


Judge = Callable[[Finding, Verification, MaterialRule], Ruling]


def _residence(finding: Finding, verification: Verification, rule: MaterialRule) -> Ruling:
    return residence.rule(finding, verification.application_date)


def _insurance(finding: Finding, verification: Verification, rule: MaterialRule) -> Ruling:
    assert rule.insurance is not None
    return insurance.rule(finding, verification, rule.insurance)


def _archive(finding: Finding, verification: Verification, rule: MaterialRule) -> Ruling:
    return guardianship.rule_archive(finding, verification)


def _registry(finding: Finding, verification: Verification, rule: MaterialRule) -> Ruling:
    assert rule.guardianship is not None
    return guardianship.rule_registry(finding, verification, rule.guardianship)


def _record(finding: Finding, verification: Verification, rule: MaterialRule) -> Ruling:
    assert rule.record is not None
    return record.rule(finding, verification.application_date, rule.record)


_RESIDENCE: Final[Mapping[str, Judge]] = {"residence": _residence}
_INSURANCE: Final[Mapping[str, Judge]] = {"insurance": _insurance}
_GUARDIANSHIP: Final[Mapping[str, Judge]] = {
    "prior_proof": _archive,
    "guardianship": _registry,
    "guardianship_with_kin": _registry,
}

_NOT_ASKED: Final = Ruling(Decision.UNDETERMINED, Reason.NOT_REQUESTED)
_NO_GUARDIAN_NAMED: Final = Ruling(Decision.UNDETERMINED, Reason.GUARDIAN_NOT_NAMED)
_DIVERGE: Final = Ruling(Decision.UNDETERMINED, Reason.CHANNELS_DIVERGE)
_WHERE_UNKNOWN: Final = Ruling(Decision.UNDETERMINED, Reason.LOCALITY_UNKNOWN)

_RETRYABLE: Final = frozenset({Status.UNREACHABLE, Status.TIMEOUT, Status.BUSY})
_RETRY_SECONDS: Final = 60
"""When a passing fault comes without a hint of its own."""


def judge(
    rules: Mapping[str, MaterialRule], verification: Verification, owing: Mapping[str, Owing], findings: Findings
) -> tuple[Judgement, ...]:
    """One judgement for each material of `owing`, in its order. `rules` are the policy's, by material.

    Needs a policy in which `problems` finds nothing.
    """
    return tuple(_material(rules[name], verification, owed, findings) for name, owed in owing.items())


def _material(rule: MaterialRule, verification: Verification, owing: Owing, findings: Findings) -> Judgement:
    sources: tuple[Finding, ...] = () if owing.decided_by is None else _channels(owing.decided_by)
    if owing.owed is False:
        reason = owing.reason or Reason.OTHER_BASIS
        return Judgement(rule.material, Decision.NOT_APPLICABLE, Disposition.NOT_APPLICABLE, reason, sources)
    if rule.guardianship is not None and verification.guardian is None:
        ruling = _NO_GUARDIAN_NAMED
    else:
        ruling = merge(_rulings(rule, verification, findings))
        keys = [(proof.authority, proof.question) for proof in rule.proven_by]
        sources += tuple(channel for key in keys if key in findings for channel in _channels(findings[key]))
    if owing.owed is None and ruling.decision is not Decision.CONFIRMED:
        # A local owes nothing, so neither "no" may be held against somebody who may be one.
        ruling = _WHERE_UNKNOWN
    retry = _retry_after(sources) if ruling.decision is Decision.UNDETERMINED else None
    return Judgement(rule.material, ruling.decision, _disposition(ruling, rule), ruling.reason, sources, retry)


def _rulings(rule: MaterialRule, verification: Verification, findings: Findings) -> list[Ruling]:
    rulings: list[Ruling] = []
    for proof in rule.proven_by:
        finding = findings.get((proof.authority, proof.question))
        rulings.append(_NOT_ASKED if finding is None else ruling(rule, proof.question, finding, verification))
    return rulings


def ruling(rule: MaterialRule, question: str, finding: Finding, verification: Verification) -> Ruling:
    """What one authority says of one material, on all of its channels together.

    A channel that was not asked, or not in time, might have confirmed: beside it no other channel's "no" stands. (One that
    a race spared changes nothing: the confirmed one stands above it.) Where channels disagree in facts, and their answers
    then mean different things, the policy's join says whose counts; usually nobody's: an officer looks, for neither is the
    truer one.
    """
    judge_ = judges_of(rule)[question]
    rulings = [(each, judge_(each, verification, rule)) for each in _channels(finding)]
    replies = {ruled for each, ruled in rulings if each.status.is_reply}
    join = _join(rule, finding.authority, question)
    if finding.diverges_on and len(replies) > 1:
        if join is None or join.on_divergence == "officer":
            return _DIVERGE
        if join.on_divergence == "first":
            rulings = _first_of(rulings, join.channels)
    return merge(ruled for _, ruled in rulings)


def _first_of(rulings: list[tuple[Finding, Ruling]], order: list[str]) -> list[tuple[Finding, Ruling]]:
    """Of the channels that answered only the first; those that did not may still be silent, and silence is never a no."""
    answered = [each.channel for each, _ in rulings if each.status is Status.ANSWERED]
    first = min(answered, key=order.index)
    return [(each, ruled) for each, ruled in rulings if each.channel == first or each.channel not in answered]


def _join(rule: MaterialRule, authority: str, question: str) -> Join | None:
    proofs = (proof for proof in rule.proven_by if (proof.authority, proof.question) == (authority, question))
    return next((proof.join for proof in proofs), None)


def _channels(finding: Finding) -> tuple[Finding, ...]:
    """What an authority said on each of its channels, the one that spoke first."""
    return (finding, *finding.others)


def judges_of(rule: MaterialRule) -> Mapping[str, Judge]:
    """The judges that may read this material's proofs, by question."""
    if rule.guardianship is not None:
        return _GUARDIANSHIP
    if rule.record is not None:
        return dict.fromkeys((proof.question for proof in rule.proven_by), _record)
    return _INSURANCE if rule.insurance is not None else _RESIDENCE


def _disposition(ruling: Ruling, rule: MaterialRule) -> Disposition:
    if ruling.decision is Decision.CONFIRMED:
        return Disposition.WAIVED
    if ruling.decision is Decision.CONTRADICTED:
        return rule.otherwise.contradicted
    return rule.otherwise.no_record if ruling.decision is Decision.NO_RECORD else Disposition.OFFICER_CHECK


def _retry_after(sources: tuple[Finding, ...]) -> int | None:
    """Seconds until asking again may help, or None when time alone will not."""
    silent = [source for source in sources if not source.status.is_reply]
    hints = [source.retry_after_seconds for source in silent if source.retry_after_seconds is not None]
    if hints:
        return max(hints)
    return _RETRY_SECONDS if any(source.status in _RETRYABLE for source in silent) else None
