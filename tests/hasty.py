"""A clock for whole systems: the machine's own time, in which nobody waits, and which a test may move on."""

from __future__ import annotations

import asyncio

from gateway.clock import SystemClock
from gateway.watching import EVERY_SECONDS


class HastyClock(SystemClock):
    """The machine's time, but waiting takes none of it: the suite never sleeps.

    Who keeps watch over files waits for ever: a test that changes some says `running.reload()`.
    """

    passed = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.passed

    def rest(self, seconds: float = 600.0) -> None:
        """Lets a quiet time pass: breakers that tripped may be probed, and what came before counts no more."""
        self.passed += seconds

    async def sleep(self, seconds: float) -> None:
        """Returns at once, or never."""
        if seconds == EVERY_SECONDS:
            await asyncio.Event().wait()
