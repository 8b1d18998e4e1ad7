"""Join: several channels of one authority, asked as the policy says, give one Finding. The one combinator beside Stage.

`race` asks all at once, `after_delay` one after another, `both_and_compare` all and waits for all. A conclusive finding ends
the first two. Under `after_delay` the next channel is asked when the one before left the question open, or, within a budget
(`hedging.py`), when the delay is over. A call on the wire is never cancelled, neither by a faster channel nor by the deadline:
it ends within its own attempt limit, is logged, and is compared with what was answered. Where channels disagree, the facts
are named and counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import structlog

from gateway.calling.hedging import HedgingBudget
from gateway.calling.tasks import Tasks
from gateway.clock import Clock
from gateway.contract.authority import Question
from gateway.mapping.divergence import Window, divergence
from gateway.model import Check, Connector, Finding, Intent, Join, Status, Trail, WhyNot

Conclusive = Callable[[Intent, Check, Finding], bool]
"""Whether a finding settles the check whatever another channel may say: it confirms."""
NO_RECORD: Final = Status.NO_RECORD.value
"""The name under which it is told that one channel has a record and another one says that there is none."""

_RANK: Final = {Status.ANSWERED: 0, Status.NO_RECORD: 1, Status.NOT_REQUESTED: 3}
_TROUBLE: Final = 2

_log = structlog.get_logger("gateway.calling")


Diverged = Callable[[str, tuple[str, ...], str], None]
"""Told of an authority whose channels disagree, with the names of the facts and the code of the unit that asked: a metric."""
Hedged = Callable[[str, WhyNot | None], None]
"""Told of an authority's next channel: asked only because the first one is slow (None), or not asked, and why: a metric."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One channel: its whole stack, settled; and the questions that it can be asked."""

    connector: Connector
    questions: Mapping[str, Question]


@dataclass(frozen=True, slots=True)
class Joined:
    """What one authority's join is made with."""

    conclusive: Conclusive
    diverged: Diverged
    hedged: Hedged
    tasks: Tasks
    clock: Clock
    hedging: HedgingBudget


def join(branches: Mapping[str, Branch], parts: Joined) -> Connector:
    """The connector of an authority with several channels. Each channel's finding stands in it, the best one first."""

    async def joined(intent: Intent, check: Check) -> Finding:
        able = tuple(name for name, branch in branches.items() if check.question in branch.questions)
        how = check.join or Join("both_and_compare", able)
        order = [name for name in how.channels if name in able]
        calls = _Calls(branches, parts, intent, replace(check, join=how), order)
        check.trail.so_far = calls.so_far
        return await calls.finding()

    return joined


@dataclass(slots=True)
class _Call:
    """One channel's call on the wire."""

    task: asyncio.Task[Finding]
    trail: Trail


class _Calls:
    """One check on its way through the channels."""

    def __init__(
        self, branches: Mapping[str, Branch], parts: Joined, intent: Intent, check: Check, order: list[str]
    ) -> None:
        self._branches = branches
        self._parts = parts
        self._intent = intent
        self._check = check
        self._how = check.join or Join("both_and_compare", tuple(order))
        self._order = order
        self._waiting = list(order)
        self._hedges = self._how.mode == "after_delay"
        self._calls: dict[str, _Call] = {}

    async def finding(self) -> Finding:
        """What the channels say together."""
        await self._ask()
        for call in self._calls.values():
            call.trail.is_closed = True  # what is on the wire ends by itself; nothing new is sent from here on
        best, others = self._parted(Status.LATE)
        on_wire = {name: call.task for name, call in self._calls.items() if not call.task.done()}
        if on_wire:
            self._parts.tasks.start(self._compare_later(best, on_wire))
        self._tell(best, others)
        return self._together(best, others)

    def so_far(self) -> Finding:
        """What they would say together if what is on the wire never came."""
        return self._together(*self._parted(Status.TIMEOUT))

    async def _ask(self) -> None:
        """Until a conclusive finding, or all are in."""
        self._start_next()
        while self._waiting and self._how.mode != "after_delay":
            self._start_next()
        if self._waiting:
            self._parts.hedging.earn()
        while running := [call.task for call in self._calls.values() if not call.task.done()]:
            pause = self._how.delay_seconds if self._waiting and self._hedges else None
            done, _ = await asyncio.wait(running, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            if self._how.mode != "both_and_compare" and any(self._is_conclusive(task.result()) for task in done):
                if self._waiting and self._hedges:
                    self._tell_hedge(WhyNot.HEDGE_NOT_NEEDED)
                return
            # What came in leaves the question open, so that the next one is needed; or the delay is over, and it is a hedge.
            if self._waiting and (done or self._may_hedge()):
                self._start_next()

    def _may_hedge(self) -> bool:
        """Asked once when the delay is over. Without a budget the first channel has all the time."""
        self._hedges = self._parts.hedging.spend()
        self._tell_hedge(None if self._hedges else WhyNot.HEDGE_BUDGET_SPENT)
        return self._hedges

    def _tell_hedge(self, why_not: WhyNot | None) -> None:
        if why_not is not None:
            self._check.trail.why_not.append(why_not)
        self._parts.hedged(self._check.authority, why_not)

    def _start_next(self) -> None:
        name = self._waiting.pop(0)
        # A trail of its own: each channel's attempts and evidence are its own, and a late one's are read from here.
        check = replace(self._check, trail=Trail(within=self._check.trail))
        self._check.trail.below.append(check.trail)
        work = _awaited(self._branches[name].connector, self._intent, check)
        self._calls[name] = _Call(self._parts.tasks.start(work), check.trail)

    def _is_conclusive(self, finding: Finding) -> bool:
        return self._parts.conclusive(self._intent, self._check, finding)

    def _parted(self, unfinished: Status) -> tuple[Finding, tuple[Finding, ...]]:
        """The best of all channels' findings, and the others in the policy's order."""
        found = [self._finding_of(name, unfinished) for name in self._order]
        best = self._best(found)
        return best, tuple(finding for finding in found if finding is not best)

    def _together(self, best: Finding, others: tuple[Finding, ...]) -> Finding:
        names = {name for _, differing in self._differences(best, others) for name in differing} - {NO_RECORD}
        return replace(best, others=others, diverges_on=tuple(sorted(names)))

    def _finding_of(self, name: str, unfinished: Status) -> Finding:
        call = self._calls.get(name)
        if call is None:
            return Finding(self._check.authority, name, Status.NOT_REQUESTED)
        if call.task.done():
            return call.task.result()
        if not call.trail.attempts:
            # Nothing was sent before the asking ended: it was neither slow nor late.
            return Finding(self._check.authority, name, Status.NOT_REQUESTED)
        return replace(call.trail.so_far(), status=unfinished)

    def _best(self, found: Sequence[Finding]) -> Finding:
        """The first conclusive one; else one that answered, then one without a record, then the first one's trouble."""
        conclusive = (finding for finding in found if self._is_conclusive(finding))
        return next(conclusive, None) or min(found, key=lambda each: _RANK.get(each.status, _TROUBLE))

    def _differences(self, best: Finding, others: tuple[Finding, ...]) -> Iterator[tuple[Finding, tuple[str, ...]]]:
        """Each channel that disagrees with the best one, and in which facts."""
        for other in others:
            if {best.status, other.status} == {Status.ANSWERED, Status.NO_RECORD}:
                yield other, (NO_RECORD,)  # no fact to differ in: the rulings are merged as ever
            if differing := divergence(best, other, self._window()):
                yield other, differing

    def _tell(self, best: Finding, others: tuple[Finding, ...]) -> None:
        for other, names in self._differences(best, others):
            _log.warning(
                "channels.diverged", authority=other.authority, channel=other.channel, name=" ".join(names)
            )  # names of facts, never what they hold
            self._parts.diverged(other.authority, names, self._intent.verification.operator.unit_code)

    def _window(self) -> Window:
        """What every channel was asked about: whole years where one goes by years, and nothing after the application."""
        return max(self._first_days(), default=date.min), self._check.as_of

    def _first_days(self) -> Iterator[date]:
        for name in self._order:
            question = self._branches[name].questions[self._check.question]
            if question.walk == "per_year":
                yield date(question.years(self._check.as_of)[0], 1, 1)

    async def _compare_later(self, best: Finding, on_wire: Mapping[str, asyncio.Task[Finding]]) -> None:
        """Nobody waits for these any more; a divergence is recorded all the same."""
        await asyncio.wait(on_wire.values())
        late = tuple(task.result() for task in on_wire.values() if not task.cancelled())
        for finding in late:
            status, channel = finding.status, finding.channel
            _log.info("check.ended_late", authority=finding.authority, channel=channel, status=status)
        replies = sorted((each for each in (best, *late) if each.status.is_reply), key=lambda each: _RANK[each.status])
        if replies:
            self._tell(replies[0], tuple(replies[1:]))


async def _awaited(connector: Connector, intent: Intent, check: Check) -> Finding:
    return await connector(intent, check)
