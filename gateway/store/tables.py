"""The rows, and the SQL that adds and finds them. Portable: no ON CONFLICT, no RETURNING, no AUTOINCREMENT.

Everything here runs on the writer thread, inside a transaction that the caller opened and commits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from gateway import errors

SKEW_SECONDS = 5
"""A signature is taken for this long after it expires (DESIGN section 9), so its nonce is remembered as long."""


class AlreadyThere(errors.GatewayError):
    """A row with this key exists (an entry id, or a revision of an answer): nothing was written."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A nonce to be used once. `expires` and `claimed_at` are Unix seconds."""

    keyid: str
    nonce: str
    expires: int
    claimed_at: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One leaf of the ledger: `leaf_hash` are the 32 bytes of RFC 6962 over `body`."""

    entry_id: str
    kind: str
    body: bytes
    leaf_hash: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """The exact bytes a consumer was answered with. Its proof is the entry that it is added with."""

    verification_id: str
    revision: int
    consumer: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Addition:
    """What is added together or not at all. An answer needs its entry."""

    claim: Claim | None = None
    entry: Entry | None = None
    answer: Answer | None = None


def add(connection: sqlite3.Connection, additions: Sequence[Addition]) -> list[bool]:
    """Adds all but those whose nonce was used before, in their order; says for each whether it was added.

    Replays are found before anything is written, so a refusal leaves nothing to undo and needs no savepoint. Raises
    sqlite3.IntegrityError where another key exists already: the transaction must then be rolled back.
    """
    fresh = _fresh(connection, [addition.claim for addition in additions])
    kept = [addition for addition, is_fresh in zip(additions, fresh, strict=True) if is_fresh]
    _insert_nonces(connection, [addition.claim for addition in kept if addition.claim])
    with_entry = [addition for addition in kept if addition.entry]
    if with_entry:
        first = _next_seq(connection)
        _insert_entries(connection, first, with_entry)
        _insert_answers(connection, first, with_entry)
    return fresh


def _fresh(connection: sqlite3.Connection, claims: Sequence[Claim | None]) -> list[bool]:
    keys = [(claim.keyid, claim.nonce) if claim else None for claim in claims]
    asked = [key for key in keys if key]
    if not asked:
        return [True] * len(keys)
    found = (
        f"WITH asked (keyid, nonce) AS ({_values(2, len(asked))})"  # noqa: S608 - question marks only
        " SELECT nonce.keyid, nonce.nonce FROM asked CROSS JOIN nonce"  # this order: one look-up for each asked
        " WHERE nonce.keyid = asked.keyid AND nonce.nonce = asked.nonce"
    )
    used = set(connection.execute(found, _flat(asked)))
    fresh = []
    for key in keys:
        fresh.append(key not in used)
        if key:
            used.add(key)  # the second of two equal claims in one batch is a replay, too
    return fresh


def _insert_nonces(connection: sqlite3.Connection, claims: Sequence[Claim]) -> None:
    if claims:
        rows = [(claim.keyid, claim.nonce, claim.expires) for claim in claims]
        connection.execute(f"INSERT INTO nonce (keyid, nonce, expires) {_values(3, len(rows))}", _flat(rows))


def _next_seq(connection: sqlite3.Connection) -> int:
    # Read inside the write transaction: right after a failed batch, and with a second process on the same file.
    row = connection.execute("SELECT MAX(seq) FROM entry").fetchone()
    return 0 if row[0] is None else int(row[0]) + 1


def _insert_entries(connection: sqlite3.Connection, first: int, additions: Sequence[Addition]) -> None:
    rows = [
        (seq, entry.entry_id, entry.kind, entry.body, entry.leaf_hash)
        for seq, addition in enumerate(additions, first)
        if (entry := addition.entry)
    ]
    connection.execute(f"INSERT INTO entry (seq, entry_id, kind, body, leaf_hash) {_values(5, len(rows))}", _flat(rows))


def _insert_answers(connection: sqlite3.Connection, first: int, additions: Sequence[Addition]) -> None:
    rows = [
        (answer.verification_id, answer.revision, answer.consumer, answer.body, seq)
        for seq, addition in enumerate(additions, first)
        if (answer := addition.answer)
    ]
    if rows:
        connection.execute(
            f"INSERT INTO answer (verification_id, revision, consumer, body, entry_seq) {_values(5, len(rows))}",
            _flat(rows),
        )


def forget_nonces(connection: sqlite3.Connection, now: float, limit: int) -> None:
    """Deletes at most `limit` nonces that no signature check would let through any more. `now` is Unix seconds."""
    connection.execute(
        "DELETE FROM nonce WHERE (keyid, nonce) IN"
        " (SELECT keyid, nonce FROM nonce WHERE expires < ? ORDER BY expires LIMIT ?)",
        (int(now) - SKEW_SECONDS, limit),
    )


def newest_answer(
    connection: sqlite3.Connection, verification_id: str, consumer: str
) -> tuple[bytes, str, bytes] | None:
    """Body, entry id and leaf hash of the newest revision that this consumer was given; None for anybody else."""
    row: tuple[bytes, str, bytes] | None = connection.execute(
        "SELECT answer.body, entry.entry_id, entry.leaf_hash"
        " FROM answer JOIN entry ON entry.seq = answer.entry_seq"
        " WHERE answer.verification_id = ? AND answer.consumer = ?"
        " ORDER BY answer.revision DESC LIMIT 1",
        (verification_id, consumer),
    ).fetchone()
    return row


def touch(connection: sqlite3.Connection) -> None:
    """Writes something that changes nothing: proves that the disk takes writes."""
    connection.execute("UPDATE migration SET number = number WHERE number = 1")


@cache
def _values(columns: int, rows: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return f"VALUES {', '.join([row] * rows)}"


def _flat(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    return [value for row in rows for value in row]
