"""The rules of the entrance: what a request costs, how many may be in flight, and who comes first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.web.admission import FIRST_SECONDS, LEAST, PART, REFUSED_PART, WINDOW, Admission, Cost, Lane

DEADLINE_SECONDS = 8.0


class Clocks:
    """Two clocks that a test moves."""

    def __init__(self) -> None:
        self.cpu, self.wall = 0.0, 0.0

    def cost(self) -> Cost:
        return Cost(lambda: self.cpu, lambda: self.wall)

    def serve(self, cost: Cost, number: int, seconds: float, *, busy: float = 1.0, was_let_in: bool = True) -> None:
        """So many requests, each of so many CPU seconds, on a core that works for that part of the time."""
        for _ in range(number):
            self.cpu += seconds
            self.wall += seconds / busy
            cost.ended(was_let_in=was_let_in)


def admission(cost_seconds: float = 0.002, most: int = 100_000, pinned: int | None = None) -> Admission:
    cost = Clocks().cost()
    cost.seconds = cost_seconds
    return Admission(cost, DEADLINE_SECONDS, most, pinned)


def test_the_cost_goes_to_what_is_measured():
    clocks = Clocks()
    cost = clocks.cost()
    clocks.serve(cost, WINDOW - 1, 0.02)
    assert cost.seconds == FIRST_SECONDS
    clocks.serve(cost, 40 * WINDOW, 0.02)
    assert abs(cost.seconds - 0.02) < 0.0001


def test_an_idle_core_measures_nothing():
    """What goes on besides would look like the cost of the few requests there are."""
    clocks = Clocks()
    cost = clocks.cost()
    clocks.serve(cost, 40 * WINDOW, 0.02, busy=0.4)
    assert cost.seconds == FIRST_SECONDS


def test_a_flood_of_refusals_does_not_make_work_look_dear():
    clocks = Clocks()
    cost = clocks.cost()
    for _ in range(40 * WINDOW):
        clocks.serve(cost, 1, 0.002)
        clocks.serve(cost, 20, 0.002 * REFUSED_PART, was_let_in=False)
    assert abs(cost.seconds - 0.002) < 0.0001


def test_a_clock_that_stands_still_divides_by_nothing():
    clocks = Clocks()
    cost = clocks.cost()
    for _ in range(2 * WINDOW):
        cost.ended(was_let_in=True)
    assert cost.seconds == FIRST_SECONDS


@given(st.floats(1e-9, 1e3), st.integers(LEAST, 100_000))
def test_all_in_flight_ready_at_once_are_done_within_a_part_of_the_deadline(seconds: float, most: int):
    cap = admission(seconds, most).cap
    assert LEAST <= cap <= most
    assert cap * seconds <= DEADLINE_SECONDS / PART or cap == LEAST


def test_a_pinned_cap_stays():
    assert admission(cost_seconds=1000, pinned=7).cap == 7


def test_bulk_gets_a_quarter_even_when_nobody_else_is_there():
    rules = admission(pinned=40)
    rules.inside[Lane.BULK] = 9
    assert rules.may_enter(Lane.BULK)
    rules.inside[Lane.BULK] = 10
    assert not rules.may_enter(Lane.BULK)
    assert not rules.may_wait(Lane.BULK)
    assert rules.may_enter(Lane.COUNTER)


def test_bulk_stays_out_while_a_counter_waits():
    rules = admission(pinned=40)
    assert rules.may_enter(Lane.BULK)
    rules.waiting = 1
    assert not rules.may_enter(Lane.BULK)


def test_counters_may_have_every_place_and_then_wait():
    rules = admission(pinned=40)
    rules.inside[Lane.COUNTER] = 39
    assert rules.may_enter(Lane.COUNTER)
    rules.inside[Lane.BULK] = 1
    assert not rules.may_enter(Lane.COUNTER)
    assert rules.may_wait(Lane.COUNTER)
    rules.waiting = 10
    assert not rules.may_wait(Lane.COUNTER)


def test_the_smallest_cap_has_one_place_for_each_lane():
    rules = admission(pinned=1)
    assert rules.may_enter(Lane.BULK)
    assert rules.may_wait(Lane.COUNTER)
