"""Those who wait for a pending answer to end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date

import pytest

from gateway.model import Receipt, Verdict
from gateway.web.waiting import Waiting
from tests.calling.doubles import Told, turns

PENDING, ENDED = b'{"outcome":"pending"}', b'{"outcome":"complete"}'
LONG = 60.0


@dataclass
class Stored:
    """A ledger with one answer."""

    body: bytes | None = PENDING
    looks: list[tuple[str, str]] = field(default_factory=list)

    async def answer(self, verification_id: str, consumer: str) -> tuple[bytes, Receipt] | None:
        self.looks.append((verification_id, consumer))
        return None if self.body is None else (self.body, Receipt("e", "h"))


def begun(stored: Stored, seconds: float = LONG) -> tuple[Waiting, Told, asyncio.Task[None]]:
    told = Told()
    waiting = Waiting(stored, told)  # type: ignore[arg-type]
    return waiting, told, asyncio.ensure_future(waiting.until_ended("v-1", "counter", seconds))


def verdict(name: str) -> Verdict:
    return Verdict(name, 2, "p", date(2018, 5, 2), 0.0, ())


async def test_an_end_in_this_process_wakes_at_once_who_waits_for_it_and_nobody_else():
    waiting, told, task = begun(Stored())
    await turns()
    waiting.ended(verdict("v-2"))
    await turns()
    assert (task.done(), len(waiting)) == (False, 1)
    waiting.ended(verdict("v-1"))
    await task
    assert (len(waiting), told.calls) == (0, [(), ()])


@pytest.mark.parametrize("body", [ENDED, None])
async def test_an_end_elsewhere_is_seen_at_the_next_look(body: bytes | None):
    stored = Stored()
    waiting, _, task = begun(stored)
    await turns()
    await waiting.look()
    await turns()
    assert not task.done()
    stored.body = body
    await waiting.look()
    await task
    assert set(stored.looks) == {("v-1", "counter")}


async def test_what_ended_before_anybody_waits_is_not_waited_for():
    _, _, task = begun(Stored(ENDED))
    await task


async def test_nobody_waits_longer_than_they_said_nor_than_the_gateway_lives():
    waiting, _, task = begun(Stored(), 0.0)
    await task
    waiting, _, task = begun(Stored())
    await turns()
    waiting.let_go()
    await task
    await waiting.until_ended("v-1", "counter", LONG)
    assert len(waiting) == 0


async def test_who_gives_up_is_forgotten():
    waiting, _, task = begun(Stored())
    other = asyncio.ensure_future(waiting.until_ended("v-1", "counter", LONG))
    await turns()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(waiting) == 1
    waiting.ended(verdict("v-1"))
    await other
