"""Whether two channels of one authority say the same of one person: the facts in which they differ, by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from gateway.mapping import names
from gateway.model import Facts, Finding, Status

KIND: Final = "kind"
"""The fact of a row that says what the row is about."""

Row = Mapping[str, Any]
Window = tuple[date, date]
"""The first and the last day that both channels were asked about."""

_WHENEVER: Final = (date.min, date.max)


def divergence(a: Finding, b: Finding, window: Window = _WHENEVER) -> tuple[str, ...]:
    """The names, sorted, of the facts in which two channels that answered differ; none where one of them did not answer.

    Only facts that both give are compared (a finding holds what the policy names, and no more), names as `names` compares them;
    blank is not given. Of a table, the order and repeats of rows do not count, nor columns that one of them lacks or leaves
    blank in every row. Rows dated outside the window are left out, and so are rows of a kind that one channel names nowhere
    while it names others: there it was asked less, or knows less, and does not contradict.
    """
    if a.status is not Status.ANSWERED or b.status is not Status.ANSWERED:
        return ()
    found: set[str] = set()
    for step in a.records.keys() & b.records.keys():
        here, there = a.records[step], b.records[step]
        if here is not None and there is not None:
            found |= _differing(here, there, window)
    return tuple(sorted(found))


def agree(a: Any, b: Any) -> bool:
    """Whether two values of one fact say the same; text as names are compared, since systems write names differently."""
    if a == b:
        return True
    return isinstance(a, str) and isinstance(b, str) and names.compare(a, b).is_equal


def _differing(here: Facts, there: Facts, window: Window) -> set[str]:
    shared = here.keys() & there.keys()
    kinds = _shared_kinds(here, there)
    return {name for name in shared if not _same(here[name], there[name], kinds, window)}


def _same(here: Any, there: Any, kinds: frozenset[Any], window: Window) -> bool:
    if isinstance(here, list) and isinstance(there, list):
        columns = _columns(here) & _columns(there) if here and there else _columns(here) | _columns(there)
        return _rows(here, columns, kinds, window) == _rows(there, columns, kinds, window)
    return here is None or there is None or agree(here, there)


def _shared_kinds(here: Facts, there: Facts) -> frozenset[Any]:
    """The kinds that both speak of; all of them where one speaks of none, so that an empty table is no agreement."""
    ours, theirs = _kinds(here), _kinds(there)
    return ours & theirs if ours and theirs else ours | theirs


def _kinds(facts: Facts) -> frozenset[Any]:
    tables = (value for value in facts.values() if isinstance(value, list))
    return frozenset(row[KIND] for table in tables for row in table if KIND in row)


def _columns(rows: list[Row]) -> frozenset[str]:
    return frozenset(name for row in rows for name, value in row.items() if value is not None)


def _rows(rows: list[Row], columns: frozenset[str], kinds: frozenset[Any], window: Window) -> set[frozenset[Any]]:
    return {
        frozenset((name, value) for name, value in row.items() if name in columns)
        for row in rows
        if (KIND not in row or row[KIND] in kinds) and _is_within(row, window)
    }


def _is_within(row: Row, window: Window) -> bool:
    first, last = window
    return all(first <= value <= last for value in row.values() if type(value) is date)
