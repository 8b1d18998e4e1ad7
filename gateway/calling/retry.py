"""Retry: a read that failed on its way is asked once more, after full jitter, while there is room for it.

Before the deadline there is room up to the deadline: a counter that can be told now why nobody could say is told now. What is
late already may go on until the question ends.
"""

from __future__ import annotations

import tenacity

from gateway.clock import Clock
from gateway.errors import Trouble
from gateway.model import Check, Connector, Finding, Intent, Stage

ATTEMPTS = 2
"""A counter's deadline leaves room for one more, never for a storm."""
ROOM_SECONDS = 0.1
"""An attempt that could not even take this long is not begun."""

_jitter = tenacity.wait_random_exponential(multiplier=0.2, max=1.0)


def retry(clock: Clock) -> Stage:
    """Asks again only after a trouble marked retryable; `Retry-After` is honoured. Success at once pays for nothing."""

    def stage(inner: Connector) -> Connector:
        async def retried(intent: Intent, check: Check) -> Finding:
            try:
                return await inner(intent, check)
            except Trouble as trouble:
                if not trouble.retryable:
                    raise
                return await _again(inner, intent, check, trouble, clock)

        return retried

    return stage


async def _again(inner: Connector, intent: Intent, check: Check, first: Trouble, clock: Clock) -> Finding:
    """The slow path, by tenacity: its first attempt is the one that already failed."""
    failed = iter([first])

    async def call() -> Finding:
        for trouble in failed:
            raise trouble
        if check.trail.is_over:
            raise first  # the last answer was given meanwhile: nobody is asked again, and this is why there was no reply
        return await inner(intent, check)

    def enough(state: tenacity.RetryCallState) -> bool:
        now = clock.monotonic()
        no_room = now + state.upcoming_sleep + ROOM_SECONDS > intent.room_until(now)
        return no_room or state.attempt_number >= ATTEMPTS

    retrying = tenacity.AsyncRetrying(
        sleep=clock.sleep,
        wait=_wait,
        stop=enough,
        retry=tenacity.retry_if_exception(lambda error: isinstance(error, Trouble) and error.retryable),
        reraise=True,
    )
    return await retrying(call)


def _wait(state: tenacity.RetryCallState) -> float:
    trouble = state.outcome.exception() if state.outcome else None
    asked = trouble.retry_after_seconds if isinstance(trouble, Trouble) else None
    return max(_jitter(state), asked or 0.0)
