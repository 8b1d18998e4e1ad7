"""GCRA: what fits, what is left and how long to wait, for every history of requests."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import Limits
from gateway.security import rates
from tests.still import START_UNIX

NOW = START_UNIX
TEN = Limits(per_minute=10, burst=3)

LIMITS = st.builds(Limits, st.integers(1, 5000), st.integers(1, 300))
PAUSES = st.lists(st.sampled_from([0.0, 0.001, 0.5, 1.0, 6.0, 30.0, 61.0]), min_size=1, max_size=60)


def taken(limits: Limits, times: list[float]) -> list[float]:
    """Those of the times at which a request was taken."""
    arrival, found = 0, []
    for now in times:
        after = rates.spend(limits, arrival, now)
        if after is not None:
            arrival = after
            found.append(now)
    return found


def test_a_burst_then_one_at_a_time():
    assert taken(TEN, [NOW] * 5) == [NOW] * 3
    assert taken(TEN, [NOW, NOW, NOW, NOW + 5.9, NOW + 6.0, NOW + 6.0]) == [NOW, NOW, NOW, NOW + 6.0]
    assert taken(TEN, [NOW] * 3 + [NOW + 18] * 5) == [NOW] * 3 + [NOW + 18] * 3


def test_no_border_lets_two_windows_through():
    """A fixed window would take 60 at the end of one minute and 60 at the start of the next."""
    limits = Limits(per_minute=60, burst=60)
    end_of_minute = [NOW + 59.9] * 60
    start_of_next = [NOW + 60.1] * 60
    assert len(taken(limits, end_of_minute + start_of_next)) == 60


@given(LIMITS, PAUSES)
def test_no_minute_takes_more_than_both_together(limits: Limits, pauses: list[float]):
    found = taken(limits, [NOW + after for after in accumulate(pauses) for _ in range(20)])
    for first in found:
        assert sum(first <= each <= first + 60 for each in found) <= limits.burst + limits.per_minute


@given(LIMITS, PAUSES)
def test_what_is_said_to_be_left_is_what_fits(limits: Limits, pauses: list[float]):
    arrival, now = 0, NOW
    for pause in pauses:
        now += pause
        left, wait = rates.remaining(limits, arrival, now), rates.wait_seconds(limits, arrival, now)
        after = rates.spend(limits, arrival, now)
        assert 0 <= left <= limits.burst
        assert (after is not None) == (left > 0) == (wait == 0)
        if after is None:
            assert rates.spend(limits, arrival, now + wait) is not None
        else:
            arrival = after
            assert rates.remaining(limits, arrival, now) == left - 1


@given(LIMITS, st.integers(1, 100))
def test_after_the_time_said_everything_is_back(limits: Limits, asked: int):
    arrival = 0
    for _ in range(asked):
        arrival = rates.spend(limits, arrival, NOW) or arrival
    full = rates.full_seconds(limits, arrival, NOW)
    assert rates.remaining(limits, arrival, NOW + full) == limits.burst
    assert full <= rates.refill_seconds(limits)


@pytest.mark.parametrize("hours", [1, 24 * 365])
def test_a_clock_set_back_locks_nobody_out(hours: int):
    ahead = rates.spend(TEN, 0, NOW + 3600 * hours)
    assert ahead is not None
    assert (rates.remaining(TEN, ahead, NOW), rates.wait_seconds(TEN, ahead, NOW)) == (1, 0)
    assert taken(TEN, [NOW + 3600 * hours, NOW, NOW, NOW + 5.9, NOW + 6.0])[1:] == [NOW, NOW + 6.0]


def test_a_limit_made_smaller_locks_nobody_out_and_forgives_one_request():
    arrival = 0
    for _ in range(600):
        arrival = rates.spend(Limits(per_minute=60, burst=600), arrival, NOW) or arrival
    once = rates.spend(TEN, arrival, NOW)
    assert once is not None
    assert rates.spend(TEN, once, NOW) is None
    assert rates.wait_seconds(TEN, once, NOW) == 6


@given(LIMITS, st.floats(0, 59))
def test_times_out_of_order_let_nothing_more_through(limits: Limits, late: float):
    """Two processes, one of which writes later what it was asked sooner."""
    assert len(taken(limits, [NOW] * limits.burst + [NOW - late] * 9)) == limits.burst


def test_the_window_of_a_burst_is_told_in_whole_seconds():
    assert rates.refill_seconds(Limits(per_minute=60, burst=60)) == 60
    assert rates.refill_seconds(Limits(per_minute=600, burst=10)) == 1
    assert rates.refill_seconds(Limits(per_minute=1, burst=2)) == 120
