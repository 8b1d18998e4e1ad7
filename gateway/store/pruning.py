"""Takes the bodies of old entries out, a bite at a time: no question waits for it. Leaf hashes stay, so proofs hold.

A bite is written by whoever prunes, in any shard: it changes no tree, only bodies and the bound in the shard's row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.store.shards import SPAN

LOOKED_AT: Final = 2000
"""Entries whose age one reading looks at: some milliseconds of the writer's thread."""
BITE: Final = 250
"""Bodies that one transaction takes out."""


@dataclass(frozen=True, slots=True)
class Named:
    """What an entry's body names that goes with it: the verification that was answered, and people by pseudonym."""

    verification_id: str | None = None
    people: tuple[str, ...] = ()


def reach(connection: sqlite3.Connection, number: int, first: int, before: str) -> int:
    """Up to where from `first` on, at most LOOKED_AT further, all are older than that identifier and none is an open question.

    Identifiers begin with their time (UUID version 7), so that no table needs an index by time.
    """
    (size,) = connection.execute("SELECT size FROM shard WHERE number = ?", (number,)).fetchone()
    start, end = number * SPAN + first, number * SPAN + min(size, first + LOOKED_AT)
    (stop,) = connection.execute(
        "SELECT MIN(place) FROM entry WHERE place >= ? AND place < ?"
        " AND (entry_id >= ? OR entry_id IN (SELECT intent FROM open_intent))",
        (start, end, before),
    ).fetchone()
    return int(end if stop is None else stop) - number * SPAN


def take_out(
    connection: sqlite3.Connection, number: int, first: int, end: int, spared: str, named: Callable[[bytes], Named]
) -> int:
    """Takes the bodies from `first` to before `end`, and what they name; says how many. Those of the kind `spared` stay."""
    (usual,) = connection.execute("PRAGMA secure_delete").fetchone()
    connection.execute("PRAGMA secure_delete = ON")  # else the bytes stay in the file until something overwrites them
    try:
        return _take_out(connection, range(number * SPAN + first, number * SPAN + end), spared, named)
    finally:
        connection.execute(f"PRAGMA secure_delete = {int(usual)}")


def _take_out(connection: sqlite3.Connection, places: range, spared: str, named: Callable[[bytes], Named]) -> int:
    among = "place >= ? AND place < ? AND kind <> ? AND body IS NOT NULL"
    bounds = (places.start, places.stop, spared)
    rows = connection.execute(f"SELECT place, body FROM entry WHERE {among}", bounds).fetchall()  # noqa: S608 - a constant
    found = [(place, named(bytes(body))) for place, body in rows]
    # By the keys that the bodies name, because no table has an index by place.
    connection.executemany(
        "DELETE FROM answer WHERE verification_id = ? AND place = ?",
        [(each.verification_id, place) for place, each in found if each.verification_id is not None],
    )
    # With the first of its entries: no finding is taken once the question is pruned.
    named_ids = {(each.verification_id,) for _, each in found if each.verification_id is not None}
    connection.executemany("DELETE FROM officer_check WHERE verification_id = ?", sorted(named_ids))
    connection.executemany(
        "DELETE FROM about WHERE person = ? AND place = ?",
        [(person, place) for place, each in found for person in each.people],
    )
    connection.execute(f"UPDATE entry SET body = NULL WHERE {among}", bounds)  # noqa: S608 - a constant
    number, end = divmod(places.stop - 1, SPAN)
    connection.execute("UPDATE shard SET pruned = ? WHERE number = ? AND pruned <= ?", (end + 1, number, end))
    return len(rows)


def oldest(connection: sqlite3.Connection) -> list[str]:
    """The identifier of the first entry of each shard that was not pruned."""
    asked = "SELECT entry_id FROM shard JOIN entry ON place = shard.number * ? + pruned"
    return [entry_id for (entry_id,) in connection.execute(asked, (SPAN,))]
