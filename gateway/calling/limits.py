"""The limit of one attempt. The deadline of the whole question ends no call: `asking` gives what is there by then."""

from __future__ import annotations

import asyncio

from gateway.clock import Clock
from gateway.errors import TimedOut
from gateway.model import Check, Connector, Finding, Intent, Stage


def attempt_limit(seconds: float, clock: Clock) -> Stage:
    """Ends one attempt after the contract's seconds. None starts after the question's end; one that has started may.

    Its result then belongs to no answer, and is evidence all the same.
    """

    def stage(inner: Connector) -> Connector:
        async def limited(intent: Intent, check: Check) -> Finding:
            if clock.monotonic() >= intent.ends:
                raise TimedOut("no time was left to ask", is_ours=True)
            try:
                async with asyncio.timeout(seconds):
                    return await inner(intent, check)
            except TimeoutError as error:
                raise TimedOut("no reply within the attempt's limit") from error

        return limited

    return stage
