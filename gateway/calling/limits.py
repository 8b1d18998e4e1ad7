"""Two limits in time: the deadline of the whole question, and the limit of one attempt."""

from __future__ import annotations

import asyncio

from gateway.clock import Clock
from gateway.errors import TimedOut
from gateway.model import Check, Connector, Finding, Intent, Stage


def deadline(clock: Clock) -> Stage:
    """Ends the check when the question's deadline passes, whatever is going on below."""

    def stage(inner: Connector) -> Connector:
        async def within_deadline(intent: Intent, check: Check) -> Finding:
            return await _within(intent.deadline - clock.monotonic(), "the deadline passed", inner, intent, check)

        return within_deadline

    return stage


def attempt_limit(seconds: float, clock: Clock) -> Stage:
    """Ends one attempt after the contract's seconds. None starts after the question's deadline.

    One that has started may end after it: whose result nobody waits for any more is ended from above (`deadline`), or is
    left to end by itself and be compared (a joined channel's call, which is never cancelled).
    """

    def stage(inner: Connector) -> Connector:
        async def limited(intent: Intent, check: Check) -> Finding:
            allowed = seconds if clock.monotonic() < intent.deadline else 0.0
            return await _within(allowed, "no reply within the attempt's limit", inner, intent, check)

        return limited

    return stage


async def _within(seconds: float, why: str, inner: Connector, intent: Intent, check: Check) -> Finding:
    if seconds <= 0:
        raise TimedOut("no time was left to ask", is_ours=True)
    try:
        async with asyncio.timeout(seconds):
            return await inner(intent, check)
    except TimeoutError as error:
        raise TimedOut(why) from error
