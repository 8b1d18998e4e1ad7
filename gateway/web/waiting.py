"""Those who wait for a pending answer to end. None holds a lock or a thread: each is one future."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from gateway.ledger.ledger import Ledger
from gateway.model import Verdict

_Key = tuple[str, str]
"""Verification and consumer."""


class Waiting:
    """Of one process. What ends here wakes them at once; what another process ends, within about a second."""

    def __init__(self, ledger: Ledger, count: Callable[[], None]) -> None:
        self._ledger = ledger
        self._count = count
        """Told of each end: metrics."""
        self._waiting: dict[_Key, set[asyncio.Future[None]]] = {}
        self._is_over = False

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    async def until_ended(self, verification_id: str, consumer: str, seconds: float) -> None:
        """Returns when that answer is not pending (any more), or after so many seconds, or when nobody may wait longer."""
        if self._is_over:
            return
        key, woken = (verification_id, consumer), asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, set()).add(woken)  # before the look, so that no end falls in between
        try:
            await self._look_at(key)
            await asyncio.wait([woken], timeout=seconds)
        finally:
            self._waiting[key].discard(woken)
            if not self._waiting[key]:
                del self._waiting[key]

    def ended(self, verdict: Verdict) -> None:
        """Called when the last revision of a pending answer is durable in this process."""
        self._count()
        for key, waiting in self._waiting.items():
            if key[0] == verdict.verification_id:
                _wake(waiting)

    async def look(self) -> None:
        """Once a second: what has ended elsewhere."""
        await asyncio.gather(*(self._look_at(key) for key in list(self._waiting)))

    def let_go(self) -> None:
        """Nobody waits any longer: the gateway ends."""
        self._is_over = True
        for waiting in self._waiting.values():
            _wake(waiting)

    async def _look_at(self, key: _Key) -> None:
        stored = await self._ledger.answer(*key)
        if stored is None or not is_pending(stored[0]):
            _wake(self._waiting.get(key, set()))


def is_pending(body: bytes) -> bool:
    """Whether another revision of this answer follows by itself."""
    return bool(json.loads(body)["outcome"] == "pending")


def _wake(waiting: set[asyncio.Future[None]]) -> None:
    for woken in waiting:
        if not woken.done():
            woken.set_result(None)
