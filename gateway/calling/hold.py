"""Hold: a channel that an operator took in hand is not asked. Nothing is sent, and it says nothing about the authority."""

from __future__ import annotations

from math import ceil
from typing import Final

from gateway.clock import Clock
from gateway.errors import Drained, Tripped, Trouble
from gateway.model import Check, Connector, Finding, Intent, Stage
from gateway.store.holds import Holds, State

_TROUBLES: Final[dict[State, type[Trouble]]] = {"drained": Drained, "open": Tripped}


def hold(holds: Holds, authority: str, channel: str, clock: Clock) -> Stage:
    """Raises Drained, or Tripped where its breaker is forced open, with the seconds until the hold ends. Reads memory only."""

    def stage(inner: Connector) -> Connector:
        async def held(intent: Intent, check: Check) -> Finding:
            now = clock.unix()
            found = holds.of(authority, channel, now)
            if found is None:
                return await inner(intent, check)
            # Not the operator's own words: this goes into the log with every check.
            raise _TROUBLES[found.state](
                "held by an operator", retry_after_seconds=ceil(found.until - now), is_ours=True
            )

        return held

    return stage
