"""Work that outlives the question that began it: owned, so that nothing is left behind when the gateway ends."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import structlog

CLOSE_SECONDS: Final = 10.0
"""How long the end waits for what is on the wire: longer than a contract's usual attempt."""

_T = TypeVar("_T")
_log = structlog.get_logger("gateway.calling")


class Tasks:
    """The one owner of background work. What still runs at the end is waited for, for a bounded time, then cancelled."""

    def __init__(self, close_seconds: float = CLOSE_SECONDS) -> None:
        self._close_seconds = close_seconds
        self._running: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def start(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """Begins it at once; whoever waits for the task and is cancelled cancels only their own waiting."""
        # A task group would cancel all of them as soon as one fails, and it would make its owner wait without a bound.
        task = asyncio.create_task(work)  # noqa: TID251
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("task.broke", error=type(error).__name__)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=self._close_seconds)
        left = list(self._running)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)
