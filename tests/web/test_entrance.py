"""Places are given out by the rules, waited for in turn, and never lost, whatever ends a wait."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest

from gateway.errors import Refused
from gateway.security.grants import Consumer, Known
from gateway.web.admission import Lane
from gateway.web.entrance import Entrance, named_lane
from tests.turns import settled
from tests.web.doorway import entrance

COUNTER, BULK = Lane.COUNTER, Lane.BULK


def begun(way_in: Entrance, lane: Lane = COUNTER) -> asyncio.Task[None]:
    return asyncio.ensure_future(way_in.enter(lane))


async def test_a_counter_waits_for_the_next_place_ahead_of_bulk():
    way_in = entrance(4)
    for _ in range(4):
        await way_in.enter(COUNTER)
    waiting = begun(way_in)
    await settled()
    assert (waiting.done(), way_in.admission.waiting) == (False, 1)
    way_in.leave(COUNTER)
    with pytest.raises(Refused) as refusal:
        await way_in.enter(BULK)
    assert (refusal.value.code, refusal.value.headers) == ("overloaded", {"Retry-After": "5"})
    await waiting
    assert way_in.admission.inside == {COUNTER: 4, BULK: 0}
    assert way_in.admission.refused == {COUNTER: 0, BULK: 1}


async def test_counters_get_in_in_turn():
    way_in = entrance(8)
    for _ in range(8):
        await way_in.enter(COUNTER)
    first, second = begun(way_in), begun(way_in)
    await settled()
    way_in.leave(COUNTER)
    await settled()
    assert (first.done(), second.done()) == (True, False)
    way_in.leave(COUNTER)
    await second


async def test_who_waited_too_long_is_told_to_come_back():
    way_in = entrance(1, wait_seconds=0)
    await way_in.enter(COUNTER)
    with pytest.raises(Refused) as refusal:
        await way_in.enter(COUNTER)
    assert (refusal.value.code, refusal.value.http_status) == ("overloaded", 503)
    assert (way_in.admission.in_flight, way_in.admission.waiting) == (1, 0)


async def test_a_wait_that_is_cancelled_costs_nobody_a_place():
    way_in = entrance(1)
    await way_in.enter(COUNTER)
    waiting = begun(way_in)
    await settled()
    waiting.cancel()
    await settled()
    assert (way_in.admission.in_flight, way_in.admission.waiting) == (1, 0)
    way_in.leave(COUNTER)
    assert way_in.admission.is_empty


async def test_a_place_given_at_the_moment_of_cancelling_goes_to_the_next():
    way_in = entrance(8)
    for _ in range(8):
        await way_in.enter(COUNTER)
    first, second = begun(way_in), begun(way_in)
    await settled()
    way_in.leave(COUNTER)
    first.cancel()
    await second
    assert first.cancelled()
    assert way_in.admission.in_flight == 8


async def test_closed_lets_in_who_waits_and_nobody_else():
    way_in = entrance(1)
    await way_in.enter(COUNTER)
    waiting = begun(way_in)
    await settled()
    way_in.close()
    with pytest.raises(Refused) as refusal:
        way_in.require_room(COUNTER)
    assert refusal.value.code == "draining"
    assert refusal.value.headers == {"Retry-After": "1", "Connection": "close"}
    emptied = asyncio.ensure_future(way_in.emptied())
    way_in.leave(COUNTER)
    await waiting
    assert not emptied.done()
    way_in.leave(COUNTER)
    await emptied


async def test_an_empty_one_is_emptied_at_once():
    await entrance(1).emptied()


class Crowd:
    """Comes, leaves and gives up at random."""

    def __init__(self, way_in: Entrance, seed: int) -> None:
        self.way_in, self.chance = way_in, random.Random(seed)
        self.inside: list[Lane] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def come(self, lane: Lane) -> None:
        with suppress(Refused):
            await self.way_in.enter(lane)
            self.inside.append(lane)

    def act(self) -> None:
        what = self.chance.random()
        if what < 0.5:
            self.tasks.append(asyncio.ensure_future(self.come(self.chance.choice((COUNTER, BULK)))))
        elif what < 0.8 and self.inside:
            self.way_in.leave(self.inside.pop(self.chance.randrange(len(self.inside))))
        elif self.tasks:
            self.chance.choice(self.tasks).cancel()

    async def end(self) -> None:
        """All leave, those who still wait and then get in, too."""
        await settled()
        while self.inside or not self.way_in.admission.is_empty:
            if self.inside:
                self.way_in.leave(self.inside.pop())
            await settled()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.mark.parametrize("seed", range(20))
async def test_whatever_happens_no_place_is_lost_and_none_is_given_twice(seed: int):
    crowd = Crowd(entrance(5), seed)
    for _ in range(300):
        crowd.act()
        if crowd.chance.random() < 0.5:
            await settled()
            assert crowd.way_in.admission.in_flight == len(crowd.inside) <= 5
            assert crowd.way_in.admission.inside[BULK] <= 1
    await crowd.end()
    assert crowd.way_in.admission.is_empty


class Key:
    """A verifier is of no interest here."""


def known(lane: str) -> Known:
    return Known(Consumer("c", (), lane=lane), Key())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "lane"),
    [
        ('gw=("@method");created=1;keyid="window";alg="ed25519"', COUNTER),
        ('gw=("@method");created=1;keyid="batch";alg="ed25519"', BULK),
        ('gw=("@method");created=1;keyid="nobody";alg="ed25519"', BULK),
        ('gw=("@method");created=1', BULK),
        (";keyid=window", BULK),
        ("", BULK),
    ],
)
def test_the_lane_is_that_of_the_key_named_and_else_the_worse_one(text: str, lane: Lane):
    assert named_lane(text, {"window": known("counter"), "batch": known("bulk")}) is lane
