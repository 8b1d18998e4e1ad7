"""What officers are still to look at, by consumer and unit. A row goes with the answer that settles it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.store.statements import flat, values


class Position(NamedTuple):
    """Where a check stands in its unit's list; the greater, the newer. `since` is milliseconds since 1970."""

    since: int
    verification_id: str
    material: str


class Check(NamedTuple):
    """One open check, and why the machine left it."""

    position: Position
    reason: str


@dataclass(frozen=True, slots=True)
class Left:
    """The checks that one revision of an answer leaves open: reasons by material. They stand instead of those before."""

    verification_id: str
    revision: int
    consumer: str
    unit_code: str
    at_ms: int
    open: Mapping[str, str]


def leave(connection: sqlite3.Connection, left: Sequence[Left]) -> None:
    """Writes them. A check that stays open keeps the time since when it is."""
    rows = []
    for each in left:
        since = _taken_out(connection, each.verification_id) if each.revision > 1 else {}
        rows += [
            (each.verification_id, name, each.consumer, each.unit_code, since.get(name, each.at_ms), reason)
            for name, reason in each.open.items()
        ]
    if rows:
        columns = "(verification_id, material, consumer, unit_code, since, reason)"
        connection.execute(f"INSERT INTO officer_check {columns} {values(6, len(rows))}", flat(rows))


def _taken_out(connection: sqlite3.Connection, verification_id: str) -> dict[str, int]:
    of = "FROM officer_check WHERE verification_id = ?"
    since = dict(connection.execute(f"SELECT material, since {of}", (verification_id,)))
    if since:
        connection.execute(f"DELETE {of}", (verification_id,))
    return since


def page(
    connection: sqlite3.Connection, consumer: str, unit_code: str, after: Position | None, limit: int
) -> list[Check]:
    """At most so many of this consumer's checks for this unit, oldest first; only newer ones than that position."""
    rows = connection.execute(
        "SELECT since, verification_id, material, reason FROM officer_check"
        " WHERE consumer = ? AND unit_code = ? AND (since, verification_id, material) > (?, ?, ?)"
        " ORDER BY since, verification_id, material LIMIT ?",
        (consumer, unit_code, *(after or (-1, "", "")), limit),
    )
    return [Check(Position(*row[:3]), row[3]) for row in rows]


def count(connection: sqlite3.Connection) -> dict[str, int]:
    """How many are open, by material."""
    return dict(connection.execute("SELECT material, COUNT(*) FROM officer_check GROUP BY material"))
