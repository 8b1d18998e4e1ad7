"""The stack: the order is the one of DESIGN section 3, and a question really travels it from the top."""

from __future__ import annotations

import ast
import inspect

import pytest

from gateway.calling import stack
from gateway.contract.authority import Question, Step
from gateway.errors import Unreachable
from gateway.model import Grade, Status
from tests.calling.asked import answered, check, intent, never, told
from tests.still import StillClock

ORDER = ["settle", "deadline", "walk", "retry", "breaker", "places", "attempt_limit"]
QUESTIONS = {"hukou": Question(walk="once", steps={"one": Step(operation="person", about=["subject"])})}


def plan(seconds: float = 3.0) -> stack.ChannelPlan:
    return stack.ChannelPlan("query", (Grade.B, Grade.B), seconds, QUESTIONS)


def test_the_stages_stand_in_the_order_of_the_plan():
    made = stack.channel_stages(plan(), StillClock(), lambda *_: None, is_joined=False)
    assert [stage.__qualname__.partition(".")[0] for stage in made] == ORDER


@pytest.mark.parametrize(
    ("stages", "order"),
    [
        (stack.channel_stages, ["settle", "single_flight", *ORDER[1:-1], "quota", ORDER[-1], "renewal"]),
        (stack.authority_stages, ["settle_all", "single_flight"]),
    ],
)
def test_the_lists_are_written_in_that_order_with_a_reason_above_each_entry(stages, order):
    source = inspect.getsource(stages)
    listed = next(node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Return))
    lines = source.splitlines()
    assert [stage_of(entry) for entry in listed.elts] == order
    for entry in listed.elts:
        assert lines[entry.lineno - 2].strip().startswith("#")


def stage_of(entry: ast.expr) -> str:
    """The stage that an entry makes, though it be made only under a condition."""
    return next(node.func.id for node in ast.walk(entry) if isinstance(node, ast.Call))


async def test_a_question_goes_down_and_comes_back_as_one_finding():
    clock, seen = StillClock(), []
    inner = told(Unreachable("once"), answered())
    connector = stack.stacked(inner, plan(), clock, lambda *told: seen.append(told))
    finding = await connector(intent(), check("hukou"))
    assert (finding.status, len(inner.calls), len(clock.slept), len(seen)) == (Status.ANSWERED, 2, 1, 1)
    assert [call.operation for call in inner.calls] == ["person", "person"]


async def test_an_attempt_that_ran_over_is_followed_by_another():
    inner = told(never, answered())
    finding = await stack.stacked(inner, plan(0.002), StillClock(), lambda *_: None)(intent(), check("hukou"))
    assert (finding.status, len(inner.calls)) == (Status.ANSWERED, 2)


async def test_no_fault_ever_leaves_the_top_as_an_exception():
    for outcome in (Unreachable("x"), KeyError("x"), never):
        found = await stack.stacked(told(outcome), plan(0.002), StillClock(), lambda *_: None)(intent(), check("hukou"))
        assert not found.status.is_reply
        assert found.records == {}


async def test_an_unknown_question_is_no_answer():
    found = await stack.stacked(told(), plan(), StillClock(), lambda *_: None)(intent(), check("other"))
    assert found.status is Status.BAD_REPLY
