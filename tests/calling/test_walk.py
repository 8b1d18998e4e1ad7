"""Walk: how many calls one check takes, and what they say together."""

from __future__ import annotations

import asyncio

import pytest

from gateway.calling.walk import walk
from gateway.contract.authority import Question, Step
from gateway.errors import BadReply, Busy, Unreachable
from gateway.model import Check, Finding, Status
from tests.calling.asked import CHILD, FATHER, check, intent, told

ONCE = Question(walk="once", steps={"one": Step(operation="person", about=["guardian"])})
ALL = Question(
    walk="all_of",
    steps={
        "minor": Step(operation="person", about=["subject"]),
        "adult": Step(operation="person", about=["guardian"]),
        "both": Step(operation="household", about=["guardian", "subject"]),
    },
)
QUESTIONS = {"hukou": ONCE, "guardianship": ALL}


class Together:
    """A connector whose calls all wait for each other, so that calls made one after the other would never end."""

    def __init__(self, outcomes: dict[str, Finding | Exception], parties: int = 3) -> None:
        self.outcomes = outcomes
        self.parties = parties
        self.calls: list[Check] = []
        self.all_here = asyncio.Event()
        self.three_called = asyncio.Event()
        self.ended: list[str] = []

    async def __call__(self, _: object, check: Check) -> Finding:
        self.calls.append(check)
        if len(self.calls) == 3:
            self.three_called.set()
        if len(self.calls) == self.parties:
            self.all_here.set()
        await self.all_here.wait()
        step = str(check.step)
        self.ended.append(step)
        outcome = self.outcomes[step]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def says(step: str, status: Status = Status.ANSWERED) -> Finding:
    return Finding("registry", "query", status, {step: {"of": step} if status is Status.ANSWERED else None})


async def test_once_is_one_call_about_its_people():
    inner = told(says("one"))
    given = check("hukou")
    assert await walk(QUESTIONS)(inner)(intent(), given) == says("one")
    (call,) = inner.calls
    assert (call.step, call.operation, call.about) == ("one", "person", {"person": FATHER})
    assert call.trail is given.trail


async def test_all_of_asks_side_by_side_with_each_steps_people():
    inner = Together({step: says(step) for step in ALL.steps})
    found = await walk(QUESTIONS)(inner)(intent(), given := check())
    assert found == Finding("registry", "query", Status.ANSWERED, {step: {"of": step} for step in ALL.steps})
    assert {call.step: (call.operation, call.about) for call in inner.calls} == {
        "minor": ("person", {"person": CHILD}),
        "adult": ("person", {"person": FATHER}),
        "both": ("household", {"person": FATHER, "other": CHILD}),
    }
    assert all(call.trail is given.trail for call in inner.calls)


async def test_some_answered_and_some_without_a_record_is_answered():
    inner = Together({"minor": says("minor"), "adult": says("adult", Status.NO_RECORD), "both": says("both")})
    found = await walk(QUESTIONS)(inner)(intent(), check())
    assert found.status is Status.ANSWERED
    assert found.records == {"minor": {"of": "minor"}, "adult": None, "both": {"of": "both"}}


async def test_no_record_at_all_is_no_record():
    inner = Together({step: says(step, Status.NO_RECORD) for step in ALL.steps})
    found = await walk(QUESTIONS)(inner)(intent(), check())
    assert (found.status, found.records) == (Status.NO_RECORD, dict.fromkeys(ALL.steps))


@pytest.mark.parametrize("failing", list(ALL.steps))
@pytest.mark.parametrize("rest", [Status.ANSWERED, Status.NO_RECORD])
async def test_one_trouble_is_the_checks_trouble_after_all_have_ended(failing, rest):
    inner = Together({step: says(step, rest) for step in ALL.steps} | {failing: Unreachable("theirs")})
    with pytest.raises(Unreachable, match="theirs"):
        await walk(QUESTIONS)(inner)(intent(), check())
    assert sorted(inner.ended) == sorted(ALL.steps)


async def test_of_several_troubles_the_first_step_speaks():
    inner = Together({"minor": says("minor"), "adult": Busy("second"), "both": BadReply("third")})
    with pytest.raises(Busy, match="second"):
        await walk(QUESTIONS)(inner)(intent(), check())


async def test_cancelling_a_walk_cancels_every_call():
    inner = Together({}, parties=99)
    task = asyncio.ensure_future(walk(QUESTIONS)(inner)(intent(), check()))
    await inner.three_called.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
