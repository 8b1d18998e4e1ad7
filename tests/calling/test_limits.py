"""Two limits in time, and what each of them ends."""

from __future__ import annotations

import asyncio

import pytest

from gateway.calling.limits import attempt_limit, deadline
from gateway.errors import TimedOut
from tests.still import StillClock

from .doubles import Asked, check, finding, intent


async def test_the_deadline_ends_what_goes_on_below() -> None:
    asked = Asked([finding()], gate=asyncio.Event())
    with pytest.raises(TimedOut, match="the deadline passed"):
        await deadline(StillClock())(asked)(intent(0.001), check())
    assert asked.cancelled == 1


async def test_an_attempt_ends_after_its_own_seconds() -> None:
    asked = Asked([finding()], gate=asyncio.Event())
    with pytest.raises(TimedOut, match="the attempt's limit"):
        await attempt_limit(0.001, StillClock())(asked)(intent(), check())
    assert asked.cancelled == 1


@pytest.mark.parametrize("seconds", [0.0, -1.0])
async def test_nothing_starts_after_the_deadline(seconds: float) -> None:
    asked = Asked([finding()])
    for stage in (deadline(StillClock()), attempt_limit(1.0, StillClock())):
        with pytest.raises(TimedOut, match="no time was left"):
            await stage(asked)(intent(seconds), check())
    assert asked.checks == []


async def test_an_attempt_that_has_started_may_end_after_the_deadline() -> None:
    gate = asyncio.Event()
    asked = Asked([finding()], gate=gate)
    asyncio.get_running_loop().call_later(0.005, gate.set)
    assert await attempt_limit(5.0, StillClock())(asked)(intent(0.001), check()) == finding()


async def test_in_time() -> None:
    for stage in (deadline(StillClock()), attempt_limit(5.0, StillClock())):
        assert await stage(Asked([finding()]))(intent(), check()) == finding()
