"""The drain with work in flight: announced, closed to newcomers, emptied, in that order and not without an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from gateway.settings import Deadlines, Settings
from gateway.settings import Drain as Given
from gateway.web.draining import GRACE_SECONDS, Drain
from tests.paths.margins import LINES
from tests.turns import until
from tests.web.doorway import Doorway, doorway
from tests.wire import exchange

READY = b"GET /readyz HTTP/1.1\r\nHost: gw.example\r\n\r\n"


def drain(door: Doorway, stop: Any, most_ms: int = 8000) -> Drain:
    deadlines = Deadlines.model_construct(default_ms=8000, most_ms=most_ms)
    settings = Settings.model_construct(drain=Given(notice_seconds=7), deadlines=deadlines)
    return Drain(door.entrance, door.clock, settings, stop)


@asynccontextmanager
async def asked() -> AsyncIterator[tuple[Doorway, asyncio.Event, asyncio.Task[Any]]]:
    """A door with one question in flight, which ends when the event is set."""
    async with doorway() as door:
        door.unblocked = asyncio.Event()
        question = asyncio.ensure_future(door.send(door.ask()))
        await until(lambda: door.taken != [])
        yield door, door.unblocked, question


async def test_what_is_in_flight_ends_and_newcomers_are_sent_elsewhere():
    async with asked() as (door, unblocked, question):
        stopped: list[tuple[list[float], bool]] = []
        running = asyncio.ensure_future(
            drain(door, lambda: stopped.append((door.clock.slept[:], door.entrance.admission.is_closed))).run()
        )
        await until(lambda: stopped != [])
        assert stopped == [([7], True)]  # it listened while the load balancer took notice, and no longer
        again = door.ask()
        refused = await door.send(again)
        assert (refused.status, refused.code, refused.is_closed) == (503, "draining", True)
        assert refused.headers["retry-after"] == "1"
        assert not door.is_bound(refused, again)
        assert not running.done()
        unblocked.set()
        answer = await question
        assert (answer.status, answer.is_closed) == (200, True)
        assert await running
        assert len(door.taken) == 1


async def test_while_it_is_announced_it_is_not_ready_and_answers_still():
    async with doorway() as door:
        assert (await exchange(door.address, READY)).json == {"status": "ready"}
        door.entrance.is_announced = True
        ready = await exchange(door.address, READY)
        assert (ready.status, ready.json) == (503, {"status": "draining"})
        answer = await door.send(door.ask())
        assert (answer.status, answer.is_closed) == (200, True)
        door.entrance.is_announced = False
        assert not (await door.send(door.ask())).is_closed


async def test_it_does_not_wait_for_ever():
    async with asked() as (door, unblocked, question):
        before = len(LINES)
        assert not await drain(door, lambda: None, most_ms=-int(GRACE_SECONDS * 1000)).run()
        assert "drain.cut_short" in "".join(LINES[before:])
        unblocked.set()
        await question
