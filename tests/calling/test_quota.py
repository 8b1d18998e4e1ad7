"""Quota: nothing is sent beyond it, a lease is fetched once for all who wait, and their own word is believed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from gateway.calling.quota import AGAIN_SECONDS, LEASES, Account, OutOfCalls, quota
from gateway.calling.tasks import Tasks
from gateway.errors import QuotaSpent, Trouble
from gateway.store.quotas import WINDOW
from tests.calling.counting import Leases, account, database
from tests.calling.doubles import Asked, check, finding, intent, turns
from tests.still import StillClock

HOUR = WINDOW * 60.0


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    async with Tasks() as owned:
        yield owned


@pytest.fixture
async def leases() -> AsyncIterator[Leases]:
    with closing(database()) as connection:
        yield Leases(connection)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


async def ask(drawn: Account, inner: Asked) -> Trouble | None:
    """What it was refused with, if it was."""
    try:
        await quota(drawn)(inner)(intent(), check())
    except Trouble as trouble:
        return trouble
    return None


async def test_exactly_the_quota_is_sent_and_then_nothing(leases: Leases, tasks: Tasks, clock: StillClock):
    drawn, inner = account(leases, tasks, clock), Asked([finding()])
    said = [await ask(drawn, inner) for _ in range(103)]
    assert (len(inner.checks), said[:100], drawn.left, drawn.refused) == (100, [None] * 100, 0, 3)
    refused = said[100]
    assert isinstance(refused, OutOfCalls)
    assert (refused.is_ours, refused.status, refused.retryable) == (True, "quota_spent", False)
    assert refused.retry_after_seconds == HOUR
    assert len(leases.asked) == LEASES + 1, "one commit for a lease, and none for a refusal within the same second"


async def test_a_refusal_counts_no_attempt(leases: Leases, tasks: Tasks, clock: StillClock):
    drawn, inner, asked = account(leases, tasks, clock, most=1), Asked([finding()]), check()
    await ask(drawn, inner)
    with pytest.raises(OutOfCalls):
        await quota(drawn)(inner)(intent(), asked)
    assert (asked.trail.attempts, asked.trail.evidence) == (0, [])


async def test_room_comes_back_when_it_was_said(leases: Leases, tasks: Tasks, clock: StillClock):
    drawn, inner = account(leases, tasks, clock, most=3), Asked([finding()])
    for _ in range(3):
        await ask(drawn, inner)
        clock.move(60)
    refused = await ask(drawn, inner)
    assert refused
    assert refused.retry_after_seconds == HOUR - 180
    clock.move(HOUR - 180 - 1)
    assert await ask(drawn, inner)
    clock.move(1)
    assert await ask(drawn, inner) is None
    assert await ask(drawn, inner), "of the one call of that minute"


async def test_a_lease_is_fetched_once_for_all_who_wait(leases: Leases, tasks: Tasks, clock: StillClock):
    leases.gate = asyncio.Event()
    drawn, inner = account(leases, tasks, clock, most=500), Asked([finding()])
    waiting = [asyncio.ensure_future(ask(drawn, inner)) for _ in range(25)]
    await turns()
    assert (len(leases.asked), len(inner.checks)) == (1, 0)
    waiting.pop().cancel()
    leases.gate.set()
    assert await asyncio.gather(*waiting) == [None] * 24
    assert len(leases.asked) == 3, "10 calls each"


async def test_an_ended_lease_is_given_back_once(leases: Leases, tasks: Tasks, clock: StillClock):
    drawn, inner = account(leases, tasks, clock, most=500), Asked([finding()])
    await ask(drawn, inner)
    await drawn.look(10)
    assert (drawn.left, len(leases.asked)) == (499, 1), "it has not ended"
    clock.move(60)
    await drawn.look(10)
    await drawn.look(1)
    await drawn.give_back()
    assert [(each.wanted, each.back) for each in leases.asked] == [(10, 0), (0, 9)]
    assert drawn.left == 499


async def test_the_next_lease_takes_the_rest_of_the_last_one_back(leases: Leases, tasks: Tasks, clock: StillClock):
    drawn, inner = account(leases, tasks, clock, most=500), Asked([finding()])
    await ask(drawn, inner)
    clock.move(60)
    await ask(drawn, inner)
    assert leases.asked[1].back == 9
    assert drawn.left == 498


async def test_a_rest_whose_return_was_not_heard_of_is_not_made_use_of(leases: Leases, tasks: Tasks, clock: StillClock):
    drawn, inner = account(leases, tasks, clock, most=500), Asked([finding()])
    await ask(drawn, inner)
    leases.is_lost = True
    await drawn.give_back()
    assert not drawn.draw()
    leases.is_lost = False
    clock.move(AGAIN_SECONDS)
    await drawn.give_back()
    assert len(leases.asked) == 2


@pytest.mark.parametrize("how", ["is_broken", "is_lost"])
async def test_what_cannot_be_counted_is_not_sent(leases: Leases, tasks: Tasks, clock: StillClock, how: str):
    drawn, inner = account(leases, tasks, clock), Asked([finding()])
    setattr(leases, how, True)
    refused = await ask(drawn, inner)
    assert isinstance(refused, OutOfCalls)
    assert (inner.checks, refused.retry_after_seconds) == ([], AGAIN_SECONDS)
    await ask(drawn, inner)
    assert len(leases.asked) == 1, "a disk that is full is not asked by every call"
    setattr(leases, how, False)
    clock.move(AGAIN_SECONDS)
    assert await ask(drawn, inner) is None


async def test_nobody_waits_for_a_lease_for_ever(leases: Leases, tasks: Tasks, clock: StillClock, monkeypatch):
    leases.gate = asyncio.Event()
    monkeypatch.setattr("gateway.calling.quota.WAIT_SECONDS", 0.0)
    drawn, inner = account(leases, tasks, clock), Asked([finding()])
    refused = await ask(drawn, inner)
    assert isinstance(refused, OutOfCalls)
    assert inner.checks == []
    leases.gate.set()
    await turns()
    assert drawn.draw(), "what was fetched is there for the next one"


@pytest.mark.parametrize(("hint", "seconds"), [(None, 60.0), (120.0, 120.0), (90_000.0, 3600.0)])
async def test_their_word_that_it_is_spent_is_believed_for_a_while(
    leases: Leases, tasks: Tasks, clock: StillClock, hint: float | None, seconds: float
):
    drawn = account(leases, tasks, clock, most=1000)
    inner = Asked([QuotaSpent("they say so", retry_after_seconds=hint), finding()])
    told = await ask(drawn, inner)
    assert not isinstance(told, OutOfCalls)
    refused = await ask(drawn, inner)
    assert isinstance(refused, OutOfCalls)
    assert (len(inner.checks), refused.retry_after_seconds) == (1, seconds)
    clock.move(seconds)
    assert await ask(drawn, inner) is None


async def test_our_own_word_from_below_teaches_nothing(leases: Leases, tasks: Tasks, clock: StillClock):
    drawn, inner = account(leases, tasks, clock), Asked([OutOfCalls("a renewal had none left"), finding()])
    await ask(drawn, inner)
    assert await ask(drawn, inner) is None
