"""All checks of one question, and what is known of them at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from gateway.calling.asking import Asking
from gateway.calling.tasks import Tasks
from gateway.model import Check, Finding, Intent, Status
from tests.calling.asked import check, intent
from tests.calling.doubles import turns
from tests.still import StillClock

AT_ONCE = 1000.0
"""A moment that has come: what must be waited for, is not."""
LONG = 1060.0


class Gated:
    """Connectors, each behind a gate that a test opens."""

    def __init__(self) -> None:
        self.gates: dict[str, asyncio.Event] = {}
        self.asked: list[str] = []

    async def __call__(self, intent: Intent, check: Check) -> Finding:
        self.asked.append(check.question)
        check.trail.so_far = lambda: Finding(check.authority, "query", Status.TIMEOUT)
        await self.gates.setdefault(check.question, asyncio.Event()).wait()
        return Finding(check.authority, "query", Status.ANSWERED)


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    async with Tasks(close_seconds=0.0) as owner:
        yield owner


def begun(tasks: Tasks, *questions: str) -> tuple[Asking, Gated]:
    gated = Gated()
    asking = Asking(intent(), {"registry": gated}, tasks, StillClock())
    asking.begin(check(question) for question in questions)
    return asking, gated


def statuses(asking: Asking) -> dict[str, Status]:
    return {question: found.status for (_, question), found in asking.findings().items()}


async def test_when_all_have_ended_nobody_waits_longer(tasks: Tasks):
    asking, gated = begun(tasks, "a", "b")
    await turns()
    assert asking.is_pending
    for gate in gated.gates.values():
        gate.set()
    await asking.until(LONG)
    assert not asking.is_pending
    assert statuses(asking) == {"a": Status.ANSWERED, "b": Status.ANSWERED}


async def test_at_the_moment_what_is_there_is_taken_and_the_rest_goes_on(tasks: Tasks):
    asking, gated = begun(tasks, "a", "b")
    await turns()
    gated.gates["a"].set()
    await turns()
    await asking.until(AT_ONCE)
    assert statuses(asking) == {"a": Status.ANSWERED, "b": Status.TIMEOUT}
    gated.gates["b"].set()
    await asking.until(LONG)
    assert statuses(asking) == {"a": Status.ANSWERED, "b": Status.ANSWERED}


async def test_even_without_time_everyone_is_asked_and_says_what_is_known(tasks: Tasks):
    asking, _ = begun(tasks, "a")
    await asking.until(AT_ONCE)
    assert statuses(asking) == {"a": Status.TIMEOUT}


async def test_only_those_that_the_next_round_needs_are_waited_for(tasks: Tasks):
    asking, gated = begun(tasks, "a", "b")
    await turns()
    gated.gates["b"].set()
    await asking.until(LONG, only=[check("b")])
    assert statuses(asking) == {"a": Status.TIMEOUT, "b": Status.ANSWERED}


async def test_nobody_is_asked_a_second_time(tasks: Tasks):
    asking, gated = begun(tasks, "a", "a")
    asking.begin([check("a")])
    await turns()
    assert gated.asked == ["a"]


@pytest.mark.parametrize("before", [True, False])
async def test_whoever_must_stop_waits_no_longer_and_cancels_nothing(tasks: Tasks, before: bool):
    asking, gated = begun(tasks, "a", "b")
    stop = asyncio.get_running_loop().create_future()
    if before:
        stop.set_result(None)
    waiting = asyncio.ensure_future(asking.until(LONG, stop=stop))
    await turns()
    assert waiting.done() is before
    if not before:
        stop.set_result(None)
    await waiting
    assert asking.is_pending
    for gate in gated.gates.values():
        gate.set()
    await asking.until(LONG, stop=asyncio.get_running_loop().create_future())
    assert not asking.is_pending


async def test_what_has_not_ended_is_closed_and_told_of_when_it_ends(tasks: Tasks):
    first, second = check("a"), check("b")
    gated = Gated()
    asking = Asking(intent(), {"registry": gated}, tasks, StillClock())
    asking.begin([first, second])
    await turns()
    gated.gates["a"].set()
    await turns()
    asking.close()
    assert (first.trail.is_closed, second.trail.is_closed) == (False, True)
    asking.tell_when_late()
    with capture_logs() as logs:
        gated.gates["b"].set()
        await turns()
    assert [(log["event"], log["status"]) for log in logs] == [("check.ended_late", Status.ANSWERED)]


async def test_a_connector_that_breaks_is_our_fault_and_comes_out(tasks: Tasks):
    async def broken(intent: Intent, check: Check) -> Finding:
        raise KeyError("ours")

    asking = Asking(intent(), {"registry": broken}, tasks, StillClock())
    asking.begin([check("a")])
    asking.tell_when_late()
    await asking.until(LONG)
    with pytest.raises(KeyError):
        asking.findings()
