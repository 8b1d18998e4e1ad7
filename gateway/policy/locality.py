"""Is this applicant local? Only what the registry says of the hukou counts, never the identity number."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.contract.policies import Locality, LocalityRule
from gateway.model import Finding, Status


def locality(rule: LocalityRule, finding: Finding | None) -> Locality | None:
    """What the registry's finding says; None when nobody could say."""
    if finding is None or not finding.status.is_reply:
        return None
    if finding.status is Status.NO_RECORD:
        return rule.when_no_record
    return _of_records(rule, finding.records)


def _of_records(rule: LocalityRule, records: Mapping[str, Mapping[str, object] | None]) -> Locality | None:
    if rule.step not in records:
        return None
    facts = records[rule.step]
    if facts is None:
        return rule.when_no_record
    region = facts.get(rule.fact)
    if not isinstance(region, str):
        return None
    return "local" if region.startswith(tuple(rule.local_prefixes)) else "non_local"
