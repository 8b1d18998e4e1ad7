"""How much work is let in at once: a cap that follows from what a request costs, and counters before bulk.

When an authority that hung answers at last, everything in flight can become ready at the same moment; our one core then
works through all of it, and the last one waits (in flight x cost of one) seconds. So the cap is the number for which that
wait is a quarter of the usual deadline (Little's law: work in the system = rate x time in it). It is never below `LEAST`, so
that no wrong measurement shuts the counters out, and never above `most`, for the memory that each one in flight holds.

Bulk gets in while it has less than a quarter of the cap, whoever else is there: a counter waits for it a sixteenth of its
deadline at most. A quarter loses bulk nothing, since a core is busy with far fewer at once. A counter that finds the cap
reached waits for the next place, ahead of all bulk; as many as a quarter of the cap may wait. Pure: nobody waits here.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

LEAST: Final = 32
FIRST_SECONDS: Final = 0.002
"""What a request is taken to cost before any was measured."""
WINDOW: Final = 64
"""Requests in one measurement."""
WEIGHT: Final = 0.2
"""Of the newest measurement in the average: the last ten or so count."""
BUSY: Final = 0.5
"""A measurement counts if the loop worked for that part of its time; else it says more of what goes on besides."""
REFUSED_PART: Final = 0.1
"""What refusing costs, as a part of a request. So a flood of refusals does not make the work look dear."""
PART: Final = 4
"""The wait is held to one part in four of the deadline, bulk to one in four of the cap, and so is who may wait."""


class Lane(StrEnum):
    """Who waits for the answer: somebody at a counter, or nobody in particular."""

    COUNTER = "counter"
    BULK = "bulk"


class Cost:
    """CPU seconds of the event loop for one request, as measured while it runs. `cpu` and `wall` give seconds."""

    def __init__(self, cpu: Callable[[], float], wall: Callable[[], float]) -> None:
        self._cpu = cpu
        self._wall = wall
        self.seconds = FIRST_SECONDS
        self._requests = 0.0
        self._since = cpu(), wall()

    def ended(self, *, was_let_in: bool) -> None:
        """One request has ended, or one was refused at the door."""
        self._requests += 1 if was_let_in else REFUSED_PART
        if self._requests < WINDOW:
            return
        cpu, wall = self._cpu(), self._wall()
        worked, passed = cpu - self._since[0], wall - self._since[1]
        if worked > 0 and worked >= BUSY * passed:
            self.seconds += WEIGHT * (worked / self._requests - self.seconds)
        self._requests, self._since = 0.0, (cpu, wall)


class Admission:
    """Who is in, who waits, and who may. `pinned` is a cap that nothing moves."""

    def __init__(self, cost: Cost, deadline_seconds: float, most: int, pinned: int | None = None) -> None:
        self.cost = cost
        self.wait_seconds = deadline_seconds / PART
        """For a core, at most."""
        self._most = most
        self._pinned = pinned
        self.inside = dict.fromkeys(Lane, 0)
        self.refused = dict.fromkeys(Lane, 0)
        self.waiting = 0
        """Counters."""
        self.is_closed = False
        """Nothing new comes in, for the gateway ends. Who waits already still does."""

    @property
    def cap(self) -> int:
        """How many may be in flight."""
        return self._pinned or max(LEAST, min(self._most, int(self.wait_seconds / self.cost.seconds)))

    @property
    def is_empty(self) -> bool:
        return not self.waiting and not self.in_flight

    @property
    def in_flight(self) -> int:
        return self.inside[Lane.COUNTER] + self.inside[Lane.BULK]

    def may_enter(self, lane: Lane) -> bool:
        """Whether there is a place. Whether the gateway is closed is asked by who comes, not by who waits."""
        if lane is Lane.BULK:
            return not self.waiting and self.inside[lane] < max(1, self.cap // PART) and self._has_place()
        return self._has_place()

    def may_wait(self, lane: Lane) -> bool:
        return lane is Lane.COUNTER and self.waiting < max(1, self.cap // PART)

    def _has_place(self) -> bool:
        return self.in_flight < self.cap
