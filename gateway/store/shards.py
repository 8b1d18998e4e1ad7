"""Shards: who writes which log, and its tree, which grows in the transaction of what is written.

A process holds its shard by a lock of the kernel on a file beside the database, so that the hold ends with the process,
whatever ends it. The random holder in the row is the second bolt: a process that lost its lock (a file deleted by hand,
a disk that came back) finds another holder there and writes nothing.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway import errors
from gateway.proofs.merkle import Edge, Node
from gateway.store.statements import flat, values
from gateway.store.turns import open_lock

Connection = sqlite3.Connection
"""For those above who may hand one on, and write no SQL."""

SPAN: Final = 1 << 40
"""Places of one shard: an entry's place is `shard * SPAN + seq`."""


class ShardLost(errors.GatewayError):
    """Another process holds the shard that this one wrote: nothing was written."""


class ShardHeld(errors.GatewayError):
    """Another process holds this shard now, or it is closed."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One row. `checkpoint` is empty before the first, `signed_ms` is milliseconds since 1970."""

    number: int
    size: int
    edge: bytes
    pruned: int
    closed: bool
    covered: int
    checkpoint: bytes
    signed_ms: int


class Held:
    """The shard that this process writes. `edge` is its tree as it was last committed."""

    def __init__(self, number: int, holder: str, edge: Edge, lock: int) -> None:
        self.number = number
        self.edge = edge
        self._holder = holder
        self._grown = edge
        self._lock = lock

    def append(self, connection: sqlite3.Connection, leaves: Sequence[bytes]) -> range:
        """Grows the tree inside the caller's transaction, and gives the places of the new leaves. Raises ShardLost."""
        grown, completed = self.edge.grown(leaves)
        written = connection.execute(
            "UPDATE shard SET size = ?, edge = ? WHERE number = ? AND holder = ? AND size = ? AND closed = 0",
            (grown.size, grown.packed, self.number, self._holder, self.edge.size),
        )
        if written.rowcount != 1:
            raise ShardLost("another process writes this shard")
        insert_nodes(connection, self.number, completed)
        self._grown = grown
        first = self.number * SPAN
        return range(first + self.edge.size, first + grown.size)

    def committed(self) -> None:
        """What was appended since is durable."""
        self.edge = self._grown

    def undone(self) -> None:
        """What was appended since was rolled back."""
        self._grown = self.edge

    def release(self) -> None:
        """Lets another process have it."""
        os.close(self._lock)


def take(connection: sqlite3.Connection, path: Path, wanted: int | None = None) -> Held:
    """Takes the first shard that is free, or a new one; or the `wanted` one.

    Raises ShardHeld; ValueError where the shard's edge does not fit its size.
    """
    known = {shard.number: shard for shard in read(connection)}
    # Without an end: who starts in the same moment may hold a new one whose row is not there yet.
    for number in itertools.count() if wanted is None else (wanted,):
        shard = known.get(number)
        if shard is not None and shard.closed:
            continue
        lock = locked(path, number)
        if lock is not None:
            try:
                return _taken(connection, number, lock)
            except BaseException:
                os.close(lock)
                raise
    raise ShardHeld("another process holds this shard, or it is closed")


def first_bodies(connection: sqlite3.Connection) -> list[bytes]:
    """The body of the first entry of each shard, where it is there."""
    asked = "SELECT body FROM shard JOIN entry ON place = shard.number * ? WHERE body IS NOT NULL"
    return [bytes(body) for (body,) in connection.execute(asked, (SPAN,))]


def locked(path: Path, number: int) -> int | None:
    """Holds a shard until the file is closed; None where another process does."""
    lock = open_lock(path, f"shard-{number}")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _taken(connection: sqlite3.Connection, number: int, lock: int) -> Held:
    holder = secrets.token_hex(8)
    connection.execute("BEGIN IMMEDIATE")
    try:
        row = connection.execute("SELECT size, edge FROM shard WHERE number = ?", (number,)).fetchone()
        if row is None:
            row = (0, b"")
            _insert(connection, number)
        edge = Edge.read(*row)
        connection.execute("UPDATE shard SET holder = ? WHERE number = ?", (holder, number))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return Held(number, holder, edge, lock)


def _insert(connection: sqlite3.Connection, number: int) -> None:
    connection.execute(
        "INSERT INTO shard (number, holder, size, edge, pruned, closed, covered, checkpoint, signed_at)"
        " VALUES (?, '', 0, ?, 0, 0, 0, ?, 0)",
        (number, b"", b""),
    )


def read(connection: sqlite3.Connection) -> list[Shard]:
    """Every shard, by number."""
    rows = connection.execute(
        "SELECT number, size, edge, pruned, closed, covered, checkpoint, signed_at FROM shard ORDER BY number"
    )
    return [Shard(row[0], row[1], bytes(row[2]), row[3], bool(row[4]), *row[5:]) for row in rows]


def cover(connection: sqlite3.Connection, number: int, size: int, checkpoint: bytes, signed_ms: int) -> None:
    """Keeps a newer checkpoint of a shard; one over fewer leaves than is kept changes nothing."""
    connection.execute(
        "UPDATE shard SET covered = ?, checkpoint = ?, signed_at = ? WHERE number = ? AND covered <= ? AND size >= ?",
        (size, checkpoint, signed_ms, number, size, size),
    )


def cosign(connection: sqlite3.Connection, number: int, text: bytes, checkpoint: bytes) -> None:
    """Puts a cosigned checkpoint in place of the kept one, where that has the same text; else changes nothing."""
    head = text + b"\n"
    connection.execute(
        "UPDATE shard SET checkpoint = ? WHERE number = ? AND substr(checkpoint, 1, ?) = ?",
        (checkpoint, number, len(head), head),
    )


def insert_nodes(connection: sqlite3.Connection, number: int, nodes: Sequence[Node]) -> None:
    """Keeps the roots of full subtrees."""
    if nodes:
        rows = [(number, *node) for node in nodes]
        connection.execute(f"INSERT INTO node (shard, level, number, hash) {values(4, len(rows))}", flat(rows))


def leaf_hashes(connection: sqlite3.Connection, number: int, first: int, count: int) -> list[bytes]:
    """Of so many leaves from `first` on, as far as there are."""
    place = number * SPAN + first
    rows = connection.execute(
        "SELECT leaf_hash FROM entry WHERE place >= ? AND place < ? ORDER BY place", (place, place + count)
    )
    return [row[0] for row in rows]


def hashes(connection: sqlite3.Connection, number: int, level: int, first: int, count: int) -> list[bytes]:
    """What is kept of a shard's tree at levels 0, 8, 16 ...: so many subtree roots from `first` on, as far as there are."""
    if level == 0:
        return leaf_hashes(connection, number, first, count)
    rows = connection.execute(
        "SELECT hash FROM node WHERE shard = ? AND level = ? AND number >= ? AND number < ? ORDER BY number",
        (number, level, first, first + count),
    )
    return [row[0] for row in rows]


class Reading:
    """One shard as it is in this transaction, for those who check it."""

    def __init__(self, connection: sqlite3.Connection, number: int) -> None:
        self._connection = connection
        (self.shard,) = (shard for shard in read(connection) if shard.number == number)

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """As `proofs.proving` reads a tree."""
        return hashes(self._connection, self.shard.number, level, first, count)

    def leaves(self, first: int) -> Iterator[tuple[int, bytes | None, bytes]]:
        """Number, body and leaf hash of every entry that is there, from the number `first` on."""
        start = self.shard.number * SPAN
        rows = self._connection.execute(
            "SELECT place - ?, body, leaf_hash FROM entry WHERE place >= ? AND place < ? ORDER BY place",
            (start, start + first, start + SPAN),
        )
        yield from rows
