"""Window: outside the hours of its contract an authority is not asked. Nothing is sent, and nothing was its failure."""

from __future__ import annotations

from math import ceil

from gateway.clock import Clock
from gateway.contract.hours import Calendar
from gateway.errors import ClosedWindow
from gateway.model import Check, Connector, Finding, Intent, Stage


def window(hours: Calendar, clock: Clock) -> Stage:
    """Raises ClosedWindow, with the seconds until they open where that is known."""

    def stage(inner: Connector) -> Connector:
        async def within_hours(intent: Intent, check: Check) -> Finding:
            now = clock.unix()
            if hours.is_open(now):
                return await inner(intent, check)
            opens = hours.opens_at(now)
            wait = None if opens is None else ceil(opens - now)
            raise ClosedWindow("outside the contract's hours", retry_after_seconds=wait, is_ours=True)

        return within_hours

    return stage
