"""Places are given out by the rules, waited for in turn, and never lost, whatever ends a wait."""

from __future__ import annotations

import asyncio
import random

import pytest

from gateway.errors import Refused
from gateway.security.grants import Consumer, Known
from gateway.web.admission import Lane
from gateway.web.entrance import Entrance, named_lane
from tests.web.doorway import entrance

COUNTER, BULK = Lane.COUNTER, Lane.BULK


async def settled() -> None:
    """Lets everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)  # noqa: TID251


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


@pytest.mark.parametrize("seed", range(20))
async def test_whatever_happens_no_place_is_lost_and_none_is_given_twice(seed: int):
    """Random arrivals, ends and cancellations; at the end everybody has left."""
    chance, way_in = random.Random(seed), entrance(5)  # noqa: S311
    inside: list[Lane] = []
    tasks: list[asyncio.Task[None]] = []

    async def come(lane: Lane) -> None:
        try:
            await way_in.enter(lane)
        except Refused:
            return
        inside.append(lane)

    for _ in range(300):
        what = chance.random()
        if what < 0.5:
            tasks.append(asyncio.ensure_future(come(chance.choice((COUNTER, BULK)))))
        elif what < 0.8 and inside:
            way_in.leave(inside.pop(chance.randrange(len(inside))))
        elif tasks:
            chance.choice(tasks).cancel()
        if chance.random() < 0.5:
            await settled()
            assert way_in.admission.in_flight == len(inside) <= 5
            assert way_in.admission.inside[BULK] <= 1
    await settled()
    while inside or not way_in.admission.is_empty:
        if inside:
            way_in.leave(inside.pop())
        await settled()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert way_in.admission.is_empty


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
