"""The entrance of `/v1/`: gives out places by the rules of `admission`, lets counters wait for one, and empties at the end.

Room is asked for twice. Before the body is read, in the lane of the key id that the request *names*: a hint, which costs
nothing to look up and can be forged, and which therefore takes no place from anybody. The place itself is taken once the
signature verified, in the lane of who it is. So a slow body or a forged request never keeps a counter out: naming a counter's
key gets it no further than to have its signature looked at. Nothing stands between the two but the body's arrival.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from typing import Final

from gateway.errors import Refused
from gateway.security.grants import Directory
from gateway.web.admission import PART, Admission, Lane
from gateway.web.problems import refused

RETRY_AFTER: Final = {Lane.COUNTER: "1", Lane.BULK: "5"}
"""Seconds. Bulk is told a longer time, so that counters which were refused together find room first."""
_NAMED = re.compile(r';keyid="([!#-\[\]-~]{1,128})"')


class Entrance:
    """One for a process."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._emptied: asyncio.Event | None = None
        self.is_announced = False
        """The end is near: `/readyz` says so, every answer ends its connection, and all are let in still."""

    def require_room(self, lane: Lane) -> None:
        """Raises Refused: there is no place in this lane, and none to wait in."""
        known = self.admission
        if known.is_closed or not (known.may_enter(lane) or known.may_wait(lane)):
            raise self._refusal(lane)

    async def enter(self, lane: Lane) -> None:
        """Takes a place, after a while if need be. Raises Refused: none came free. Who was let in must `leave`."""
        self.require_room(lane)
        if self.admission.may_enter(lane):
            self.admission.inside[lane] += 1
        else:
            await self._waited()

    def leave(self, lane: Lane) -> None:
        """Gives the place to the counter that has waited longest, or back."""
        self.admission.inside[lane] -= 1
        while self._waiters and self.admission.may_enter(Lane.COUNTER):
            first = self._waiters.popleft()
            if not first.done():
                self.admission.inside[Lane.COUNTER] += 1
                first.set_result(None)
        self._look()

    def close(self) -> None:
        """Lets in nobody who comes from now on."""
        self.admission.is_closed = True

    async def emptied(self) -> None:
        """Returns when nobody is inside or waits. For one caller, after `close`."""
        self._emptied = asyncio.Event()
        self._look()
        await self._emptied.wait()

    async def _waited(self) -> None:
        known, waiter = self.admission, asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        known.waiting += 1
        try:
            async with asyncio.timeout(known.wait_seconds / PART):
                await waiter
        except (TimeoutError, asyncio.CancelledError) as error:
            if waiter.done() and not waiter.cancelled():
                self.leave(Lane.COUNTER)  # it was given at this very moment: the next one gets it
            if isinstance(error, TimeoutError):
                raise self._refusal(Lane.COUNTER) from None
            raise
        finally:
            known.waiting -= 1
            waiter.cancel()
            self._look()

    def _look(self) -> None:
        if self._emptied is not None and self.admission.is_empty:
            self._emptied.set()

    def _refusal(self, lane: Lane) -> Refused:
        self.admission.refused[lane] += 1
        if self.admission.is_closed:
            return refused("draining", Retry_After=RETRY_AFTER[lane], Connection="close")
        return refused("overloaded", Retry_After=RETRY_AFTER[lane])


def named_lane(signature_input: str, consumers: Directory) -> Lane:
    """The lane of the key that a request names, believed of nobody. One that may not sign, or none: bulk, the worse one."""
    found = _NAMED.search(signature_input)
    known = consumers.get(found[1]) if found is not None else None
    return Lane.BULK if known is None else Lane(known.consumer.lane)
