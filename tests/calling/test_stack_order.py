"""Why the stages stand in this order: any two neighbours, swapped, break the promise that is written between them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from gateway.calling import stack
from gateway.calling.breaker import Breaker, Outcome, State, Terms
from gateway.calling.tasks import Tasks
from gateway.errors import Trouble, Unreachable
from gateway.model import Check, Connector, Finding, Grade, Stage, Status
from tests.calling.asked import answered, check, intent, told
from tests.calling.doubles import Platform, keeper, question, turns
from tests.still import StillClock

QUESTIONS = {"once": question(), "years": question("per_year", months_back=15)}

Order = Callable[[list[Stage]], list[Stage]]


def plan(**changes: object) -> stack.ChannelPlan:
    usual = stack.ChannelPlan("query", (Grade.B, Grade.B), 5.0, QUESTIONS, places=1, breaker=Breaker())
    return replace(usual, **changes)


def made(order: Order, how: stack.ChannelPlan, inner: Connector) -> Connector:
    return stack.around(inner, order(stack.channel_stages(how, StillClock(), lambda *_: None, is_joined=False)))


def as_written(stages: list[Stage]) -> list[Stage]:
    return stages


def swapped(upper: str, lower: str) -> Order:
    """The order with these two in each other's place; they must be neighbours in the list as it is written."""

    def order(stages: list[Stage]) -> list[Stage]:
        place = [stage.__qualname__.partition(".")[0] for stage in stages].index(upper)
        assert stages[place + 1].__qualname__.partition(".")[0] == lower
        return [*stages[:place], stages[place + 1], stages[place], *stages[place + 2 :]]

    return order


async def whatever_the_deadline_ends_is_a_finding(order: Order) -> bool:
    try:
        return not (await made(order, plan(), told())(intent(999.0), check("once"))).status.is_reply
    except Trouble:
        return False


async def after_the_deadline_no_call_is_made_up(order: Order) -> bool:
    return (await made(order, plan(), told())(intent(999.0), check("unknown"))).status is Status.NOT_REQUESTED


async def only_the_year_that_failed_is_asked_again(order: Order) -> bool:
    inner = told(Unreachable("x"), replace(answered(), records={"insured": {}}))
    await made(order, plan(places=2), inner)(intent(), check("years"))
    return len(inner.calls) == 3


async def each_attempt_counts(order: Order) -> bool:
    how = plan()
    connector = made(order, how, told(Unreachable("x")))
    for _ in range(3):
        await connector(intent(), check("once"))
    return how.breaker.state is State.OPEN


def stubborn(gate: asyncio.Event) -> Callable[[Check], Awaitable[Finding]]:
    """Keeps its place until the gate opens, whoever cancels it."""

    async def held(_: Check) -> Finding:
        while not gate.is_set():
            try:
                await gate.wait()
            except asyncio.CancelledError:
                continue
        return answered()

    return held


async def nobody_stands_in_line_for_what_is_shut(order: Order) -> bool:
    how, gate = plan(), asyncio.Event()
    connector = made(order, how, told(stubborn(gate)))
    on_wire = asyncio.ensure_future(connector(intent(), check("once")))
    await turns()
    for _ in range(5):
        ticket = how.breaker.admit(1000.0)
        assert ticket is not None
        how.breaker.ended(ticket, Outcome.BAD, 1000.0)
    refused = asyncio.ensure_future(connector(intent(), check("once")))
    await turns()
    was_told_at_once = refused.done()
    gate.set()
    await asyncio.gather(on_wire, refused)
    return was_told_at_once


async def our_own_line_is_no_slow_authority(order: Order) -> bool:
    """The line takes longer than an attempt may; still, they are not slow, and the breaker learns nothing."""
    gate, how = asyncio.Event(), plan(attempt_seconds=0.002, place_seconds=0.05)
    connector = made(order, how, told(stubborn(gate)))
    on_wire = asyncio.ensure_future(connector(intent(), check("once")))
    await turns()
    found = await connector(intent(), check("once"))
    gate.set()
    await asyncio.gather(on_wire, return_exceptions=True)
    return found.status is Status.BUSY


async def a_slow_renewal_is_slowness(order: Order) -> bool:
    async with Tasks(close_seconds=0.0) as tasks:
        platform = Platform(StillClock(), gate=asyncio.Event())
        how = plan(attempt_seconds=0.002, keeper=keeper(platform, tasks), breaker=Breaker(Terms(in_a_row=1)))
        await made(order, how, told())(intent(1000.05), check("once"))
        return how.breaker.state is State.OPEN


PROMISES = [
    ("settle", "deadline", whatever_the_deadline_ends_is_a_finding),
    ("deadline", "walk", after_the_deadline_no_call_is_made_up),
    ("walk", "retry", only_the_year_that_failed_is_asked_again),
    ("retry", "breaker", each_attempt_counts),
    ("breaker", "places", nobody_stands_in_line_for_what_is_shut),
    ("places", "attempt_limit", our_own_line_is_no_slow_authority),
    ("attempt_limit", "renewal", a_slow_renewal_is_slowness),
]


@pytest.mark.parametrize(("upper", "lower", "promise"), PROMISES, ids=lambda each: getattr(each, "__name__", each))
async def test_the_promise_holds_in_this_order_and_breaks_in_the_other(upper, lower, promise):
    assert await promise(as_written)
    assert not await promise(swapped(upper, lower))


def test_every_two_neighbours_have_their_promise():
    with_secret = plan(keeper=keeper(Platform(StillClock()), Tasks()))
    stages = stack.channel_stages(with_secret, StillClock(), lambda *_: None, is_joined=False)
    names = [stage.__qualname__.partition(".")[0] for stage in stages]
    assert [(upper, lower) for upper, lower, _ in PROMISES] == list(zip(names, names[1:], strict=False))


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
