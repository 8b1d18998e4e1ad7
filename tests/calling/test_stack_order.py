"""Why the stages stand in this order: any two neighbours, swapped, break the promise that is written between them."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from gateway.calling import stack
from gateway.calling.breaker import Breaker, State
from gateway.calling.single_flight import Flights
from gateway.calling.tasks import Tasks
from gateway.model import Status
from tests.calling import promises
from tests.calling.asked import check, intent, told
from tests.calling.doubles import Told, turns
from tests.calling.promises import as_written, made, names, plan, stages, stubborn, swapped, whole_plan
from tests.still import StillClock

PROMISES = [
    ("settle", "single_flight", promises.who_waits_in_vain_has_a_finding),
    ("single_flight", "hold", promises.what_is_under_way_is_shared_though_it_is_held_now),
    ("hold", "window", promises.what_an_operator_did_is_told_whatever_the_hour),
    ("window", "walk", promises.a_walk_does_not_stop_half_way_when_they_close),
    ("walk", "retry", promises.only_the_year_that_failed_is_asked_again),
    ("retry", "breaker", promises.each_attempt_counts),
    ("breaker", "places", promises.nobody_stands_in_line_for_what_is_shut),
    ("places", "quota", promises.who_finds_no_place_spends_no_call),
    ("quota", "attempt_limit", promises.waiting_for_the_store_is_no_slowness_of_theirs),
    ("attempt_limit", "renewal", promises.a_slow_renewal_is_slowness),
]
CLOSER = [
    ("settle", "hold", promises.a_held_channel_is_a_finding),
    ("hold", "walk", promises.a_walk_does_not_stop_half_way_when_it_is_held),
    ("places", "attempt_limit", promises.our_own_line_is_no_slow_authority),
]
"""Neighbours where the contract has nothing for the stage in between."""
ABOVE_THE_JOIN = [("settle_all", "single_flight", promises.who_waits_in_vain_for_a_join_has_a_finding)]


@pytest.mark.parametrize(
    ("upper", "lower", "promise"),
    [*PROMISES, *CLOSER, *ABOVE_THE_JOIN],
    ids=lambda each: getattr(each, "__name__", each),
)
async def test_the_promise_holds_in_this_order_and_breaks_in_the_other(upper, lower, promise):
    assert await promise(as_written)
    assert not await promise(swapped(upper, lower))


def pairs(promised):
    return [(upper, lower) for upper, lower, _ in promised]


def test_every_two_neighbours_have_their_promise():
    whole = list(pairwise(names(stages(whole_plan()))))
    assert pairs(PROMISES) == whole
    assert pairs(CLOSER) == [pair for pair in pairwise(names(stages(plan()))) if pair not in whole]
    shared = stack.authority_stages("query", Flights(Told(), Tasks(), StillClock()))
    assert pairs(ABOVE_THE_JOIN) == list(pairwise(names(shared)))


async def test_a_slow_authority_trips_its_breaker_and_our_own_full_line_does_not():
    how, gate = plan(attempt_seconds=0.002, place_seconds=0.0), asyncio.Event()
    connector = made(as_written, how, told(stubborn(gate)))
    on_wire = asyncio.ensure_future(connector(intent(), check("once")))
    await turns()
    for _ in range(20):
        assert (await connector(intent(), check("once"))).status is Status.BUSY
    assert how.breaker.state is State.CLOSED
    gate.set()
    await asyncio.gather(on_wire, return_exceptions=True)
    slow = plan(attempt_seconds=0.001, breaker=Breaker())
    connector = made(as_written, slow, told(lambda _: asyncio.Event().wait()))
    found = [(await connector(intent(), check("once"))).status for _ in range(4)]
    assert found == [Status.TIMEOUT] * 3 + [Status.CIRCUIT_OPEN]
