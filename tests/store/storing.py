"""Rows to add, and a gate that holds the writer thread still so that what is submitted makes one batch."""

from __future__ import annotations

import asyncio
import resource
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from gateway.model import USUAL_LIMITS, Limits
from gateway.store.limits import Spending
from gateway.store.repeats import Once
from gateway.store.sqlite import Store
from gateway.store.tables import Addition, Answer, Claim, Entry

NOW = 1_525_219_200.0
"""2018-05-02T00:00:00Z."""


def claim(name: str, *, at: float = NOW) -> Claim:
    return Claim("key-1", f"nonce-{name}", int(at), int(at) + 60, at)


def entry(name: str, size: int = 300) -> Entry:
    return Entry(f"entry-{name}", "intent", name.encode().ljust(size, b"."), b"h" * 32)


def question(name: str, *, size: int = 300) -> Addition:
    return Addition(claim(name), entry(name, size))


def asked(name: str, *, case: str | None = None, at: float = NOW, **more: Any) -> Addition:
    """A question about a subject of that name, in a case of its own unless one is given."""
    return Addition(claim(name, at=at), entry(name), spending=spent(name, case=case, at=at, **more))


def spent(
    subject: str,
    *,
    case: str | None = None,
    at: float = NOW,
    consumer: str = "intake",
    limits: Limits = USUAL_LIMITS,
) -> Spending:
    return Spending(consumer, limits, at, subject, case or f"case-{subject}", (subject,))


def once(name: str, key: str, body: str, *, at: float = NOW, **more: Any) -> Addition:
    """A question that opens an intent, under an idempotency key."""
    opening = replace(entry(name), opens=name, at_ms=int(at * 1000))
    keyed = Once("intake", name, opening.entry_id, at, ((key, body),))
    return replace(asked(name, at=at, **more), entry=opening, once=keyed)


def answered(name: str, *, consumer: str = "intake", revision: int = 1, body: bytes = b"{}") -> Addition:
    return Addition(entry=entry(f"{name}-{revision}"), answer=Answer(name, revision, consumer, body))


class Gate:
    """An operation that tells the loop when the thread is in it, and stays until it is opened."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._opened = threading.Event()

    def __call__(self, connection: Any) -> None:
        self._loop.call_soon_threadsafe(self.entered.set)
        self._opened.wait(10)

    async def open(self) -> None:
        """After everything that was submitted in this round of the loop was handed over."""
        self._loop.call_soon(self._opened.set)


async def together(store: Store, *work: Coroutine[Any, Any, Any]) -> list[Any]:
    """What each returned or raised, all of them having waited in the queue at the same time."""
    gate = Gate()
    holding = asyncio.ensure_future(store.read(gate))
    await gate.entered.wait()
    *results, _ = await asyncio.gather(*work, gate.open(), return_exceptions=True)
    await holding
    return results


async def entry_ids(store: Store) -> list[str]:
    rows = await select(store, "SELECT place, entry_id FROM entry ORDER BY place")
    assert [seq for seq, _ in rows] == list(range(len(rows))), "leaf indexes count from 0 without a gap"
    return [entry_id for _, entry_id in rows]


async def select(store: Store, sql: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = await store.read(lambda connection: connection.execute(sql).fetchall())
    return rows


@contextmanager
def no_file_grows_beyond(size: int) -> Iterator[None]:
    """The kernel refuses the write itself, as it does on a full disk, whoever runs the tests."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
