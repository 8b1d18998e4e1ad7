"""Two channels to join, each behind a gate of its own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from gateway.calling.hedging import HedgingBudget
from gateway.calling.join import Branch, Joined, join
from gateway.calling.tasks import Tasks
from gateway.model import Check, Finding, Grade, Intent, Join, Status
from tests.still import StillClock

from .doubles import QUESTION, Asked, Told, check, finding, intent, question

RACE, BOTH = Join("race", ("share", "query")), Join("both_and_compare", ("share", "query"))
SOON, LATER = Join("after_delay", ("share", "query"), 0.001), Join("after_delay", ("share", "query"), 60.0)
YES = {"name": "x", "confirms": True}
NO = {"name": "x", "confirms": False}


@dataclass
class Channels:
    """Two channels, each behind a gate of its own, and everything that a join is made with."""

    tasks: Tasks
    share: Asked = field(default_factory=lambda: Asked([finding(**YES)], gate=asyncio.Event()))
    query: Asked = field(default_factory=lambda: Asked([finding(channel="query", **YES)], gate=asyncio.Event()))
    told: Told = field(default_factory=Told)
    hedged: Told = field(default_factory=Told)
    hedging: HedgingBudget = field(default_factory=HedgingBudget)
    questions: dict[str, Any] = field(default_factory=lambda: {"share": question(), "query": question()})

    def says(self, share: Finding, query: Finding) -> None:
        self.share.says, self.query.says = [share], [query]

    def open(self, *names: str) -> None:
        for name in names or ("share", "query"):
            gate = getattr(self, name).gate
            assert gate is not None
            gate.set()

    def begin(self, how: Join | None, seconds: float = 7.0, **changes: Any) -> asyncio.Task[Finding]:
        def conclusive(intent: Intent, check: Check, found: Finding) -> bool:
            facts = found.records.get("insured")
            return facts is not None and bool(facts.get("confirms"))

        branches = {
            name: Branch(asked, Grade.D, {QUESTION: self.questions[name]} if name in self.questions else {})
            for name, asked in (("share", self.share), ("query", self.query))
        }
        parts = Joined(conclusive, self.told, self.hedged, self.tasks, StillClock(), self.hedging)
        connector = join(branches, parts)
        return asyncio.ensure_future(connector(intent(seconds), check(how, **changes)))

    @property
    def asked(self) -> tuple[int, int]:
        return len(self.share.checks), len(self.query.checks)


def no(channel: str = "share", **more: Any) -> Finding:
    return finding(channel=channel, **NO | more)


def status(status: Status, channel: str = "share") -> Finding:
    return finding(status, channel)
