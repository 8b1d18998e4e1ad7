"""The ledger as it stands at one moment, for whoever only looks: a connection that cannot write, and no shard of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.store import holds, schema, shards
from gateway.store.schema import StoreRefused
from gateway.store.shards import SPAN, Shard

Leaf = tuple[bytes | None, bytes]
"""Body, None once pruned, and leaf hash."""

_AT_ONCE: Final = 500
"""Question marks in one statement: SQLite takes 32,766, others fewer."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry. The tree proves `leaf_hash`, and by it the body; the other columns only repeat what the body says."""

    shard: int
    seq: int
    entry_id: str
    kind: str
    body: bytes | None
    leaf_hash: bytes


@contextmanager
def snapshot(path: Path) -> Iterator[Snapshot]:
    """Opens the file for reading, with the gateway running or not. Raises StoreRefused.

    While it is open SQLite cannot fold its log into the file: a running gateway's log grows as long as somebody looks.
    """
    if not path.is_file():
        raise StoreRefused(f"{path} is not there")
    try:
        with closing(_connected(path)) as connection:
            connection.execute("BEGIN")
            yield Snapshot(connection)
    except sqlite3.Error as error:
        raise StoreRefused(f"{path} cannot be read as a ledger: {error}") from error


def _connected(path: Path) -> sqlite3.Connection:
    name = path.absolute().as_uri()
    try:
        return _checked(f"{name}?mode=ro")
    except sqlite3.OperationalError:
        # A copy on a medium where SQLite cannot lay its log beside it. Without a log there, nobody is writing.
        if path.with_name(f"{path.name}-wal").exists():
            raise
        return _checked(f"{name}?mode=ro&immutable=1")


def _checked(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA mmap_size = 1073741824")  # a tenth of the time of walking it
        schema.require_current(connection, schema.shipped())
    except BaseException:
        connection.close()
        raise
    return connection


class Snapshot:
    """Everything it gives is of one moment."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def has_own_form(self) -> bool:
        """Whether tables, indexes and triggers are exactly those that the migrations make: keys forbid what they must."""
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
            schema.apply(fresh, schema.shipped())
            return _form(self._connection) == _form(fresh)

    def shards(self) -> list[Shard]:
        """Every shard, by number."""
        return shards.read(self._connection)

    def leaves(self, shard: int, first: int, count: int) -> list[Leaf]:
        """Those that are there of so many from `first` on, in order: fewer, where some are missing."""
        place = shard * SPAN + first
        return self._connection.execute(
            "SELECT body, leaf_hash FROM entry WHERE place >= ? AND place < ? ORDER BY place", (place, place + count)
        ).fetchall()

    def behind(self, shard: int, size: int) -> int:
        """How many entries stand behind the end of a shard."""
        return self._count("entry WHERE place >= ? AND place < ?", shard * SPAN + size, (shard + 1) * SPAN)

    def nodes(self, shard: int, level: int) -> dict[int, bytes]:
        """The roots that are kept of one level, by number."""
        found = self._connection.execute("SELECT number, hash FROM node WHERE shard = ? AND level = ?", (shard, level))
        return dict(found.fetchall())

    def strays(self, known: Sequence[int]) -> int:
        """How many entries belong to no shard that there is."""
        return self._count("entry") - sum(self.behind(shard, 0) for shard in known)

    def hashes(self, shard: int, level: int, first: int, count: int) -> list[bytes]:
        """What is kept of a shard's tree: a `proving.Reader`, once the shard is given."""
        return shards.hashes(self._connection, shard, level, first, count)

    def rows(self, shard: int, first: int, count: int) -> list[Row]:
        """Whole entries, in order, as far as they are there."""
        place = shard * SPAN + first
        return self._rows("place >= ? AND place < ? ORDER BY place", place, place + count)

    def found(self, entry_ids: Sequence[str]) -> dict[str, Row]:
        """The entries with these ids, as far as there are."""
        rows: list[Row] = []
        for at in range(0, len(entry_ids), _AT_ONCE):
            asked = entry_ids[at : at + _AT_ONCE]
            rows += self._rows(f"entry_id IN ({', '.join('?' * len(asked))})", *asked)
        return {row.entry_id: row for row in rows}

    def answers(self) -> Iterator[tuple[str, int, bytes, int, int, bytes | None]]:
        """Of each answer that is kept: verification, revision, body; shard, number and body of the entry that proves it."""
        found = self._connection.execute(
            "SELECT answer.verification_id, answer.revision, answer.body, answer.place, entry.body"
            " FROM answer LEFT JOIN entry ON entry.place = answer.place"
        )
        for verification_id, revision, body, place, outcome in found:
            yield verification_id, revision, body, *divmod(place, SPAN), outcome

    def holds(self) -> list[holds.Hold]:
        """Every hold, those that have ended too."""
        return holds.read(self._connection)

    def _rows(self, condition: str, *values: int | str) -> list[Row]:
        found = self._connection.execute(
            f"SELECT place, entry_id, kind, body, leaf_hash FROM entry WHERE {condition}",  # noqa: S608 - our own text
            values,
        )
        return [Row(*divmod(row[0], SPAN), *row[1:]) for row in found]

    def _count(self, source: str, *values: int) -> int:
        (count,) = self._connection.execute(f"SELECT COUNT(*) FROM {source}", values).fetchone()  # noqa: S608
        return int(count)


def _form(connection: sqlite3.Connection) -> list[tuple[str, str, str, str]]:
    found = connection.execute("SELECT type, name, tbl_name, COALESCE(sql, '') FROM sqlite_master ORDER BY type, name")
    # ALTER TABLE writes names in quotes or without, as the version of SQLite has it.
    return [(kind, name, table, sql.replace('"', "")) for kind, name, table, sql in found]
