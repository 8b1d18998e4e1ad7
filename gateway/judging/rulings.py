"""What one source says of one material, and how several sources are joined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.model import Decision, Finding, Reason


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision and why. Never `not_applicable`: that is settled before anything is judged."""

    decision: Decision
    reason: Reason


NEEDS_OFFICER: Final = Ruling(Decision.UNDETERMINED, Reason.NEEDS_OFFICER)
"""The record may stand in for the paper, but only a person can tell."""

_HIGHEST_FIRST = (Decision.CONFIRMED, Decision.UNDETERMINED, Decision.CONTRADICTED, Decision.NO_RECORD)
_DECISION_RANK = {decision: rank for rank, decision in enumerate(_HIGHEST_FIRST)}
_REASON_RANK = {reason: rank for rank, reason in enumerate(Reason)}


def merge(rulings: Iterable[Ruling]) -> Ruling:
    """The ruling of all sources together: confirmed > undetermined > contradicted > no_record (DESIGN section 4).

    Among equal decisions the reason that `Reason` lists first is given. Order and repeats do not matter.

    Raises:
        ValueError: there is no ruling to merge.
    """
    return min(rulings, key=lambda ruling: (_DECISION_RANK[ruling.decision], _REASON_RANK[ruling.reason]))


def silence(finding: Finding) -> Ruling | None:
    """The ruling of a finding that is no reply: undetermined, under its status's name. None for a reply."""
    return None if finding.status.is_reply else Ruling(Decision.UNDETERMINED, Reason(finding.status.value))
