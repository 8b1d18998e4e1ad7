"""Group commit: a whole batch of work in one transaction, one sync of the disk for all of it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway import errors
from gateway.store import limits, tables
from gateway.store.shards import Held
from gateway.store.turns import Turns

SWEEP_EVERY_CLAIMS = 50


@dataclass(frozen=True, slots=True)
class Read:
    """A function of the connection that only looks. It runs before the batch's transaction: it sees what was acknowledged."""

    operation: Callable[[sqlite3.Connection], Any]


@dataclass(frozen=True, slots=True)
class Write:
    """A function of the connection that writes, and may refuse by raising: its writes alone are then undone."""

    operation: Callable[[sqlite3.Connection], Any]


@dataclass(slots=True, eq=False)
class Pending:
    """Work and the caller who awaits it. The thread fills in `result` or `error`; only the loop touches the future."""

    work: tables.Addition | Read | Write
    future: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Since this process opened the store: entries added, batches committed, and the work in the last one."""

    entries: int = 0
    batches: int = 0
    last_batch: int = 0


class GroupCommit:
    """Does batches on one connection. `healthy` says whether the last write reached the disk."""

    def __init__(self, connection: sqlite3.Connection, shard: Held, turns: Turns) -> None:
        self._connection = connection
        self._turns = turns
        self.shard = shard
        self._claims_unswept = 0
        self._sweeper = limits.Sweeper()
        self.counts = Counts()
        self.healthy = True

    def run(self, batch: Sequence[Pending]) -> None:
        """Fills in every result or error; never raises. What has a result is on the disk."""
        for pending in batch:
            if isinstance(pending.work, Read):
                self._read(pending, pending.work)
        writes = [pending for pending in batch if not isinstance(pending.work, Read)]
        if writes:
            self._write(writes)

    def _read(self, pending: Pending, work: Read) -> None:
        try:
            pending.result = work.operation(self._connection)
        except sqlite3.Error as error:
            pending.error = _unwritable("the ledger cannot be read", error)
        except Exception as error:
            pending.error = error

    def _write(self, writes: Sequence[Pending]) -> None:
        try:
            with self._transaction():
                self._do(writes)
        except sqlite3.IntegrityError as error:
            self._one_by_one(writes, error)
        except Exception as error:  # the thread outlives every fault; each caller learns of it
            self.healthy = False
            for pending in writes:
                pending.error = _unwritable("the ledger cannot be written", error)
        else:
            self.healthy = True
            self._count(writes)

    def _one_by_one(self, writes: Sequence[Pending], error: sqlite3.IntegrityError) -> None:
        # A set-wise insert does not say whose key was there already. It takes a fault of ours to get here, so it may be slow.
        if len(writes) == 1:
            writes[0].error = _caused(tables.AlreadyThere("a row with this key exists"), error)
            return
        for pending in writes:
            self._write([pending])

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._connection.in_transaction:  # a roll-back that failed, too
            self._connection.execute("ROLLBACK")
        with self._turns.turn():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                # A crash above loses the batch, and nobody was told. A crash below loses nothing but the telling.
                self._connection.execute("COMMIT")
            except BaseException:
                self.shard.undone()
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")  # SQLite has done it already after some errors
                raise
            self.shard.committed()

    def _do(self, writes: Sequence[Pending]) -> None:
        additions = [(pending, pending.work) for pending in writes if isinstance(pending.work, tables.Addition)]
        if additions:
            added = tables.add(self._connection, self.shard, [addition for _, addition in additions])
            for (pending, _), each in zip(additions, added, strict=True):
                if isinstance(each, Exception):
                    pending.error = each
                else:
                    pending.result = each
            self._sweep([addition.claim for _, addition in additions if addition.claim])
        for pending in writes:
            if isinstance(pending.work, Write):
                self._guarded(pending, pending.work)

    def _guarded(self, pending: Pending, work: Write) -> None:
        # A savepoint, because we cannot know what a function wrote before it refused. Additions need none.
        self._connection.execute("SAVEPOINT operation")
        try:
            pending.result = work.operation(self._connection)
        except sqlite3.IntegrityError as error:
            pending.error = _caused(tables.AlreadyThere("a row with this key exists"), error)
        except sqlite3.Error:
            raise  # the disk or the database, not this operation: the whole batch fails
        except Exception as error:
            pending.error = error
        if pending.error:
            self._connection.execute("ROLLBACK TO operation")
        self._connection.execute("RELEASE operation")

    def _sweep(self, claims: Sequence[tables.Claim]) -> None:
        # A bite is twice what came since the last one: the table shrinks after a peak, and no batch pays for another.
        self._claims_unswept += len(claims)
        if self._claims_unswept >= SWEEP_EVERY_CLAIMS:
            now = min(claim.claimed_at for claim in claims)
            tables.forget_nonces(self._connection, now, 2 * self._claims_unswept)
            self._sweeper.sweep(self._connection, now, 4 * self._claims_unswept)
            self._claims_unswept = 0

    def _count(self, writes: Sequence[Pending]) -> None:
        entries = sum(
            len(pending.work.leaves)
            for pending in writes
            if isinstance(pending.work, tables.Addition) and not pending.error
        )
        self.counts = Counts(self.counts.entries + entries, self.counts.batches + 1, len(writes))


def _unwritable(text: str, cause: Exception) -> errors.Unwritable:
    # One exception for each caller: a shared one would collect the tracebacks of them all.
    unwritable = errors.Unwritable(f"{text} ({getattr(cause, 'sqlite_errorname', type(cause).__name__)})")
    unwritable.__cause__ = cause
    return unwritable


def _caused(error: errors.GatewayError, cause: Exception) -> errors.GatewayError:
    error.__cause__ = cause
    return error
