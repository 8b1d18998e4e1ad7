"""Several channels: what they share and what each has for itself, with real stages all the way down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable

import pytest

from gateway.calling.hedging import HedgingBudget
from gateway.calling.join import Joined
from gateway.calling.stack import ChannelPlan, authority_stages, channel_stages, joined, stacked
from gateway.calling.tasks import Tasks
from gateway.errors import Unreachable
from gateway.model import Connector, Finding, Grade, Join, Status
from tests.still import StillClock

from .doubles import QUESTION, Asked, Platform, Told, check, finding, intent, keeper, question, turns

BOTH = Join("both_and_compare", ("share", "query"))
PLAN = ChannelPlan("share", (Grade.D, Grade.D), 3.0, {QUESTION: question()})
YEARS = ChannelPlan("query", (Grade.B, Grade.B), 3.0, {QUESTION: question("per_year", months_back=15)})


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    async with Tasks(close_seconds=0.0) as owner:
        yield owner


def names(stages: list[object]) -> list[str]:
    return [getattr(stage, "__qualname__", "").partition(".")[0] for stage in stages]


async def test_the_order(tasks: Tasks) -> None:
    clock = StillClock()
    with_secret = ChannelPlan("share", PLAN.grades, 3.0, PLAN.questions, keeper(Platform(clock), tasks))
    below = channel_stages(with_secret, clock, Told(), is_joined=True)
    assert names(list(below)) == ["settle", "hold", "walk", "retry", "breaker", "places", "attempt_limit", "renewal"]
    assert names(list(authority_stages("share"))) == ["settle_all"]


def both(tasks: Tasks, share: Asked, query: Asked, told: Told | None = None) -> Connector:
    parts = Joined(
        lambda intent, check, found: found.status is Status.ANSWERED,
        Told(),
        Told(),
        tasks,
        StillClock(),
        HedgingBudget(),
    )
    return joined({"share": (share, PLAN), "query": (query, YEARS)}, parts, told or Told())


async def test_each_channel_has_its_own_attempts_evidence_and_grades(tasks: Tasks) -> None:
    told = Told()
    found = await both(tasks, Asked([finding()]), Asked([finding(channel="query", months=[])]), told)(
        intent(), check(BOTH)
    )
    ((query),) = found.others
    assert (found.channel, found.attempts, found.request_grade, found.reply_grade) == ("share", 1, Grade.D, Grade.D)
    assert (query.channel, query.attempts, query.request_grade, query.reply_grade) == ("query", 2, Grade.B, Grade.B)
    assert sorted(call[1].channel for call in told.calls) == ["query", "share"]


async def test_each_channel_is_retried_for_itself(tasks: Tasks) -> None:
    share, query = Asked([Unreachable("x"), finding()]), Asked([Unreachable("x")])
    found = await both(tasks, share, query)(intent(), check(BOTH))
    assert (found.status, found.attempts) == (Status.ANSWERED, 2)
    assert (found.others[0].status, found.others[0].attempts) == (Status.UNREACHABLE, 4)


async def test_a_call_on_the_wire_is_not_cancelled_by_the_deadline_of_the_check(tasks: Tasks) -> None:
    gate = asyncio.Event()
    share, query = Asked([finding()], gate=gate), Asked([finding(channel="query", months=[])], gate=gate)
    work, asked = both(tasks, share, query), check(BOTH)
    running = tasks.start(awaited(work(intent(-1.0, late=9.0), asked)))
    await turns()
    so_far = asked.trail.so_far()
    assert [(each.status, each.attempts) for each in (so_far, *so_far.others)] == [
        (Status.TIMEOUT, 1),
        (Status.TIMEOUT, 2),
    ]
    gate.set()
    assert (await running).status is Status.ANSWERED
    assert (share.cancelled, query.cancelled, len(tasks)) == (0, 0, 0)


async def awaited(work: Awaitable[Finding]) -> Finding:
    return await work


async def test_after_the_end_no_attempt_starts(tasks: Tasks) -> None:
    share, query = Asked([finding()]), Asked([finding()])
    found = await both(tasks, share, query)(intent(-1.0), check(BOTH))
    assert (found.status, found.channel, found.attempts) == (Status.NOT_REQUESTED, "share", 0)
    assert share.checks == query.checks == []


async def test_should_the_join_itself_fail_a_finding_comes_out(tasks: Tasks) -> None:
    found = await both(tasks, Asked([finding()]), Asked([finding()]))(intent(), check(Join("race", ())))
    assert (found.status, found.channel) == (Status.BAD_REPLY, "share")


async def test_one_channel_alone_is_not_ended_by_the_deadline_and_says_what_it_knows(tasks: Tasks) -> None:
    asked, given = Asked([finding()], gate=asyncio.Event()), check()
    running = tasks.start(awaited(stacked(asked, PLAN, StillClock(), Told())(intent(-1.0, late=9.0), given)))
    await turns()
    so_far = given.trail.so_far()
    assert (so_far.channel, so_far.status, so_far.attempts) == ("share", Status.TIMEOUT, 1)
    assert (so_far.request_grade, so_far.reply_grade) == (Grade.D, None)
    assert asked.gate is not None
    asked.gate.set()
    assert ((await running).status, asked.cancelled) == (Status.ANSWERED, 0)


async def test_what_is_closed_as_a_whole_is_closed_in_every_channel(tasks: Tasks) -> None:
    given, share = check(BOTH), Asked([Unreachable("x")], gate=asyncio.Event())
    running = tasks.start(awaited(both(tasks, share, Asked([finding(channel="query", months=[])]))(intent(), given)))
    await turns()
    given.trail.is_closed = True
    assert share.gate is not None
    share.gate.set()
    assert (await running).others[0].status is Status.UNREACHABLE
    assert len(share.checks) == 1  # not asked again
