"""Hedges are a share of the checks: a channel that stalls does not double the load."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.calling.hedging import CHECKS_FOR_ONE, MOST_KEPT, HedgingBudget
from gateway.calling.tasks import Tasks
from gateway.model import Status, WhyNot

from .channels import BOTH, LATER, RACE, SOON, YES, Channels, no
from .doubles import AUTHORITY, check, finding, turns


@pytest.fixture
async def channels() -> AsyncIterator[Channels]:
    async with Tasks(close_seconds=0.0) as tasks:
        yield Channels(tasks)


@given(st.lists(st.booleans(), max_size=400))
def test_at_most_one_check_in_twenty_is_hedged_and_one_more(are_slow: list[bool]) -> None:
    budget, made = HedgingBudget(), 0
    for checks, is_slow in enumerate(are_slow, start=1):
        budget.earn()
        made += is_slow and budget.spend()
        assert made <= 1 + checks / CHECKS_FOR_ONE


def test_a_stall_after_a_quiet_day_gets_a_few_and_then_one_in_twenty() -> None:
    budget = HedgingBudget()
    for _ in range(10_000):
        budget.earn()
    made = []
    for _ in range(100):
        budget.earn()
        made.append(budget.spend())
    assert made[:MOST_KEPT] == [True] * MOST_KEPT
    assert sum(made) == MOST_KEPT + 100 // CHECKS_FOR_ONE - 1  # the first one earns nothing: there is no room for more


async def test_without_a_budget_the_first_channel_has_until_near_the_deadline(channels: Channels) -> None:
    assert channels.hedging.spend()
    asked = check(SOON)
    found = await channels.begin(SOON, seconds=0.06, trail=asked.trail)
    assert (found.status, channels.asked) == (Status.TIMEOUT, (1, 0))
    assert [other.status for other in found.others] == [Status.NOT_REQUESTED]
    assert asked.trail.why_not == [WhyNot.HEDGE_BUDGET_SPENT]
    assert channels.hedged.calls == [(AUTHORITY, WhyNot.HEDGE_BUDGET_SPENT)]


async def test_a_channel_that_leaves_the_question_open_is_followed_without_a_budget(channels: Channels) -> None:
    assert channels.hedging.spend()
    channels.says(no(), finding(channel="query", **YES))
    work = channels.begin(SOON)
    while not channels.hedged.calls:  # the delay is over, and nothing is left to hedge with
        await asyncio.wait([work], timeout=0.001)
    channels.open()
    found = await work
    assert (found.channel, channels.asked) == ("query", (1, 1))
    assert channels.hedged.calls == [(AUTHORITY, WhyNot.HEDGE_BUDGET_SPENT)]


async def test_a_hedge_is_spent_and_counted(channels: Channels) -> None:
    asked = check(SOON)
    channels.open("query")
    assert (await channels.begin(SOON, trail=asked.trail)).channel == "query"
    assert (asked.trail.why_not, channels.hedged.calls) == ([], [(AUTHORITY, None)])
    assert not channels.hedging.spend()


async def test_a_first_channel_that_confirms_in_time_needs_none(channels: Channels) -> None:
    asked = check(LATER)
    channels.open()
    await channels.begin(LATER, trail=asked.trail)
    assert asked.trail.why_not == [WhyNot.HEDGE_NOT_NEEDED]
    assert channels.hedged.calls == [(AUTHORITY, WhyNot.HEDGE_NOT_NEEDED)]


async def test_only_checks_under_after_delay_earn(channels: Channels) -> None:
    assert channels.hedging.spend()
    channels.open()
    for how in (RACE, BOTH) * CHECKS_FOR_ONE:
        await channels.begin(how)
    assert not channels.hedging.spend()
    for _ in range(CHECKS_FOR_ONE):
        await channels.begin(LATER)
    await turns()
    assert channels.hedging.spend()
    assert channels.hedged.calls == [(AUTHORITY, WhyNot.HEDGE_NOT_NEEDED)] * CHECKS_FOR_ONE
