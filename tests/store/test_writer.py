from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from contextvars import Context
from pathlib import Path
from typing import TypeVarTuple

import pytest

from gateway.store import lookups, shards
from gateway.store.commits import Read, Write
from gateway.store.turns import Turns
from gateway.store.writer import MOST_AT_ONCE, Writer
from tests.store.storing import Gate, question

Ts = TypeVarTuple("Ts")


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    writer = Writer(connection, shards.take(connection, path), Turns(path, 5))
    yield writer
    writer.stop()


def entries(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        count: int = connection.execute("SELECT COUNT(*) FROM entry").fetchone()[0]
    return count


class CountingLoop(asyncio.SelectorEventLoop):
    wakes = 0

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        self.wakes += 1
        return super().call_soon_threadsafe(callback, *args, context=context)


async def one_batch(writer: Writer, count: int) -> None:
    gate = Gate()
    held = writer.submit(Read(gate))
    await gate.entered.wait()
    futures = [writer.submit(question(str(n))) for n in range(count)]
    await gate.open()
    await asyncio.gather(held, *futures)


def test_a_batch_wakes_its_loop_once(writer: Writer) -> None:
    with asyncio.Runner(loop_factory=CountingLoop) as runner:
        runner.run(one_batch(writer, 30))
        loop = runner.get_loop()
        assert isinstance(loop, CountingLoop)
        assert loop.wakes == 3  # the gate entered, the held read done, the batch done
    assert writer.group.counts.batches == 1


async def test_what_one_round_of_the_loop_submits_is_one_batch(writer: Writer) -> None:
    await asyncio.gather(*(writer.submit(question(str(n))) for n in range(50)))
    assert writer.group.counts.batches == 1


def test_what_a_closed_loop_left_behind_is_done_with_the_next(writer: Writer, path: Path) -> None:
    loop = asyncio.new_event_loop()
    loop.call_soon(lambda: (writer.submit(question("left")), loop.stop()))
    loop.run_forever()
    loop.close()

    async def come_by() -> None:
        await writer.submit(question("next"))

    asyncio.run(come_by())
    assert entries(path) == 2


def test_what_a_closed_loop_left_behind_is_done_at_the_end(writer: Writer, path: Path) -> None:
    loop = asyncio.new_event_loop()
    loop.call_soon(lambda: (writer.submit(question("left")), loop.stop()))
    loop.run_forever()
    loop.close()
    writer.stop()
    assert entries(path) == 1


async def test_a_batch_is_bounded(writer: Writer) -> None:
    await one_batch(writer, MOST_AT_ONCE + 1)
    assert writer.group.counts.batches == 2
    assert writer.group.counts.last_batch == 1


async def test_cancelled_callers_break_nothing(writer: Writer, path: Path) -> None:
    gate = Gate()
    held = writer.submit(Read(gate))
    await gate.entered.wait()
    cancelled = writer.submit(question("1"))
    refused = writer.submit(question("1"))
    patient = writer.submit(question("2"))
    cancelled.cancel()
    refused.cancel()
    await gate.open()
    await asyncio.gather(held, patient)
    assert await writer.submit(Read(lambda _: "alive")) == "alive"
    assert entries(path) == 2, "what was submitted is done"


def test_a_loop_that_closes_before_its_answer_breaks_nothing(writer: Writer, path: Path) -> None:
    gate = threading.Event()

    async def leave() -> None:
        writer.submit(Read(lambda _: gate.wait(10)))
        for n in range(5):
            writer.submit(question(str(n)))

    asyncio.run(leave())
    gate.set()

    async def come_back() -> None:
        await writer.submit(question("6"))

    asyncio.run(come_back())
    assert entries(path) == 6


def test_two_loops_share_one_thread(writer: Writer, path: Path) -> None:
    async def add(first: int) -> None:
        await asyncio.gather(*(writer.submit(question(str(n))) for n in range(first, first + 25)))

    other = threading.Thread(target=lambda: asyncio.run(add(100)))
    other.start()
    asyncio.run(add(200))
    other.join()
    assert entries(path) == 50


def test_stop_finishes_the_queue(writer: Writer, path: Path) -> None:
    gate = threading.Event()

    async def leave() -> None:
        writer.submit(Read(lambda _: gate.wait(10)))
        for n in range(2 * MOST_AT_ONCE):
            writer.submit(question(str(n)))

    asyncio.run(leave())
    gate.set()
    writer.stop()
    assert entries(path) == 2 * MOST_AT_ONCE


async def test_an_operation_may_return_anything(writer: Writer) -> None:
    assert await writer.submit(Write(lambda _: None)) is None
    assert await writer.submit(Write(lookups.touch)) is None
    assert await writer.submit(Read(lambda connection: connection.execute("SELECT 7").fetchone())) == (7,)
