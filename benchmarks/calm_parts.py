"""An authority of two channels whose exchanges are stand-ins: everything above them is the gateway's own stack and join."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from gateway.calling.hedging import HedgingBudget
from gateway.calling.join import Joined
from gateway.calling.single_flight import Flights
from gateway.calling.stack import ChannelPlan, joined
from gateway.calling.tasks import Tasks
from gateway.clock import SystemClock
from gateway.contract.authority import Question
from gateway.model import (
    Check,
    Connector,
    Finding,
    Grade,
    Intent,
    Join,
    Operator,
    Person,
    Status,
    Verification,
)

DAY = date(2018, 5, 2)
QUESTIONS = {
    "asked": Question.model_validate({"walk": "once", "steps": {"one": {"operation": "op", "about": ["subject"]}}})
}
SECONDS = 8.0
ATTEMPT_SECONDS = 3.0

_numbers = count()
_clock = SystemClock()


@dataclass
class Channel:
    """Counts the calls that reach its wire."""

    wait: Callable[[], Awaitable[None]]
    calls: int = 0

    async def __call__(self, intent: Intent, check: Check) -> Finding:
        self.calls += 1
        check.trail.attempts += 1
        await self.wait()
        return Finding(check.authority, "any", Status.ANSWERED, {"one": {"state": "valid"}})


def intent() -> Intent:
    """A question about somebody else each time, so that no call is shared."""
    person = Person(f"2299012012060{next(_numbers) % 100000:05}", "测试子")
    operator = Operator("op-0117", "样例警员", "229901000000")
    asked = Verification(
        _clock.identifier(), "bench", "JL1", DAY, ("passport",), "exit_entry_application", None, operator, person, None, None,
        int(SECONDS * 1000),
    )  # fmt: skip
    return Intent(_clock.identifier(), asked, "jilin-2018-05", _clock.unix(), _clock.monotonic() + SECONDS)


def check(of: Intent, delay: float | None = None) -> Check:
    """Its one check; with a delay, on two channels one after the other."""
    join = None if delay is None else Join("after_delay", ("first", "second"), delay)
    return Check("authority", "asked", {"subject": of.verification.subject}, DAY, join)


@asynccontextmanager
async def stack_of_two(first: Channel, second: Channel) -> AsyncIterator[Connector]:
    """Both channels in their stacks, under the join."""
    async with Tasks() as tasks:
        flights = Flights(lambda *_: None, tasks, _clock)
        plans = {
            name: (inner, ChannelPlan(name, (Grade.B, Grade.B), ATTEMPT_SECONDS, QUESTIONS, places=64, flights=flights))
            for name, inner in (("first", first), ("second", second))
        }
        parts = Joined(_answered, _nobody, _nobody, tasks, _clock, HedgingBudget())
        yield joined(plans, parts, _nobody)


async def asked_of_two(connector: Connector, delay: float) -> Finding:
    """One question, answered."""
    asked = intent()
    found = await connector(asked, check(asked, delay))
    assert found.status is Status.ANSWERED, found
    return found


def _answered(_: Intent, __: Check, found: Finding) -> bool:
    return found.status is Status.ANSWERED


def _nobody(*_: Hashable) -> Any:
    """Nobody is told."""
