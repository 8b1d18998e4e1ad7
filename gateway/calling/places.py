"""Places: how many calls one channel may have on the wire at once, so that a slow authority cannot take all we have."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from gateway.clock import Clock
from gateway.errors import Busy
from gateway.model import Check, Connector, Finding, Intent, Stage


def places(most: int, wait_seconds: float, clock: Clock) -> Stage:
    """At most `most` calls at once. Who finds no place waits in line, no longer than that nor than the deadline leaves.

    The line is kept in order. What was waited is the trail's `queue`; who waited in vain gets a Busy that is ours.
    """
    room = _Room(most)

    def stage(inner: Connector) -> Connector:
        async def placed(intent: Intent, check: Check) -> Finding:
            if not room.take():
                now = clock.monotonic()
                await _wait(room, min(wait_seconds, intent.room_until(now) - now), check, clock)
            try:
                return await inner(intent, check)
            finally:
                room.leave()

        return placed

    return stage


async def _wait(room: _Room, seconds: float, check: Check, clock: Clock) -> None:
    began = clock.monotonic()
    try:
        has_place = await room.wait(seconds)
    finally:
        check.trail.spent("queue", clock.monotonic() - began)
    if not has_place:
        raise Busy("all our places towards them are taken", is_ours=True)


class _Room:
    """The places, and the line of those who wait for one."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._line: OrderedDict[asyncio.Future[bool], None] = OrderedDict()

    def take(self) -> bool:
        """A place, where one is free. Nobody overtakes the line: while it is not empty none is."""
        if not self._free:
            return False
        self._free -= 1
        return True

    def leave(self) -> None:
        """Hands the place on to the first in line; without one it is free."""
        while self._line:
            first, _ = self._line.popitem(last=False)
            if not first.done():  # else it has given up in this very turn of the loop
                first.set_result(True)
                return
        self._free += 1

    async def wait(self, seconds: float) -> bool:
        """Whether a place was handed over in time."""
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[bool] = loop.create_future()
        self._line[mine] = None
        timer = loop.call_later(max(seconds, 0.0), _give_up, mine)
        try:
            return await mine
        except asyncio.CancelledError:
            if not mine.cancelled() and mine.result():
                self.leave()  # handed over in the moment in which we were cancelled: it must not be lost
            raise
        finally:
            timer.cancel()
            self._line.pop(mine, None)


def _give_up(waiting: asyncio.Future[bool]) -> None:
    if not waiting.done():
        waiting.set_result(False)
