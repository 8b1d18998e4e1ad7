"""One question of the cast as the stages see it, and connectors that do as they are told and count."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gateway.errors import TROUBLES, Trouble
from gateway.model import Check, Finding, Intent, Operator, Person, Status, Verification

CHILD = Person("229901201206011035", "测试子")
FATHER = Person("229901198805121012", "测试父")
OPERATOR = Operator("op-0117", "样例员", "229901000000")
DAY = date(2018, 5, 2)


def intent(deadline: float = 1008.0, late: float = 0.0) -> Intent:
    """A question asked at the still clock's start, which stands at 1000 on the monotonic scale."""
    verification = Verification(
        "v-1", "counter", "JL1", DAY, ("passport",), "exit_entry_application", None, OPERATOR, CHILD, FATHER, None, 8000
    )
    return Intent("entry-1", verification, "jilin-2018-05", 1_525_219_200.0, deadline, late_seconds=late)


def check(question: str = "guardianship", **more: Any) -> Check:
    about = {"subject": CHILD, "guardian": FATHER}
    return Check(**{"authority": "registry", "question": question, "about": about, "as_of": DAY} | more)


def answered(step: str = "one", **facts: Any) -> Finding:
    return Finding("registry", "query", Status.ANSWERED, {step: facts or {"a": 1}})


Outcome = Finding | BaseException | Callable[[Check], Any]


@dataclass
class Told:
    """A connector that gives each outcome in turn (the last one for ever), raises it, or awaits what it returns."""

    outcomes: list[Outcome] = field(default_factory=lambda: [answered()])
    calls: list[Check] = field(default_factory=list)
    ended: int = 0
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, intent: Intent, check: Check) -> Finding:
        outcome = self.outcomes[min(len(self.calls), len(self.outcomes) - 1)]
        self.calls.append(check)
        self.entered.set()
        try:
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome if isinstance(outcome, Finding) else await outcome(check)
        finally:
            self.ended += 1


def told(*outcomes: Outcome) -> Told:
    return Told(list(outcomes) or [answered()])


async def never(check: Check) -> Finding:
    """Never ends by itself."""
    await asyncio.Event().wait()
    raise AssertionError


def every_trouble() -> list[Trouble]:
    return [kind("as a test has it", retry_after_seconds=7.4) for kind in TROUBLES]
