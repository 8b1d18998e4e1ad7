"""Conditions on a record, held against the mappings that read it: what cannot be met by any reply would be a wrong "no"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.contract.authority import FactRule, OperationMapping
from gateway.contract.policies import RecordCondition, RecordParameters
from gateway.contract.words import unknown

Found = tuple[tuple[str | int, ...], str]
_DAYS = ("date", "date_compact")


def condition_problems(
    rules: RecordParameters,
    channels: Mapping[str, Mapping[str, OperationMapping]],
    tables: Mapping[str, Mapping[str, str]],
) -> Iterator[Found]:
    """By place: words that no reply can give, and days that are none. Unknown facts are found elsewhere."""
    mapped = [mapping for steps in channels.values() for mapping in steps.values()]
    for at, condition in enumerate(rules.holds):
        for rule in filter(None, (_rule(mapping, condition.fact) for mapping in mapped)):
            yield from (((at, *pointer), text) for pointer, text in _of(condition, rule, tables))


def _rule(mapping: OperationMapping, fact: str) -> FactRule | None:
    rows, _, name = fact.rpartition("/")
    if not rows:
        return mapping.facts.get(name)
    table = mapping.rows.get(rows)
    return table.facts.get(name) if table is not None else None


def _of(condition: RecordCondition, rule: FactRule, tables: Mapping[str, Mapping[str, str]]) -> Iterator[Found]:
    if condition.any_of is None:
        if rule.convert not in _DAYS:
            yield ("fact",), f"is no day: the mapping reads it as {rule.convert!r}"
    elif rule.table is not None and rule.table in tables:
        known = set(tables[rule.table].values())
        for at, word in enumerate(condition.any_of):
            if word not in known:
                yield ("any_of", at), f"the table {rule.table!r}: {unknown('word', word, known)}"
    elif rule.convert in _DAYS:
        yield ("any_of",), "is a day: compare it with 'not_before' or 'not_after'"
    if condition.missing == "holds" and not rule.optional:
        yield ("missing",), "the mapping does not let this fact be empty: an empty one is a bad reply"
