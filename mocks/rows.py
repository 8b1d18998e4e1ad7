"""From what the cast says of somebody's insurance to rows in the authority's words: the mapping, read backwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.contract.authority import FactRule, OperationMapping, RowsRule
from gateway.contract.authority import Mapping as MappingFile
from gateway.contract.insured import Insured, Row


class Unwritable(Exception):
    """The mapping has no word for what the cast says. The text names facts and tables, never a value."""


def written(
    mapping: MappingFile,
    operation: str,
    insured: Insured | None,
    more: Mapping[str, Mapping[str, str]],
    **narrowed: Any,
) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    """For each table of the operation its place in the record and its rows, `more` under each.

    Raises:
        Unwritable: a fact, or a word of the cast, that the mapping does not know.
    """
    tables = insured.tables(**narrowed) if insured is not None else {}
    for name, rule in mapping.operations[operation].rows.items():
        known: list[Row] = tables.get(name, [])
        yield rule.path, [_row(mapping, rule, row) | dict(more.get(name, {})) for row in known]


def year_asked(mapping: OperationMapping) -> str | None:
    """The place in a request where the walk's year stands."""
    return next((path for path, rule in mapping.request.items() if rule.source == "walk.year"), None)


def _row(mapping: MappingFile, rule: RowsRule, row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for fact, how in rule.facts.items():
        if fact not in row:
            raise Unwritable(f"the cast says nothing of the fact {fact!r}")
        value = row[fact]
        if value is not None:
            found[how.path.removeprefix("/")] = _word(mapping, how, value)
    return found


def _word(mapping: MappingFile, how: FactRule, value: str) -> str:
    if how.table is None:
        return value.replace("-", "") if how.convert == "month_compact" else value
    table = mapping.tables[how.table]
    if value in table:  # the authority's own code
        return value
    word = next((code for code, meaning in table.items() if meaning == value), None)
    if word is None:
        raise Unwritable(f"the table {how.table!r} has no code for a word of the cast")
    return word
