"""Whose turn it is, as values; and the one clock."""

from __future__ import annotations

import pytest

from mocks.arming import Arming as _Arming
from mocks.arming import CannotArm, Known, Step
from mocks.clock import MockClock, Shifted
from tests.still import START_UNIX, StillClock

CHANNELS = {
    "a": {"share": ("rest", {"one", "two", "refresh"}), "query": ("soap", {"three"})},
    "b": {"share": ("rest", {"one"})},
}


@pytest.fixture
def clock() -> MockClock:
    return MockClock(StillClock())


@pytest.fixture
def arming(clock) -> _Arming:
    return _Arming(Known({"P01", "P02"}, CHANNELS), clock)


def names(arming, *calls) -> list[str | None]:
    found = [arming.strike(*call) for call in calls]
    return [strike.name if strike else None for strike in found]


ONE = ("a", "share", "one", ("P01",))


def test_twice_then_it_answers(arming):
    arming.arm("P01", "a", [Step("hang", times=2)])
    assert names(arming, ONE, ONE, ONE) == ["hang", "hang", None]
    assert list(arming) == []


def test_it_strikes_the_person_the_channel_and_the_operation_that_were_named(arming):
    arming.arm("P02", "a", [Step("hang")], channel="share", operation="two")
    assert names(arming, ("a", "share", "two", ("P02",)), ("a", "share", "two", ("P01", "P02"))) == ["hang", "hang"]
    others = [("a", "share", "one", "P02"), ("a", "share", "two", "P01"), ("a", "query", "three", "P02")]
    for *where, person in (*others, ("b", "share", "one", "P02")):
        assert names(arming, (*where, (person,))) == [None]


def test_a_person_goes_before_everybody_and_the_last_order_before_the_first(arming):
    arming.arm("P01", "a", [Step("reset", times=1)])
    arming.arm("P01", "a", [Step("hang", times=1)])
    arming.arm("*", "a", [Step("empty")])
    assert names(arming, ONE, ONE, ONE, ("a", "share", "one", ("-",))) == ["hang", "reset", "empty", "empty"]


def test_a_step_that_answers_shields_from_what_is_armed_for_everybody(arming):
    arming.arm("*", "a", [Step("empty")])
    arming.arm("P01", "a", [Step("answers", times=1), Step("hang", times=1)])
    assert names(arming, ONE, ONE, ONE) == [None, "hang", "empty"]


def test_a_step_may_last_on_the_mocks_clock_from_its_first_call_on(arming, clock):
    arming.arm("P01", "a", [Step("hang", lasting=10), Step("reset", times=1)])
    clock.move_by(100)
    assert names(arming, ONE) == ["hang"]
    clock.move_by(9)
    assert names(arming, ONE) == ["hang"]
    clock.move_by(1)
    assert names(arming, ONE, ONE) == ["reset", None]


def test_a_refresh_is_struck_only_by_name(arming):
    arming.arm("*", "a", [Step("hang")])
    assert names(arming, ("a", "share", "refresh", ())) == [None]
    arming.arm("*", "a", [Step("hang")], operation="refresh")
    assert names(arming, ("a", "share", "refresh", ())) == ["hang"]


def test_what_it_was_armed_with_reaches_the_fault(arming):
    arming.arm("P01", "a", [Step("hang", seconds=3), Step("drip_body")])
    assert arming.strike(*ONE).given.seconds == 3
    arming.clear()
    arming.arm("P01", "a", [Step("drip_body", lasting=5)])
    given = arming.strike(*ONE).given
    assert (given.seconds, given.remaining) == (10, 5)


def test_clearing(arming):
    first, second = arming.arm("P01", "a", [Step("hang")]), arming.arm("P01", "b", [Step("hang")])
    assert arming.clear(first.id) == 1
    assert arming.clear(first.id) == 0
    assert [each.id for each in arming] == [second.id]
    assert arming.clear() == 1


@pytest.mark.parametrize("steps", [[], [Step("hang", times=0)], [Step("hang", lasting=0)], [Step("hang", seconds=-1)]])
def test_steps_that_are_none(arming, steps):
    with pytest.raises(CannotArm):
        arming.arm("P01", "a", steps)


def test_the_clock_is_moved_frozen_and_goes_on():
    base = StillClock()
    clock = MockClock(base)
    assert clock.unix() == START_UNIX
    clock.move_by(60)
    base.move(5)
    assert (clock.unix(), clock.offset_seconds) == (START_UNIX + 65, 60)
    clock.freeze()
    base.move(5)
    assert (clock.unix(), clock.is_frozen, clock.offset_seconds) == (START_UNIX + 65, True, 55)
    clock.move_by(-65)
    assert clock.unix() == START_UNIX
    clock.unfreeze()
    base.move(1)
    assert (clock.unix(), clock.month()) == (START_UNIX + 1, "2018-05")
    assert Shifted(clock, -3600).unix() == START_UNIX - 3599


async def test_waiting_and_chance_are_the_clock_beneath():
    base = StillClock()
    clock = MockClock(base)
    await clock.sleep(3)
    assert (base.slept, clock.monotonic()) == ([3], 1003)
    assert clock.token() != clock.token()
    assert clock.identifier()
