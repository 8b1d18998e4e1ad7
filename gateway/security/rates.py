"""The rate of one consumer, exactly and in one number: GCRA, the leaky bucket as a meter. Pure.

`arrival` is the theoretical arrival time: when everything asked so far would have come, had it come evenly. It is kept in
whole microseconds since 1970, so that no process and no database rounds it another way. There is no window, and so no
border at which two windows' worth could pass: of any minute, at most `burst + per_minute` requests are taken.
"""

from __future__ import annotations

from gateway.model import Limits

_MICROSECONDS = 1_000_000
_SLACK = 60 * _MICROSECONDS
"""Requests of several processes are not written in the order of their times; a clock set back by less is waited for."""


def spend(limits: Limits, arrival: int, now: float) -> int | None:
    """The arrival after one more request at `now` (Unix seconds), or None where it is one too many. 0 before the first."""
    after = _owed_since(limits, arrival, now) + _interval(limits)
    return after if after <= _latest(limits, now) else None


def remaining(limits: Limits, arrival: int, now: float) -> int:
    """How many requests fit at `now`."""
    return max(0, (_latest(limits, now) - _owed_since(limits, arrival, now)) // _interval(limits))


def wait_seconds(limits: Limits, arrival: int, now: float) -> int:
    """In how many whole seconds one more request fits; 0 where one fits now."""
    over = _owed_since(limits, arrival, now) + _interval(limits) - _latest(limits, now)
    return max(0, -(-over // _MICROSECONDS))


def full_seconds(limits: Limits, arrival: int, now: float) -> int:
    """In how many whole seconds `burst` requests fit again, if nobody asks."""
    return -(-(_owed_since(limits, arrival, now) - int(now * _MICROSECONDS)) // _MICROSECONDS)


def refill_seconds(limits: Limits) -> int:
    """In how many whole seconds `burst` requests come back."""
    return -(-limits.burst * _interval(limits) // _MICROSECONDS)


def _interval(limits: Limits) -> int:
    return -(-60 * _MICROSECONDS // limits.per_minute)


def _latest(limits: Limits, now: float) -> int:
    return int(now * _MICROSECONDS) + limits.burst * _interval(limits)


def _owed_since(limits: Limits, arrival: int, now: float) -> int:
    latest = _latest(limits, now)
    if arrival > latest + _SLACK:
        # More than could have been spent by now: the clock was set back, or the limits were made smaller. Nobody is locked
        # out for that: one request fits, and from there it counts as ever.
        return latest - _interval(limits)
    return max(arrival, int(now * _MICROSECONDS))
