"""Single flight: equal questions that are in flight together share one call, and each has its own entries of it.

The first asker's call is a task that nobody's leaving ends. Who comes later waits for it within their own time. Nothing is
kept once it has ended: whoever asks then, asks anew. The authority sees the first asker's operator and case.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Hashable, Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.calling.exchange import Record
from gateway.calling.tasks import Tasks
from gateway.clock import Clock
from gateway.errors import TimedOut, Trouble
from gateway.model import Check, Connector, Evidence, Finding, Intent, Stage, Status, Trail, Written

ROOM_SECONDS: Final = 0.1
"""So near to the first asker's end, a call that brought nothing was ended by it."""
AGAIN_SECONDS: Final = 0.5
"""Whoever has less time left does not ask anew after that."""

_CUT_SHORT: Final = frozenset({Status.TIMEOUT, Status.LATE, Status.NOT_REQUESTED})

Said = Finding | Exception
"""What came of a call, as a value: it is told to several."""


@dataclass(slots=True)
class _Flight:
    """One call that is under way, by the first asker's intent and trail, which may have begun before."""

    intent: Intent
    trail: Trail
    attempts_before: int
    calls_before: int
    waiting: int = 0
    left: list[_Follower] = field(default_factory=list)
    """Who went before it ended, and has yet to have the entries of what ends later."""
    task: asyncio.Task[Said] = field(init=False)

    @property
    def calls(self) -> list[Evidence]:
        """Its exchanges that have ended."""
        return self.trail.evidence[self.calls_before :]


class _Follower:
    """One who waits for another's call, and has entries of their own of each exchange."""

    def __init__(self, intent: Intent, record: Record, clock: Clock) -> None:
        self._intent = intent
        self._record = record
        self._clock = clock
        self._own: dict[str, Evidence] = {}

    def evidence(self, calls: Iterable[Written]) -> tuple[Evidence, ...]:
        """The same exchanges under this question; each is recorded once."""
        return tuple(self._of(call) for call in calls if isinstance(call, Evidence))

    def said(self, said: Said) -> Said:
        """The same again, with this question's evidence."""
        if isinstance(said, Finding):
            own = self.evidence(said.evidence)
            others = tuple(replace(each, evidence=self.evidence(each.evidence)) for each in said.others)
            return replace(said, evidence=own, others=others)
        # An exception for each: a shared one would collect the tracebacks of them all.
        return copy(said) if isinstance(said, Trouble) else said

    def _of(self, call: Evidence) -> Evidence:
        own = self._own.get(call.evidence_id)
        if own is None:
            own = self._own[call.evidence_id] = replace(call, evidence_id=self._clock.identifier())
            self._record(self._intent, own)
        return own


class Flights:
    """What this process has in flight."""

    def __init__(self, record: Record, tasks: Tasks, clock: Clock) -> None:
        self.shared: Counter[str] = Counter()
        """Checks that made no call of their own, by authority."""
        self._record = record
        self._tasks = tasks
        self._clock = clock
        self._flying: dict[Hashable, _Flight] = {}

    def __len__(self) -> int:
        return len(self._flying)

    async def ask(self, inner: Connector, intent: Intent, check: Check) -> Said:
        """What came of the one call for all who ask this now.

        A call that is late already is not shared: who asks again is not to wait for what hangs.
        """
        key = _key(intent, check)
        flight = self._flying.get(key)
        if flight is not None and self._clock.monotonic() < flight.intent.deadline:
            said = await self._followed(key, flight, intent, check)
            if not self._was_cut_short(said, flight, intent):
                return said
            flight = self._flying.get(key)  # of another one who has time left, too
            if flight is not None:
                return await self._followed(key, flight, intent, check)
        return await self._led(key, inner, intent, check)

    async def _led(self, key: Hashable, inner: Connector, intent: Intent, check: Check) -> Said:
        trail = check.trail
        flight = self._flying[key] = _Flight(intent, trail, trail.attempts, len(trail.evidence), waiting=1)
        flight.task = self._tasks.start(self._flown(key, flight, inner, check))
        try:
            return await asyncio.shield(flight.task)
        finally:
            self._leave(key, flight)

    async def _followed(self, key: Hashable, flight: _Flight, intent: Intent, check: Check) -> Said:
        follower = _Follower(intent, self._record, self._clock)
        self.shared[check.authority] += 1
        flight.waiting += 1
        try:
            await asyncio.wait([flight.task], timeout=max(intent.ends - self._clock.monotonic(), 0.0))
        finally:
            self._leave(key, flight)
            if not flight.task.done():
                flight.left.append(follower)
            _add(check.trail, flight, follower)
        if not flight.task.done():
            return TimedOut("the deadline passed while another's call was waited for")
        return follower.said(flight.task.result())

    def _leave(self, key: Hashable, flight: _Flight) -> None:
        flight.waiting -= 1
        if not flight.waiting and not flight.task.done():
            # What is on the wire ends by itself. Nothing new is sent for nobody, and nobody joins what sends nothing.
            flight.trail.is_closed = True
            self._end(key, flight)

    async def _flown(self, key: Hashable, flight: _Flight, inner: Connector, check: Check) -> Said:
        said: Said
        try:
            said = await inner(flight.intent, check)
        except Exception as error:
            said = error
        finally:
            self._end(key, flight)
        for follower in flight.left:
            follower.evidence(flight.calls)
            follower.said(said)
        return said

    def _end(self, key: Hashable, flight: _Flight) -> None:
        if self._flying.get(key) is flight:
            del self._flying[key]

    def _was_cut_short(self, said: Said, flight: _Flight, intent: Intent) -> bool:
        """Whether it was the first asker's time that ended it, and there is more of this one's."""
        brought_nothing = said.status in _CUT_SHORT if isinstance(said, Finding) else isinstance(said, TimedOut)
        now = self._clock.monotonic()
        was_over = flight.trail.is_closed or now >= flight.intent.ends - ROOM_SECONDS
        return brought_nothing and was_over and intent.ends - now >= AGAIN_SECONDS


def single_flight(flights: Flights) -> Stage:
    """One call for all who ask the same at once: of the same people, for the same purpose, to be read the same way."""

    def stage(inner: Connector) -> Connector:
        async def shared(intent: Intent, check: Check) -> Finding:
            said = await flights.ask(inner, intent, check)
            if isinstance(said, Finding):
                return said
            raise said

        return shared

    return stage


def _key(intent: Intent, check: Check) -> Hashable:
    """What two questions must have in common. Never to be written anywhere: there are people in it."""
    asked = intent.verification
    # By the first asker's question the join sees what is conclusive: where one joins, that must be the same as well.
    concludes = None if check.join is None else (check.join, asked.materials, asked.guardian, asked.operator.unit_code)
    people = frozenset(check.about.items())
    return check.authority, check.question, people, check.as_of, intent.policy, asked.purpose, concludes


def _add(trail: Trail, flight: _Flight, follower: _Follower) -> None:
    """What was done for all, to the trail of one who follows."""
    trail.attempts += flight.trail.attempts - flight.attempts_before
    trail.evidence.extend(follower.evidence(flight.calls))
    trail.why_not.extend(flight.trail.why_not)
    for part, seconds in flight.trail.seconds.items():
        trail.spent(part, seconds)
