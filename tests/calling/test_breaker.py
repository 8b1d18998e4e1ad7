"""The breaker's machine: what trips it, for how long, and who finds out; then whatever order of events hypothesis finds."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.calling.breaker import Breaker, Outcome, State, Terms, Ticket

GOOD, BAD, NEUTRAL = Outcome
TERMS = Terms()


def feed(breaker: Breaker, outcomes: list[Outcome], now: float = 0.0) -> None:
    for outcome in outcomes:
        ticket = breaker.admit(now)
        assert ticket is not None
        breaker.ended(ticket, outcome, now)


def tripped(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    feed(breaker, [BAD] * 5, now)
    assert breaker.state is State.OPEN
    return breaker


@pytest.mark.parametrize(
    ("outcomes", "trips"),
    [
        ([BAD] * 4, 0),
        ([BAD] * 5, 1),
        ([BAD, BAD, NEUTRAL, BAD, NEUTRAL, BAD, BAD], 1),
        ([NEUTRAL] * 50, 0),
        ([BAD] * 4 + [GOOD] + [BAD] * 4, 0),
        ([GOOD, BAD] * 5, 1),
        ([GOOD, GOOD, BAD] * 30, 0),
    ],
)
def test_five_in_a_row_or_half_of_ten_trip_it(outcomes: list[Outcome], trips: int) -> None:
    breaker = Breaker()
    feed(breaker, outcomes)
    assert breaker.trips == trips


def test_what_is_too_old_counts_no_more() -> None:
    breaker = Breaker()
    feed(breaker, [BAD] * 4, 0.0)
    feed(breaker, [BAD] * 4, 60.1)
    assert breaker.state is State.CLOSED
    feed(breaker, [BAD], 60.2)
    assert breaker.state is State.OPEN


def test_what_lies_too_many_calls_back_counts_no_more() -> None:
    breaker = Breaker(Terms(in_a_row=1000, calls=10))
    feed(breaker, [GOOD] * 100 + [BAD] * 4)
    assert breaker.state is State.CLOSED
    feed(breaker, [BAD])
    assert breaker.state is State.OPEN


def test_each_trip_soon_after_another_shuts_twice_as_long_up_to_a_bound() -> None:
    breaker, now, lasted = tripped(), 0.0, []
    for _ in range(7):
        lasted.append(breaker.shut_seconds(now))
        now += lasted[-1]
        probe = breaker.admit(now)
        assert probe is not None
        breaker.ended(probe, BAD, now)
    assert lasted == [5, 10, 20, 40, 60, 60, 60]
    now += 60
    feed(breaker, [GOOD], now)
    feed(breaker, [BAD] * 5, now + 1)
    assert breaker.shut_seconds(now + 1) == 60
    feed(breaker, [GOOD], now + 61)
    feed(breaker, [BAD] * 5, now + 200)
    assert breaker.shut_seconds(now + 200) == 5


def test_jitter_shortens_by_up_to_half() -> None:
    breaker = Breaker(Terms(in_a_row=1))
    ticket = breaker.admit(0.0)
    assert ticket is not None
    breaker.ended(ticket, BAD, 0.0, 1.0)
    assert breaker.shut_seconds(0.0) == 2.5


def test_a_success_begun_before_the_trip_does_not_close_it_and_a_failure_trips_nothing_new() -> None:
    breaker = Breaker()
    early = breaker.admit(0.0)
    assert early is not None
    feed(breaker, [BAD] * 5)
    assert not breaker.ended(early, GOOD, 1.0)
    assert breaker.state is State.OPEN
    feed(breaker, [GOOD], 5.0)
    for _ in range(10):
        assert not breaker.ended(early, BAD, 6.0)
    assert (breaker.state, breaker.trips) == (State.CLOSED, 1)


def test_a_lost_probe_does_not_shut_it_for_ever() -> None:
    breaker = tripped()
    lost = breaker.admit(5.0)
    assert lost is not None
    assert lost.is_probe
    assert breaker.admit(5.0 + TERMS.lease_seconds - 0.1) is None
    second = breaker.admit(5.0 + TERMS.lease_seconds)
    assert second is not None
    breaker.ended(lost, BAD, 16.0)
    assert breaker.state is State.PROBING
    breaker.ended(second, GOOD, 16.0)
    assert breaker.state is State.CLOSED


class Driven(RuleBasedStateMachine):
    """Callers come, end as they like or never, and time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(Terms(in_a_row=2, least=4, seconds=20.0, lease_seconds=4.0))
        self.now = 0.0
        self.out: list[tuple[Ticket, float]] = []
        self.generation_of_probe: dict[int, float] = {}

    @rule(seconds=st.sampled_from([0.0, 0.1, 1.0, 4.0, 30.0, 100.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def somebody_comes(self) -> None:
        ticket = self.breaker.admit(self.now)
        if ticket is None:
            assert self.breaker.state is not State.CLOSED
            assert 0 < self.breaker.shut_seconds(self.now) <= 60
            return
        if ticket.is_probe:
            living = [at for each, at in self.out if each.is_probe and each.generation == ticket.generation - 1]
            assert all(self.now - at >= 4.0 for at in living), "two probes at once"
            assert self.breaker.admit(self.now) is None
        self.out.append((ticket, self.now))

    @precondition(lambda self: self.out)
    @rule(data=st.data(), outcome=st.sampled_from(Outcome), jitter=st.floats(0, 1))
    def one_ends(self, data: st.DataObject, outcome: Outcome, jitter: float) -> None:
        which = data.draw(st.integers(0, len(self.out) - 1))
        ticket, _ = self.out.pop(which)
        breaker = self.breaker
        before = (breaker.state, breaker.trips, breaker.shut_seconds(self.now))
        is_late = ticket.generation != breaker._ticket.generation
        has_changed = breaker.ended(ticket, outcome, self.now, jitter)
        after = (breaker.state, breaker.trips, breaker.shut_seconds(self.now))
        if is_late:
            assert (before, has_changed) == (after, False), "a late result counted"
        elif ticket.is_probe:
            assert after[0] is (State.CLOSED if outcome is GOOD else State.OPEN)
            assert (after[2] == 0.0) == (outcome is not BAD)

    @invariant()
    def it_is_never_shut_for_ever(self) -> None:
        assert self.breaker.shut_seconds(self.now) <= 60


TestDriven = Driven.TestCase
