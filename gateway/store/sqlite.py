"""The store on SQLite: creating, opening and closing the one file, and the way in for work."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from gateway.errors import GatewayError
from gateway.proofs.merkle import Edge
from gateway.store import building, schema, shards
from gateway.store.commits import Counts, Read, Write
from gateway.store.schema import StoreRefused
from gateway.store.tables import Addition
from gateway.store.turns import Turns
from gateway.store.writer import Writer

__all__ = ["Store", "StoreRefused"]

T = TypeVar("T")

BUSY_SECONDS = 5.0

_SETTINGS = (
    "PRAGMA synchronous = FULL",  # with WAL: the log is synced at every commit, so an acknowledged entry survives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA journal_size_limit = 67108864",
)


class Store:
    """One open file with its writer thread.

    Reads go through the same thread as writes: they see everything that was acknowledged, hold no snapshot that would
    keep the log from being folded in, and are rare (a consumer asks again after a lost reply).
    """

    def __init__(self, connection: sqlite3.Connection, shard: shards.Held, turns: Turns) -> None:
        """Use `open`: the connection must be set up, and belongs to the writer thread from here on."""
        self._writer = Writer(connection, shard, turns)
        self._shard = shard

    @staticmethod
    def create(path: Path) -> None:
        """Makes a new, empty store, readable by its owner only. Raises StoreRefused if anything stands at `path`."""
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError as error:
            raise StoreRefused(f"{path} exists: a ledger is never made over another file") from error
        except OSError as error:
            raise StoreRefused(f"{path} cannot be made: {error.strerror}") from error
        # A crash from here on leaves a file that `open` refuses; it holds nothing and may be removed.
        try:
            with closing(connect(path, BUSY_SECONDS)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                schema.apply(connection, schema.shipped())
        except sqlite3.Error as error:
            path.unlink()
            raise StoreRefused(f"{path} cannot be set up as a ledger: {error}") from error

    @staticmethod
    def migrate(path: Path) -> list[str]:
        """Applies the migrations that a ledger lacks, and gives their names. Raises StoreRefused where it is none of ours.

        Each is a transaction: a crash between two leaves a ledger that `migrate` takes up again.
        """
        if not path.is_file():
            raise StoreRefused(f"{path} is not there: only `gateway init` makes a ledger")
        try:
            with closing(connect(path, BUSY_SECONDS)) as connection:
                require_ledger(connection, path)
                missing = schema.pending(connection, schema.shipped())
                schema.apply(connection, missing)
                building.build(connection)
        except sqlite3.Error as error:
            raise StoreRefused(f"{path} cannot be brought up to date: {error}") from error
        return [migration.name for migration in missing]

    @staticmethod
    def missing(path: Path) -> list[str]:
        """The migrations that a ledger lacks; nothing is changed. Raises StoreRefused."""
        if not path.is_file():
            raise StoreRefused(f"{path} is not there: only `gateway init` makes a ledger")
        try:
            with closing(connect(path, BUSY_SECONDS)) as connection:
                require_ledger(connection, path)
                return [migration.name for migration in schema.pending(connection, schema.shipped())]
        except sqlite3.Error as error:
            raise StoreRefused(f"{path} cannot be read as a ledger: {error}") from error

    @classmethod
    def open(cls, path: Path, *, busy_seconds: float = BUSY_SECONDS, shard: int | None = None) -> Self:
        """Opens what `create` made, takes a shard that is free (or this one), and starts the thread.

        `busy_seconds` is how long a batch waits while other processes write, before it fails. Raises StoreRefused, with
        what to do; ShardHeld.
        """
        if not path.is_file():
            raise StoreRefused(f"{path} is not there: only `gateway init` makes a ledger")
        connection = None
        try:
            connection = connect(path, busy_seconds)
            _check(connection, path)
            held = shards.take(connection, path, shard)
        except (sqlite3.Error, GatewayError, ValueError, OSError) as error:
            if connection:
                connection.close()
            if isinstance(error, GatewayError):
                raise
            raise StoreRefused(f"{path} cannot be opened as a ledger: {error}") from error
        return cls(connection, held, Turns(path, busy_seconds))

    def submit(self, addition: Addition) -> asyncio.Future[int | None]:
        """As `add`, for somebody who waits later, or not at all. Raises Unwritable once closed; the rest is in the future."""
        return self._writer.submit(addition)

    async def add(self, addition: Addition) -> int | None:
        """Adds all parts of `addition` or none. When it returns they are durable; gives its consumer's arrival if it spent.

        Raises Replayed (the nonce was used before), Limited, AlreadyThere, Unwritable (not promised: after a crash in the
        same moment it may yet be there). Cancelling the wait does not undo it.
        """
        arrival: int | None = await self._writer.submit(addition)
        return arrival

    async def write(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """Runs `operation` on the writer thread inside the batch's transaction; what it raises is raised here.

        It must neither begin nor commit. When this returns, what it wrote is durable. Raises as `add` does.
        """
        result: T = await self._writer.submit(Write(operation))
        return result

    async def read(self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """Runs `operation`, which must not write, on the writer thread. Raises Unwritable where the file cannot be read."""
        result: T = await self._writer.submit(Read(operation))
        return result

    @property
    def shard(self) -> int:
        """The number of the shard that this process writes."""
        return self._shard.number

    @property
    def edge(self) -> Edge:
        """The tree of this shard over everything that is durable."""
        return self._shard.edge

    @property
    def healthy(self) -> bool:
        """Whether the last write reached the disk. True before the first."""
        return self._writer.group.healthy

    @property
    def counts(self) -> Counts:
        """Entries and batches since the store was opened."""
        return self._writer.group.counts

    async def close(self) -> None:
        """Finishes what was submitted, folds the log into the file, ends the thread. May be called twice."""
        await asyncio.to_thread(self._writer.stop)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


def connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """Opens what is there, set up for writing. Raises sqlite3.Error."""
    # mode=rw: SQLite itself must never make a file. No thread check: the connection moves to the writer thread once.
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
    )
    for setting in _SETTINGS:
        connection.execute(setting)
    return connection


def require_ledger(connection: sqlite3.Connection, path: Path) -> None:
    """Raises StoreRefused for a database of somebody else."""
    tables: Any = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migration'")
    if tables.fetchone() is None:
        raise StoreRefused(f"{path} is not a ledger, or its making was cut short: remove it and run `gateway init`")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    require_ledger(connection, path)
    schema.require_current(connection, schema.shipped())
    connection.execute("BEGIN IMMEDIATE")  # a file that we may only read would be found out by the first question
    connection.execute("ROLLBACK")
