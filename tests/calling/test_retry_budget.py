"""The retry budget: a share of the calls and a little each second; it runs dry, and the retry says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.calling.retry import retry
from gateway.calling.retry_budget import EACH_SECOND, MOST, SHARE, RetryBudget
from gateway.errors import BadReply, Busy, TimedOut, Tripped, Unreachable
from gateway.model import WhyNot
from tests.calling.asked import answered, check, intent, told
from tests.still import StillClock


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 1.0, 30.0])), max_size=200))
def test_never_more_than_the_share_and_the_floor(steps: list[tuple[bool, float]]) -> None:
    budget, now, calls, spent = RetryBudget(0.0), 0.0, 0, 0
    for is_call, seconds in steps:
        now += seconds
        if is_call:
            budget.earn()
            calls += 1
        else:
            spent += budget.spend(now)
        assert spent <= MOST + calls * SHARE + now * EACH_SECOND + 1e-6


def test_what_is_saved_up_in_a_calm_hour_is_bounded() -> None:
    budget = RetryBudget(0.0)
    for _ in range(10_000):
        budget.earn()
    assert sum(budget.spend(3600.0) for _ in range(100)) == MOST


class Timeless(StillClock):
    """Sleep takes no time: the floor of one a second stays out of the count."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


async def test_it_runs_dry_and_a_second_later_there_is_one_more() -> None:
    clock = Timeless()
    stage = retry(clock, RetryBudget(clock.monotonic()))
    asked = [check() for _ in range(100)]
    inner = told(Unreachable("down"))
    for each in asked:
        with pytest.raises(Unreachable):
            await stage(inner)(intent(), each)
    retried = len(inner.calls) - len(asked)
    assert MOST <= retried <= MOST + SHARE * len(asked)
    assert asked[0].trail.why_not == [WhyNot.TRIED_ENOUGH]
    assert asked[-1].trail.why_not == [WhyNot.RETRY_BUDGET_SPENT]
    clock.move(1.0)
    assert await stage(told(Unreachable("x"), answered()))(intent(), check()) == answered()


@pytest.mark.parametrize(
    ("outcomes", "deadline", "why"),
    [
        ([BadReply("x")], 1008.0, WhyNot.RETRY_IS_NO_USE),
        ([Busy("x", is_ours=True)], 1008.0, WhyNot.RETRY_IS_NO_USE),
        ([Unreachable("x")], 1000.05, WhyNot.NO_TIME_TO_RETRY),
        ([Unreachable("x"), TimedOut("y")], 1008.0, WhyNot.TRIED_ENOUGH),
        ([Unreachable("x"), Tripped("y")], 1008.0, WhyNot.RETRY_IS_NO_USE),
    ],
)
async def test_why_nothing_more_was_tried_is_on_the_trail(outcomes, deadline, why) -> None:
    asked = check()
    with pytest.raises(type(outcomes[0] if isinstance(outcomes[-1], Tripped) else outcomes[-1])):
        clock = StillClock()
        await retry(clock, RetryBudget(clock.monotonic()))(told(*outcomes))(intent(deadline), asked)
    assert asked.trail.why_not == [why]
