"""What is looked up in the ledger's rows, and the small write that proves that the disk takes writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from gateway.store.shards import SPAN


def open_intents(connection: sqlite3.Connection, shard: int, before_ms: int) -> list[tuple[str, str]]:
    """Intents without an outcome, each with its verification, asked before then (milliseconds since 1970)."""
    asked = "SELECT intent, verification_id FROM open_intent WHERE shard = ? AND asked < ? ORDER BY intent"
    return connection.execute(asked, (shard, before_ms)).fetchall()


def newest_answer(
    connection: sqlite3.Connection, verification_id: str, consumer: str
) -> tuple[bytes, str, bytes] | None:
    """Body, entry id and leaf hash of the newest revision that this consumer was given; None for anybody else."""
    row: tuple[bytes, str, bytes] | None = connection.execute(
        "SELECT answer.body, entry.entry_id, entry.leaf_hash"
        " FROM answer JOIN entry ON entry.place = answer.place"
        " WHERE answer.verification_id = ? AND answer.consumer = ?"
        " ORDER BY answer.revision DESC LIMIT 1",
        (verification_id, consumer),
    ).fetchone()
    return row


def newest_outcome(
    connection: sqlite3.Connection, verification_id: str, consumer: str
) -> tuple[int, int, bytes | None] | None:
    """Shard, number and body (None once pruned) of the entry that proves what `newest_answer` gives."""
    row = connection.execute(
        "SELECT entry.place, entry.body FROM answer JOIN entry ON entry.place = answer.place"
        " WHERE answer.verification_id = ? AND answer.consumer = ?"
        " ORDER BY answer.revision DESC LIMIT 1",
        (verification_id, consumer),
    ).fetchone()
    return None if row is None else (*divmod(row[0], SPAN), row[1])


def bodies(connection: sqlite3.Connection, entry_ids: Sequence[str]) -> dict[str, bytes | None]:
    """Of the entries with these ids, as far as there are; None once pruned. Those of one answer: a few dozen."""
    among = f"({', '.join('?' * len(entry_ids))})"
    return dict(connection.execute(f"SELECT entry_id, body FROM entry WHERE entry_id IN {among}", entry_ids))  # noqa: S608


def touch(connection: sqlite3.Connection) -> None:
    """Writes something that changes nothing: proves that the disk takes writes."""
    connection.execute("UPDATE migration SET number = number WHERE number = 1")
