"""The promises between the stages of the stack: each is kept in the order as it is written, and broken by one swap."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from gateway.calling import stack
from gateway.calling.breaker import Breaker, Outcome, State, Terms
from gateway.calling.single_flight import Flights
from gateway.calling.tasks import Tasks
from gateway.errors import Drained, TimedOut, Unreachable
from gateway.model import Check, Connector, Finding, Grade, Stage, Status
from gateway.store.holds import Holds
from tests.calling.asked import answered, check, intent, told
from tests.calling.counting import Leases, account, database
from tests.calling.doubles import Platform, keeper, question, turns
from tests.calling.doubles import Told as Recorded
from tests.calling.holding import HELD, MORNING, Stored, holding
from tests.still import StillClock

QUESTIONS = {"once": question(), "years": question("per_year", months_back=15)}

Order = Callable[[list[Stage]], list[Stage]]


def plan(**changes: object) -> stack.ChannelPlan:
    usual = stack.ChannelPlan(
        "query", (Grade.B, Grade.B), 5.0, QUESTIONS, places=1, breaker=Breaker(), authority=HELD.authority
    )
    return replace(usual, **changes)


def whole_plan() -> stack.ChannelPlan:
    """Of a channel that has everything a channel can have: every stage stands in its stack."""
    tasks, clock = Tasks(), StillClock()
    counted, shared = account(Leases(database()), tasks, clock), Flights(Recorded(), tasks, clock)
    return plan(keeper=keeper(Platform(clock), tasks), account=counted, flights=shared, hours=MORNING)


def stages(how: stack.ChannelPlan, clock: StillClock | None = None) -> list[Stage]:
    return stack.channel_stages(how, clock or StillClock(), lambda *_: None, is_joined=False)


def made(order: Order, how: stack.ChannelPlan, inner: Connector, clock: StillClock | None = None) -> Connector:
    return stack.around(inner, order(stages(how, clock)))


def names(stages: list[Stage]) -> list[str]:
    return [stage.__qualname__.partition(".")[0] for stage in stages]


def as_written(stages: list[Stage]) -> list[Stage]:
    return stages


def swapped(upper: str, lower: str) -> Order:
    """The order with these two in each other's place; they must be neighbours in the list as it is written."""

    def order(stages: list[Stage]) -> list[Stage]:
        place = names(stages).index(upper)
        assert names(stages)[place + 1] == lower
        return [*stages[:place], stages[place + 1], stages[place], *stages[place + 2 :]]

    return order


async def who_waits_in_vain_has_a_finding(order: Order) -> bool:
    """A follower's own time ends while another's call goes on: they hear a status, never an exception."""
    async with Tasks(close_seconds=0.0) as tasks:
        shared = plan(flights=Flights(Recorded(), tasks, StillClock()))
        return await _the_follower_has_a_finding(made(order, shared, told(stubborn(gate := asyncio.Event()))), gate)


async def who_waits_in_vain_for_a_join_has_a_finding(order: Order) -> bool:
    """The same above the join of several channels."""
    async with Tasks(close_seconds=0.0) as tasks:
        stages = order(stack.authority_stages("query", Flights(Recorded(), tasks, StillClock())))
        return await _the_follower_has_a_finding(stack.around(told(stubborn(gate := asyncio.Event())), stages), gate)


async def _the_follower_has_a_finding(connector: Connector, gate: asyncio.Event) -> bool:
    first = asyncio.ensure_future(connector(intent(), check("once")))
    await turns()
    try:
        return not (await connector(intent(deadline=1000.0), check("once"))).status.is_reply
    except TimedOut:
        return False
    finally:
        gate.set()
        await first


async def what_is_under_way_is_shared_though_it_is_held_now(order: Order) -> bool:
    """A hold keeps calls from being sent. Nothing is sent for who follows, and the same question has one answer."""
    async with Tasks(close_seconds=0.0) as tasks:
        holds, gate = Holds(), asyncio.Event()
        how = plan(flights=Flights(Recorded(), tasks, StillClock()), holds=holds)
        connector = made(order, how, told(stubborn(gate)))
        first = asyncio.ensure_future(connector(intent(), check("once")))
        await turns()
        await holds.look(Stored(HELD))
        second = asyncio.ensure_future(connector(intent(), check("once")))
        await turns()
        gate.set()
        return [(await each).status for each in (first, second)] == [Status.ANSWERED] * 2


async def what_an_operator_did_is_told_whatever_the_hour(order: Order) -> bool:
    how = plan(holds=await holding(HELD), hours=MORNING)
    return (await made(order, how, told())(intent(), check("once"))).status is Status.DRAINED


async def a_walk_does_not_stop_half_way_when_they_close(order: Order) -> bool:
    clock = StillClock()
    clock.unix_seconds += 2 * 3600.0  # ten o'clock: they are open

    async def until_noon(_: Check) -> Finding:
        clock.unix_seconds += 2 * 3600.0
        return replace(answered(), records={"insured": {}})

    found = await made(order, plan(hours=MORNING), told(until_noon), clock)(intent(), check("years"))
    return found.status is Status.ANSWERED


async def a_walk_does_not_stop_half_way_when_it_is_held(order: Order) -> bool:
    holds = Holds()

    async def held_now(_: Check) -> Finding:
        await holds.look(Stored(HELD))
        return replace(answered(), records={"insured": {}})

    found = await made(order, plan(holds=holds), told(held_now))(intent(), check("years"))
    return found.status is Status.ANSWERED


async def a_held_channel_is_a_finding(order: Order) -> bool:
    try:
        found = await made(order, plan(holds=await holding(HELD)), told())(intent(), check("once"))
    except Drained:
        return False
    return found.status is Status.DRAINED


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


async def who_finds_no_place_spends_no_call(order: Order) -> bool:
    gate, clock = asyncio.Event(), StillClock()
    async with Tasks(close_seconds=0.0) as tasks:
        counted = account(Leases(database()), tasks, clock)
        connector = made(order, plan(place_seconds=0.0, account=counted), told(stubborn(gate)), clock)
        on_wire = asyncio.ensure_future(connector(intent(), check("once")))
        while counted.left == counted.most:
            await turns()
        found = await connector(intent(), check("once"))
        gate.set()
        await on_wire
        return (found.status, counted.most - counted.left) == (Status.BUSY, 1)


async def waiting_for_the_store_is_no_slowness_of_theirs(order: Order) -> bool:
    """The lease comes later than an attempt may take; then they answer at once."""
    leases, clock = Leases(database(), gate=asyncio.Event()), StillClock()
    async with Tasks(close_seconds=0.0) as tasks:
        how = plan(attempt_seconds=0.002, account=account(leases, tasks, clock))
        asked = asyncio.ensure_future(made(order, how, told(), clock)(intent(), check("once")))
        await asyncio.wait([asked], timeout=0.05)  # many attempts' time
        assert leases.gate is not None
        leases.gate.set()
        return (await asked).status is Status.ANSWERED


async def a_slow_renewal_is_slowness(order: Order) -> bool:
    async with Tasks(close_seconds=0.0) as tasks:
        platform = Platform(StillClock(), gate=asyncio.Event())
        how = plan(attempt_seconds=0.002, keeper=keeper(platform, tasks), breaker=Breaker(Terms(in_a_row=1)))
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):  # ten attempts' time: who needs more has no limit
                await made(order, how, told())(intent(), check("once"))
        return how.breaker.state is State.OPEN
