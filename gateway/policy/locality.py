"""Is this applicant local? Only what the registry says of the hukou counts, never the identity number."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.contract.policies import Locality, LocalityRule
from gateway.model import Finding, Status


def local_prefixes(rule: LocalityRule, unit_code: str) -> tuple[str, ...]:
    """The regions that are local for the operator's unit."""
    if rule.local_prefixes is not None:
        return tuple(rule.local_prefixes)
    return (unit_code[: rule.local_digits],)


def locality(rule: LocalityRule, finding: Finding | None, unit_code: str) -> Locality | None:
    """What the registry's finding says to the operator's unit; None when nobody could say."""
    if finding is None or not finding.status.is_reply:
        return None
    if finding.status is Status.NO_RECORD:
        return rule.when_no_record
    return _of_records(rule, finding.records, local_prefixes(rule, unit_code))


def _of_records(
    rule: LocalityRule, records: Mapping[str, Mapping[str, object] | None], prefixes: tuple[str, ...]
) -> Locality | None:
    if rule.step not in records:
        return None
    facts = records[rule.step]
    if facts is None:
        return rule.when_no_record
    region = facts.get(rule.fact)
    if not isinstance(region, str):
        return None
    return "local" if region.startswith(prefixes) else "non_local"
