"""The writer thread: takes all that waits, commits it once, wakes each event loop once.

What callers submit in one round of their loop is handed over together at the end of that round. Waking the thread for
the first of them would start a batch of one, and a fight for the interpreter lock, while the loop is still submitting:
with a busy loop, handing over together makes a sixth more appends a second, sooner, in a quarter of the batches.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from gateway import errors
from gateway.store import tables
from gateway.store.commits import GroupCommit, Pending, Read, Write
from gateway.store.shards import Held
from gateway.store.turns import Turns

MOST_AT_ONCE = 256
"""Bounds one hand-over; a batch, which begins no other once it has as many, is less than twice that. It keeps a
statement's parameters (at most eight for each) far below SQLite's 32,766, and what the first of a batch waits for the last."""


class Writer:
    """Owns the connection from here on. Callers may come from any event loop; they are served in the order they came."""

    def __init__(self, connection: sqlite3.Connection, shard: Held, turns: Turns) -> None:
        self.group = GroupCommit(connection, shard, turns)
        self._turns = turns
        self._connection = connection
        self._queue: SimpleQueue[Sequence[Pending] | None] = SimpleQueue()
        self._gathered: dict[asyncio.AbstractEventLoop, list[Pending]] = {}
        self._door = threading.Lock()
        self._closed = False
        # A daemon, so that a process which forgot to close still ends: what was acknowledged is on the disk anyway.
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, work: tables.Addition | Read | Write) -> asyncio.Future[Any]:
        """What was submitted will be done, even if nobody awaits it any more. Raises Unwritable once closed."""
        loop = asyncio.get_running_loop()
        pending = Pending(work, loop.create_future())
        with self._door:  # nothing may enter the queue behind its end: nobody would ever answer it
            if self._closed:
                raise errors.Unwritable("the ledger is closed")
            gathered = self._gathered.get(loop)
            if gathered is None:
                self._gathered[loop] = [pending]
                loop.call_soon(self._hand_over)
            else:
                gathered.append(pending)
        return pending.future

    def _hand_over(self) -> None:
        with self._door:
            self._queue_gathered()

    def _queue_gathered(self) -> None:
        # Of every loop: one that was closed in the middle of its round never comes to do it itself.
        for gathered in self._gathered.values():
            for first in range(0, len(gathered), MOST_AT_ONCE):
                self._queue.put(gathered[first : first + MOST_AT_ONCE])
        self._gathered.clear()

    def stop(self) -> None:
        """Blocks until everything submitted is done, the log is folded into the file and the thread is gone."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._queue_gathered()
                self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = self._take()
            self.group.run(batch)
            _wake(batch)
        with suppress(sqlite3.Error):  # the log stays beside the file and is read at the next start: nothing is lost
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()
        self._turns.close()
        self.group.shard.release()  # last: whoever takes it over finds everything written

    def _take(self) -> tuple[list[Pending], bool]:
        batch: list[Pending] = []
        while not batch or (len(batch) < MOST_AT_ONCE and not self._queue.empty()):
            handed_over = self._queue.get()
            if handed_over is None:
                return batch, False
            batch.extend(handed_over)
        return batch, True


def _wake(batch: Sequence[Pending]) -> None:
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[Pending]] = defaultdict(list)
    for pending in batch:
        by_loop[pending.future.get_loop()].append(pending)
    for loop, done in by_loop.items():
        with suppress(RuntimeError):  # that loop is closed, nobody awaits; the work itself is done
            loop.call_soon_threadsafe(_settle, done)


def _settle(done: Sequence[Pending]) -> None:
    for pending in done:
        if pending.future.done():  # its caller was cancelled
            continue
        if pending.error is None:
            pending.future.set_result(pending.result)
        else:
            pending.future.set_exception(pending.error)
