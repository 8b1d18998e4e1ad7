"""The two limits in time."""

from __future__ import annotations

import asyncio

import pytest

from gateway.calling.limits import attempt_limit, deadline
from gateway.errors import BadReply, TimedOut
from tests.calling.asked import answered, check, intent, never, told
from tests.still import StillClock

TINY = 0.002
"""Real seconds: what never ends is cut off after them, and nobody waits longer."""


def both(clock: StillClock):
    return [deadline(clock), attempt_limit(3.0, clock)]


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("past", [1000.0, 999.5, 0.0])
async def test_none_starts_without_time(which, past):
    inner = told()
    with pytest.raises(TimedOut, match="no time was left") as timed_out:
        await both(StillClock())[which](inner)(intent(past), check())
    assert inner.calls == []
    assert timed_out.value.retryable


@pytest.mark.parametrize("which", [0, 1])
async def test_in_time_nothing_is_changed(which):
    inner = told()
    assert await both(StillClock())[which](inner)(intent(), given := check()) == answered()
    assert inner.calls == [given]
    with pytest.raises(BadReply):
        await both(StillClock())[which](told(BadReply("theirs")))(intent(), check())


async def test_what_runs_over_the_deadline_is_cancelled():
    inner = told(never)
    with pytest.raises(TimedOut, match="the deadline passed"):
        await deadline(StillClock())(inner)(intent(1000.0 + TINY), check())
    assert (len(inner.calls), inner.ended) == (1, 1)


async def test_an_attempt_ends_at_its_own_limit_before_the_deadline():
    inner = told(never)
    with pytest.raises(TimedOut, match="attempt"):
        await attempt_limit(TINY, StillClock())(inner)(intent(), check())
    assert inner.ended == 1


async def test_of_two_limits_the_nearer_one_speaks():
    inner = told(never)
    stacked = deadline(StillClock())(attempt_limit(TINY, StillClock())(inner))
    with pytest.raises(TimedOut, match="attempt"):
        await stacked(intent(), check())


async def test_an_attempt_that_has_started_may_end_after_the_deadline():
    """A joined channel's call: nobody waits for it any more, and it is not cancelled."""
    gate = asyncio.Event()

    async def gated(check):
        await gate.wait()
        return answered()

    asyncio.get_running_loop().call_later(2 * TINY, gate.set)
    assert await attempt_limit(3.0, StillClock())(told(gated))(intent(1000.0 + TINY), check()) == answered()
