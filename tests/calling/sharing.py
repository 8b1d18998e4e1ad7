"""Askers of one shared call: what stands below the flight, and who asks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.calling.settle import settle
from gateway.calling.single_flight import Flights, single_flight
from gateway.calling.tasks import Tasks
from gateway.model import Check, Evidence, Finding, Grade, Intent, Person, Status
from tests.calling.doubles import VERIFICATION, Told, called, check, finding, intent
from tests.still import StillClock

OTHER = Person("219901199203151081", "阿测·样例")


@dataclass
class Called:
    """Below: each call waits for its gate, leaves evidence, and says what it is told (the last again and again)."""

    says: list[Finding | Exception] = field(default_factory=lambda: [finding(months=12)])
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[tuple[Intent, Check]] = field(default_factory=list)
    cancelled: int = 0

    async def __call__(self, intent: Intent, check: Check) -> Finding:
        self.asked.append((intent, check))
        number = len(self.asked)
        check.trail.attempts += 1
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        check.trail.evidence.append(called(f"call-{number}", Status.ANSWERED))
        if isinstance(said, Exception):
            raise said
        return said


@dataclass
class Setting:
    tasks: Tasks
    clock: StillClock = field(default_factory=StillClock)
    below: Called = field(default_factory=Called)
    recorded: Told = field(default_factory=Told)
    flights: Flights = field(init=False)

    def __post_init__(self) -> None:
        self.flights = Flights(self.recorded, self.tasks, self.clock)

    def asks(
        self, name: str = "e1", seconds: float = 7.0, asked: Check | None = None, late: float = 0.0, **more: Any
    ) -> asyncio.Task[Any]:
        """A question that is on its way: through `settle`, as in the stack."""
        verification = replace(VERIFICATION, **more)
        until = self.clock.monotonic() + seconds
        who = replace(intent(), entry_id=name, verification=verification, deadline=until, late_seconds=late)
        stages = settle("share", (Grade.D, Grade.D), self.clock, lambda *_: None)(
            single_flight(self.flights)(self.below)
        )
        return asyncio.ensure_future(stages(who, asked or check()))

    def own(self, name: str) -> list[Evidence]:
        """The entries that were written for a question; those of the first asker are the exchange's."""
        return [call for who, call in self.recorded.calls if who.entry_id == name]
