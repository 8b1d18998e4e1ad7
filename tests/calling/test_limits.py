"""The limit of one attempt."""

from __future__ import annotations

import asyncio

import pytest

from gateway.calling.limits import attempt_limit
from gateway.errors import BadReply, TimedOut
from tests.calling.asked import answered, check, intent, never, told
from tests.still import StillClock

TINY = 0.002
"""Real seconds: what never ends is cut off after them, and nobody waits longer."""


@pytest.mark.parametrize(("past", "late"), [(1000.0, 0.0), (999.5, 0.0), (0.0, 0.0), (990.0, 10.0)])
async def test_none_starts_after_the_end(past, late):
    inner = told()
    with pytest.raises(TimedOut, match="no time was left") as timed_out:
        await attempt_limit(3.0, StillClock())(inner)(intent(past, late), check())
    assert inner.calls == []
    assert timed_out.value.retryable


@pytest.mark.parametrize(("deadline", "late"), [(1008.0, 0.0), (999.0, 2.0)])
async def test_in_time_and_late_nothing_is_changed(deadline, late):
    inner, asked = told(), intent(deadline, late)
    assert await attempt_limit(3.0, StillClock())(inner)(asked, given := check()) == answered()
    assert inner.calls == [given]
    with pytest.raises(BadReply):
        await attempt_limit(3.0, StillClock())(told(BadReply("theirs")))(asked, check())


async def test_an_attempt_ends_at_its_own_limit():
    inner = told(never)
    with pytest.raises(TimedOut, match="attempt"):
        await attempt_limit(TINY, StillClock())(inner)(intent(), check())
    assert inner.ended == 1


async def test_an_attempt_that_has_started_may_end_after_the_end():
    gate = asyncio.Event()

    async def gated(check):
        await gate.wait()
        return answered()

    asyncio.get_running_loop().call_later(2 * TINY, gate.set)
    assert await attempt_limit(3.0, StillClock())(told(gated))(intent(1000.0 + TINY), check()) == answered()
