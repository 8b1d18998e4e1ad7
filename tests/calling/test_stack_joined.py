"""Several channels: what they share and what each has for itself, with real stages all the way down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.calling.hedging import HedgingBudget
from gateway.calling.join import Joined
from gateway.calling.stack import ChannelPlan, authority_stages, channel_stages, joined, stacked
from gateway.calling.tasks import Tasks
from gateway.errors import TurnedAway, Unreachable
from gateway.model import Check, Connector, Finding, Grade, Intent, Join, Status
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
    assert names(list(below)) == ["settle", "walk", "retry", "breaker", "places", "attempt_limit", "renewal"]
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
    found = await both(tasks, share, query)(intent(0.06), check(BOTH))
    assert [each.status for each in (found, *found.others)] == [Status.TIMEOUT, Status.TIMEOUT]
    assert (share.cancelled, query.cancelled) == (0, 0)
    gate.set()
    await turns(50)
    assert len(tasks) == 0


async def test_a_loop_that_is_late_loses_no_channel_and_no_evidence(tasks: Tasks) -> None:
    loop, gate = asyncio.get_running_loop(), asyncio.Event()

    class Hogging(Asked):
        async def __call__(self, intent: Intent, check: Check) -> Finding:
            until = loop.time() + 0.06
            while loop.time() < until:  # as a long judgement or a collection of garbage would: no timer fires meanwhile
                pass
            return await super().__call__(intent, check)

    found = await both(tasks, Hogging([finding()], gate=gate), Asked([finding()], gate=gate))(
        intent(0.051), check(BOTH)
    )
    assert [(each.channel, each.attempts) for each in (found, *found.others)] == [("share", 1), ("query", 2)]
    gate.set()


async def test_after_the_deadline_no_attempt_starts(tasks: Tasks) -> None:
    share, query = Asked([finding()]), Asked([finding()])
    found = await both(tasks, share, query)(intent(-1.0), check(BOTH))
    assert (found.status, found.channel, found.attempts) == (Status.NOT_REQUESTED, "share", 0)
    assert share.checks == query.checks == []


async def test_should_the_join_itself_fail_a_finding_comes_out(tasks: Tasks) -> None:
    found = await both(tasks, Asked([finding()]), Asked([finding()]))(intent(), check(Join("race", ())))
    assert (found.status, found.channel) == (Status.BAD_REPLY, "share")


async def test_one_channel_alone_is_ended_by_the_deadline_with_its_evidence() -> None:
    asked = Asked([finding()], gate=asyncio.Event())
    found = await stacked(asked, PLAN, StillClock(), Told())(intent(0.005), check())
    assert (found.status, found.attempts, asked.cancelled) == (Status.TIMEOUT, 1, 1)


async def test_a_renewed_secret_is_the_same_attempt_to_the_retry(tasks: Tasks) -> None:
    clock = StillClock()
    plan = ChannelPlan("share", PLAN.grades, 3.0, PLAN.questions, keeper(Platform(clock), tasks))
    asked = Asked([TurnedAway("refused"), finding()])
    found = await stacked(asked, plan, clock, Told())(intent(), check())
    assert (found.status, found.attempts, clock.slept) == (Status.ANSWERED, 2, [])
