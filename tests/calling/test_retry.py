"""Retry: once more, with jitter, while there is room; and nothing at all for what succeeds at once."""

from __future__ import annotations

import pytest
import tenacity
from hypothesis import given
from hypothesis import strategies as st

from gateway.calling.retry import ROOM_SECONDS, retry
from gateway.calling.retry_budget import RetryBudget
from gateway.errors import Busy, TimedOut, Unreachable
from gateway.model import Stage
from tests.calling.asked import answered, check, every_trouble, intent, told
from tests.still import StillClock

RETRYABLE = {"unreachable", "timeout", "busy"}
JITTER_MAX = 0.2


def asks_again(clock: StillClock) -> Stage:
    return retry(clock, RetryBudget(clock.monotonic()))


async def test_success_at_once_pays_for_nothing():
    clock, inner = StillClock(), told()
    assert await asks_again(clock)(inner)(intent(), given := check()) == answered()
    assert (inner.calls, clock.slept) == ([given], [])


async def test_success_at_once_never_touches_tenacity(monkeypatch):
    made = []

    class Counted(tenacity.AsyncRetrying):
        def __init__(self, **arguments: object) -> None:
            made.append(1)
            super().__init__(**arguments)

    monkeypatch.setattr(tenacity, "AsyncRetrying", Counted)
    await asks_again(StillClock())(told())(intent(), check())
    assert made == []
    await asks_again(StillClock())(told(Unreachable("x"), answered()))(intent(), check())
    assert made == [1]


@pytest.mark.parametrize("trouble", every_trouble(), ids=lambda trouble: trouble.status)
async def test_only_a_retryable_trouble_is_tried_once_more(trouble):
    clock, inner = StillClock(), told(trouble, answered())
    trouble.retry_after_seconds = None
    if trouble.status in RETRYABLE:
        assert await asks_again(clock)(inner)(intent(), check()) == answered()
        assert (len(inner.calls), len(clock.slept)) == (2, 1)
        assert 0 <= clock.slept[0] <= JITTER_MAX
    else:
        with pytest.raises(type(trouble)):
            await asks_again(clock)(inner)(intent(), check())
        assert (len(inner.calls), clock.slept) == (1, [])


async def test_there_is_never_a_third_attempt():
    clock, inner = StillClock(), told(Unreachable("first"), TimedOut("second"), answered())
    with pytest.raises(TimedOut, match="second"):
        await asks_again(clock)(inner)(intent(), check())
    assert (len(inner.calls), len(clock.slept)) == (2, 1)


async def test_an_error_of_ours_is_not_tried_again():
    inner = told(Unreachable("first"), KeyError("ours"), answered())
    with pytest.raises(KeyError):
        await asks_again(StillClock())(inner)(intent(), check())
    assert len(inner.calls) == 2
    inner = told(KeyError("ours"), answered())
    with pytest.raises(KeyError):
        await asks_again(StillClock())(inner)(intent(), check())
    assert len(inner.calls) == 1


async def test_retry_after_is_honoured():
    clock, inner = StillClock(), told(Busy("x", retry_after_seconds=3.0), answered())
    assert await asks_again(clock)(inner)(intent(), check()) == answered()
    assert clock.slept == [3.0]


async def test_once_the_answer_is_given_the_first_trouble_is_what_there_was():
    given = check()

    class Closing(StillClock):
        async def sleep(self, seconds):
            await StillClock.sleep(self, seconds)
            given.trail.is_closed = True

    inner = told(Busy("no room"), answered())
    with pytest.raises(Busy, match="no room"):
        await asks_again(Closing())(inner)(intent(), given)
    assert len(inner.calls) == 1


@pytest.mark.parametrize("after", [7.95, 8.0, 3600.0])
async def test_no_attempt_begins_that_the_deadline_leaves_no_room_for(after):
    clock, inner = StillClock(), told(Busy("x", retry_after_seconds=after), answered())
    with pytest.raises(Busy) as busy:
        await asks_again(clock)(inner)(intent(1008.0), check())
    assert (len(inner.calls), clock.slept, busy.value.retry_after_seconds) == (1, [], after)


@given(left=st.floats(0, 1), after=st.none() | st.floats(0, 2))
async def test_a_second_attempt_always_has_room(left, after):
    clock, inner = StillClock(), told(Busy("x", retry_after_seconds=after), answered())
    asked = intent(clock.monotonic() + left)
    try:
        await asks_again(clock)(inner)(asked, check())
    except Busy:
        assert clock.slept == []
        assert left <= max(after or 0.0, JITTER_MAX) + ROOM_SECONDS
    else:
        assert clock.monotonic() + ROOM_SECONDS <= asked.deadline
        assert sum(clock.slept) >= (after or 0.0)


async def test_jitter_is_full():
    """Spread over the whole span, so that counters that failed together do not come back together."""
    waits = []
    for _ in range(200):
        clock = StillClock()
        await asks_again(clock)(told(Unreachable("x"), answered()))(intent(), check())
        waits += clock.slept
    assert min(waits) < JITTER_MAX / 4
    assert max(waits) > JITTER_MAX * 3 / 4
