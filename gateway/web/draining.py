"""The end of a gateway, so that nobody at a counter notices it: announced, closed to newcomers, emptied."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from gateway.clock import Clock, cpu_seconds
from gateway.settings import Settings
from gateway.web.admission import Admission, Cost
from gateway.web.entrance import Entrance
from gateway.web.occupancy import Occupancy

GRACE_SECONDS: Final = 2.0
"""Beyond the longest deadline, for what is judged, written and signed after it."""

_log = structlog.get_logger("gateway.web")


class Drain:
    """One for a process, run once. `stop_listening` leaves open connections alone."""

    def __init__(
        self, entrance: Entrance, clock: Clock, settings: Settings, stop_listening: Callable[[], None]
    ) -> None:
        self._entrance = entrance
        self._clock = clock
        self._notice_seconds = settings.drain.notice_seconds
        self._most_seconds = settings.deadlines.most_ms / 1000 + GRACE_SECONDS
        self._stop_listening = stop_listening

    async def run(self) -> bool:
        """Whether nothing is in flight any more; False when the longest deadline was over before that.

        A load balancer has its time to notice first: a question that is on its way to us is answered. After that new
        connections are refused by the system, and new requests on old ones by the door: both are safe to ask elsewhere.
        """
        self._entrance.is_announced = True
        _log.info("drain.announced", seconds=self._notice_seconds)
        await self._clock.sleep(self._notice_seconds)
        self._entrance.close()
        self._stop_listening()
        try:
            async with asyncio.timeout(self._most_seconds):
                await self._entrance.emptied()
        except TimeoutError:
            # What is cut off now is an intent without an end: the next start closes it as undetermined.
            _log.warning("drain.cut_short", count=self._entrance.admission.in_flight)
            return False
        _log.info("drain.emptied")
        return True


def way_in(settings: Settings, clock: Clock, registry: CollectorRegistry) -> Entrance:
    """The entrance of this process, with its cost measured and its metrics registered."""
    given, deadline_seconds = settings.admission, settings.deadlines.default_ms / 1000
    cost = Cost(cpu_seconds, clock.monotonic)
    made = Entrance(Admission(cost, deadline_seconds, given.most_in_flight, given.in_flight))
    registry.register(Occupancy(made))
    return made
