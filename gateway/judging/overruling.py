"""An officer's finding stands above what the machine made of its own; both stay visible.

An officer's judgement is one whose `overruling` is set: it holds the finding and the machine's ruling below it. Everything
else of the judgement that came from machines (`sources`) is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from gateway.contract.policies import MaterialRule
from gateway.model import Decision, Disposition, Judgement, ManualFinding, Overruling, Reason, Ruled, Seen

_MEANS: Final[Mapping[Seen, tuple[Decision, Disposition, Reason]]] = {
    Seen.RECORD_CONFIRMS: (Decision.CONFIRMED, Disposition.WAIVED, Reason.OFFICER_CONFIRMED),
    Seen.RECORD_CONTRADICTS: (Decision.CONTRADICTED, Disposition.PAPER_REQUIRED, Reason.OFFICER_CONTRADICTED),
    Seen.NO_RECORD_FOUND: (Decision.NO_RECORD, Disposition.PAPER_REQUIRED, Reason.OFFICER_NO_RECORD),
}
"""A "no" asks for the paper even where the policy sends the machine's "no" to an officer: one has looked."""


def may_overrule(judgement: Judgement, rule: MaterialRule) -> bool:
    """Whether the policy lets an officer speak on this. What counts is the machine's decision: a second officer may correct
    the first on the same terms."""
    return _machine(judgement).decision in rule.officer_may


def overruled(judgements: Iterable[Judgement], findings: Mapping[str, ManualFinding]) -> tuple[Judgement, ...]:
    """The judgements, with each officer's finding on top of its own. The machine's may be newer than it.

    `findings` by material, as `Ledger.officers.standing` gives what was found so far.
    What the machine finds never to have been owed stays `not_applicable`, with the officer's finding beside it.
    """
    return tuple(
        judgement if judgement.material not in findings else _overruled(judgement, findings[judgement.material])
        for judgement in judgements
    )


def _overruled(judgement: Judgement, finding: ManualFinding) -> Judgement:
    machine = _machine(judgement)
    overruling = Overruling(finding, machine)
    if machine.decision is Decision.NOT_APPLICABLE:
        return replace(judgement, overruling=overruling)
    decision, disposition, reason = _MEANS[finding.seen]
    return replace(
        judgement,
        decision=decision,
        disposition=disposition,
        reason=reason,
        retry_after_seconds=None,
        overruling=overruling,
    )


def _machine(judgement: Judgement) -> Ruled:
    overruling = judgement.overruling
    return Ruled(judgement.decision, judgement.reason) if overruling is None else overruling.machine
