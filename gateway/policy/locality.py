"""Is this applicant local? Only what the registry says of the hukou counts, never the identity number."""

from __future__ import annotations

from gateway.contract.policies import Locality, LocalityRule
from gateway.model import Finding, Grade, Status


def local_prefixes(rule: LocalityRule, unit_code: str) -> tuple[str, ...]:
    """The regions that are local for the operator's unit."""
    if rule.local_prefixes is not None:
        return tuple(rule.local_prefixes)
    return (unit_code[: rule.local_digits],)


def locality(rule: LocalityRule, finding: Finding | None, unit_code: str) -> Locality | None:
    """What the registry's finding says to the operator's unit; None when nobody could say."""
    if finding is None or not finding.status.is_reply:
        return None
    facts = finding.records.get(rule.step)
    if facts is None:
        return _of_nobody(rule, finding)
    region = facts.get(rule.fact)
    if not isinstance(region, str):
        return None
    return "local" if region.startswith(local_prefixes(rule, unit_code)) else "non_local"


def _of_nobody(rule: LocalityRule, finding: Finding) -> Locality | None:
    """An empty reply names nobody, so it counts only where the reply itself is bound to our question."""
    said_none = finding.status is Status.NO_RECORD or rule.step in finding.records
    return rule.when_no_record if said_none and finding.reply_grade is Grade.A else None
