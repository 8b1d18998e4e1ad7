"""Hold and window: what is not asked on purpose is not sent, tells when it comes back, and counts against nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from gateway.calling import stack
from gateway.calling.hold import hold
from gateway.calling.window import window
from gateway.clock import CHINA
from gateway.contract.authority import Question, Step
from gateway.contract.hours import Calendar
from gateway.errors import ClosedWindow, Drained, Tripped, Trouble
from gateway.model import Finding, Grade, Status
from gateway.store.holds import Hold, Holds
from tests.calling.asked import answered, check, intent, told
from tests.calling.holding import HELD, MORNING, Stored, holding
from tests.still import StillClock

TWO = Question(walk="all_of", steps={name: Step(operation="person", about=["subject"]) for name in ("one", "two")})


def as_open(held: Hold) -> Hold:
    return replace(held, state="open")


@pytest.mark.parametrize(("held", "kind"), [(HELD, Drained), (as_open(HELD), Tripped)])
async def test_a_held_channel_is_not_asked_until_the_hold_ends(held: Hold, kind: type[Trouble]) -> None:
    clock, inner = StillClock(), told(answered())
    asks = hold(await holding(held), held.authority, held.channel, clock)(inner)
    with pytest.raises(kind) as raised:
        await asks(intent(), check("hukou"))
    assert (raised.value.retry_after_seconds, raised.value.is_ours, inner.calls) == (7200, True, [])
    assert "their move" not in raised.value.why
    clock.move(7199.5)
    with pytest.raises(kind) as raised:
        await asks(intent(), check("hukou"))
    assert raised.value.retry_after_seconds == 1  # never 0: it would be asked again at once
    clock.move(0.5)
    assert (await asks(intent(), check("hukou"))).status is Status.ANSWERED


async def test_another_channel_is_asked() -> None:
    inner = told(answered())
    for authority, channel in (("social_insurance", "share"), ("household_registry", "query")):
        asks = hold(await holding(HELD), authority, channel, StillClock())(inner)
        assert (await asks(intent(), check("hukou"))).status is Status.ANSWERED


async def test_outside_the_hours_nobody_is_asked() -> None:
    clock, inner = StillClock(), told(answered())
    asks = window(MORNING, clock)(inner)
    with pytest.raises(ClosedWindow) as raised:
        await asks(intent(), check("hukou"))
    assert (raised.value.retry_after_seconds, raised.value.is_ours, inner.calls) == (3600, True, [])
    clock.move(3600)
    assert (await asks(intent(), check("hukou"))).status is Status.ANSWERED


async def test_a_window_that_never_opens_gives_no_hint() -> None:
    with pytest.raises(ClosedWindow) as raised:
        await window(Calendar(((),) * 7, {}), StillClock())(told())(intent(), check("hukou"))
    assert raised.value.retry_after_seconds is None


# In the stack: each of these fails when two entries change places


def stacked(inner: Any, clock: StillClock, holds: Holds, hours: Calendar | None, seen: list[Finding]) -> Any:
    plan = stack.ChannelPlan(
        "query", (Grade.B, Grade.B), 3.0, {"two": TWO}, authority="social_insurance", holds=holds, hours=hours
    )
    return stack.stacked(inner, plan, clock, lambda _, finding, __: seen.append(finding))


async def asked_in_all(held: Sequence[Hold], hours: Calendar | None) -> tuple[Finding, int]:
    inner, seen = told(answered()), []
    found = await stacked(inner, StillClock(), await holding(*held), hours, seen)(intent(), check("two"))
    assert seen == [found]  # below settle: it comes out as a value, and is told
    return found, len(inner.calls)


async def test_no_attempt_and_no_evidence_stands_against_the_authority() -> None:
    for held, hours, status in (([HELD], None, Status.DRAINED), ([], MORNING, Status.CLOSED_WINDOW)):
        found, calls = await asked_in_all(held, hours)
        assert (found.status, found.attempts, found.evidence, found.request_grade) == (status, 0, (), None)
        assert calls == 0


async def test_what_an_operator_did_is_told_before_the_hour() -> None:
    """`hold` above `window`."""
    found, _ = await asked_in_all([HELD], MORNING)
    assert (found.status, found.retry_after_seconds) == (Status.DRAINED, 7200)


@pytest.mark.parametrize("ends", ["held", "closed"])
async def test_a_walk_that_began_is_not_stopped_half_way(ends: str) -> None:
    """Both above `walk`: the half that was asked would have been asked for nothing."""
    clock = StillClock()
    holds = Holds()
    clock.unix_seconds = datetime(2018, 5, 2, 11, 59, 59, tzinfo=CHINA).timestamp()
    calls = 0

    async def inner(_: Any, __: Any) -> Finding:
        nonlocal calls
        calls += 1
        if ends == "held":
            await holds.look(Stored(replace(HELD, until=HELD.until + 86400)))
        else:
            clock.unix_seconds += 1
        return answered()

    found = await stacked(inner, clock, holds, MORNING, [])(intent(), check("two"))
    assert (found.status, calls) == (Status.ANSWERED, 2)
    after = await stacked(inner, clock, holds, MORNING, [])(intent(), check("two"))
    assert (after.status, calls) == ((Status.DRAINED if ends == "held" else Status.CLOSED_WINDOW), 2)
