"""Where the time of a question went: what is kept of it, for whom, and for how long."""

from __future__ import annotations

from gateway.calling.timings import Timings
from gateway.model import Status, Trail, WhyNot
from tests.calling.doubles import called, check


def test_a_record_holds_each_part_each_call_and_why_nothing_more_was_tried() -> None:
    timings = Timings()
    asked = check(trail=Trail(attempts=2, seconds={"queue": 0.0104, "wire": 0.25, "": 1.0}))
    asked.trail.evidence.append(called("call-1", Status.TIMEOUT))
    asked.trail.why_not.append(WhyNot.RETRY_BUDGET_SPENT)
    timings.note("v-1", "counter", {"intend": 0.002, "ask": 0.3}, [asked])
    record = timings.of("v-1", "counter")
    assert record is not None
    assert record["ms"] == {"intend": 2.0, "ask": 300.0}
    (of_check,) = record["checks"]
    assert (of_check["authority"], of_check["question"]) == (asked.authority, asked.question)
    assert of_check["ms"] == {"queue": 10.4, "wire": 250.0}
    assert [call["status"] for call in of_check["calls"]] == ["timeout"]
    assert of_check["why_not"] == ["retry_budget_spent"]
    assert "channels" not in of_check


def test_where_channels_join_each_has_its_own() -> None:
    timings, asked = Timings(), check(trail=Trail())
    asked.trail.below.append(Trail(attempts=1, seconds={"wire": 0.1}))
    asked.trail.why_not.append(WhyNot.HEDGE_BUDGET_SPENT)
    timings.note("v-1", "counter", {}, [asked])
    record = timings.of("v-1")
    assert record is not None
    (of_check,) = record["checks"]
    assert of_check["why_not"] == ["hedge_budget_spent"]
    assert [(each["attempts"], each["ms"]) for each in of_check["channels"]] == [(1, {"wire": 100.0})]


def test_only_the_asker_and_operators_may_read_it() -> None:
    timings = Timings()
    timings.note("v-1", "counter", {}, [])
    assert timings.of("v-1", "counter") == timings.of("v-1") is not None
    assert timings.of("v-1", "other") is None
    assert timings.of("v-2") is None


def test_the_oldest_goes_first() -> None:
    timings = Timings(most=2)
    for name in ("v-1", "v-2", "v-3"):
        timings.note(name, "counter", {}, [])
    assert [timings.of(name) is None for name in ("v-1", "v-2", "v-3")] == [True, False, False]


def test_nobody_stands_in_it() -> None:
    timings, asked = Timings(), check()
    timings.note("v-1", "counter", {}, [asked])
    (person,) = asked.about.values()
    assert person.citizen_id not in str(timings.of("v-1"))
    assert person.name not in str(timings.of("v-1"))
