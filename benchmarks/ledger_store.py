"""Durable entries a second, and their CPU: the ledger and its store beside plain SQLite with the same bytes."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.parts import Parts
from gateway.ledger.ledger import Ledger
from gateway.model import (
    Decision,
    Disposition,
    Evidence,
    Finding,
    Grade,
    Judgement,
    Limits,
    Reason,
    SignedRequest,
    Status,
    Verdict,
    Verification,
)
from gateway.proofs.merkle import leaf_hash
from gateway.store.commits import Pending
from gateway.store.sqlite import Store
from gateway.store.tables import Addition, Entry

CALLERS = 32
CALLS = 4
"""Of one question, as `guardianship` makes them: with them six entries."""

Row = tuple[str, str, bytes, bytes]
_TABLE = (
    "CREATE TABLE entry (place INTEGER NOT NULL PRIMARY KEY, entry_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,"
    " body BLOB, leaf_hash BLOB NOT NULL)"
)


@dataclass(slots=True)
class Stretch:
    """One measurement. `sizes` are the entries of each batch; `writer` is the CPU time of the store's thread."""

    entries: int
    seconds: float
    cpu: float
    writer: float = 0.0
    rows: list[Row] = field(default_factory=list, repr=False)
    sizes: list[int] = field(default_factory=list, repr=False)


async def through_ledger(folder: Path, parts: Parts, questions: int) -> Stretch:
    """Whole questions, each an intent, its calls and its outcome, by so many callers as long as there are questions."""
    left = iter(range(questions))

    async def ask(ledger: Ledger, asker: Asker) -> None:
        for number in left:
            await asker.question(ledger, number)

    async def work(store: Store) -> None:
        ledger, asker = Ledger(store, parts.clock, parts.installed.keys.pseudonyms), Asker(parts)
        await asyncio.gather(*(ask(ledger, asker) for _ in range(CALLERS)))

    return await _stretch(folder / "ledger.sqlite3", work)


async def through_store(folder: Path, rows: Sequence[Row]) -> Stretch:
    """The same bodies again, one addition each, hashed here: what the store alone can take."""
    left = iter(rows)

    async def add(store: Store) -> None:
        for entry_id, kind, body, _ in left:
            await store.add(Addition(entry=Entry(entry_id, kind, body, leaf_hash(body))))

    async def work(store: Store) -> None:
        await asyncio.gather(*(add(store) for _ in range(CALLERS)))

    return await _stretch(folder / "store.sqlite3", work)


async def _stretch(path: Path, work: Callable[[Store], Awaitable[None]]) -> Stretch:
    Store.create(path)
    store = Store.open(path)
    sizes, spent = _watched(store)
    gc.collect()
    cpu, started = time.process_time(), time.perf_counter()
    await work(store)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT entry_id, kind, body, leaf_hash FROM entry ORDER BY place").fetchall()
    assert len(rows) == sum(sizes)
    return Stretch(len(rows), seconds, cpu, sum(spent), rows, sizes)


def _watched(store: Store) -> tuple[list[int], list[float]]:
    """Fills up while the store works: the entries of every batch, and the thread's CPU seconds for it."""
    group, sizes, spent = store._writer.group, [], []
    run = group.run

    def watched(batch: Sequence[Pending]) -> None:
        before = time.thread_time()
        run(batch)
        spent.append(time.thread_time() - before)
        sizes.append(sum(1 for each in batch if isinstance(each.work, Addition) and each.work.entry))

    group.run = watched  # type: ignore[method-assign]  # on this one store, which lives as long as the stretch
    return sizes, spent


def plain(path: Path, rows: Sequence[Row], sizes: Sequence[int]) -> Stretch:
    """SQLite alone: those rows in batches of those sizes, `executemany` and one commit each."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(_TABLE)
        gc.collect()
        cpu, started = time.process_time(), time.perf_counter()
        for first, batch in _batches(rows, sizes):
            connection.execute("BEGIN IMMEDIATE")
            places = ((first + at, *row) for at, row in enumerate(batch))
            connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", places)
            connection.execute("COMMIT")
        return Stretch(len(rows), time.perf_counter() - started, time.process_time() - cpu)


def _batches(rows: Sequence[Row], sizes: Sequence[int]) -> Iterator[tuple[int, Sequence[Row]]]:
    first = 0
    for size in sizes:
        yield first, rows[first : first + size]
        first += size


class Asker:
    """Questions as the gateway hands them to the ledger. No two are about the same case."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._limits = Limits(10**7, 10**7, 10**9)
        self._keyid = parts.counter.keyid
        self._body = b'{"answer": 1}' * 80

    async def question(self, ledger: Ledger, number: int) -> None:
        """From the intent to the outcome; the authorities answer at once."""
        asked, signed, body = self.asked(number), self.signed(), self._body
        intent = await ledger.intend(asked, signed, self._parts.policy.name, self._parts.intent.deadline)
        calls = [self.call(attempt) for attempt in range(CALLS)]
        for call in calls:
            ledger.record(intent, call)
        await ledger.conclude(intent, self.verdict(asked, calls), body)

    def asked(self, number: int) -> Verification:
        identifier = self._parts.clock.identifier()
        return replace(self._parts.question, verification_id=identifier, case_number=f"BENCH-{number}")

    def signed(self) -> SignedRequest:
        now = int(self._parts.clock.unix())
        nonce = self._parts.clock.token()
        return SignedRequest(self._keyid, nonce, now, now + 60, bytes(32), "A" * 88, self._limits)

    def call(self, attempt: int) -> Evidence:
        clock = self._parts.clock
        return Evidence(
            clock.identifier(), "example-authority", "query", "person", attempt, Status.ANSWERED, Grade.A, Grade.A,
            "0" * 64, "1" * 64, 12, clock.unix(),
        )  # fmt: skip

    def verdict(self, asked: Verification, calls: Sequence[Evidence]) -> Verdict:
        sources = tuple(
            Finding(each.authority, each.channel, each.status, {}, 1, 12, Grade.A, Grade.A, (each,)) for each in calls
        )
        judged = Judgement(
            "example-material", Decision.CONFIRMED, Disposition.WAIVED, Reason.REGISTRY_GUARDIAN, sources
        )
        policy, day = self._parts.policy.name, asked.application_date
        return Verdict(asked.verification_id, 1, policy, day, self._parts.clock.unix(), (judged,))
