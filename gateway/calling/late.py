"""Late: what goes on after an answer was given. Each ends once, at the latest when the gateway does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Final, Self

from gateway.calling.tasks import Tasks
from gateway.model import Verdict

STOP_SECONDS: Final = 5.0
"""How long the end of the gateway waits for late findings, before the last revisions are written with what is there."""


class Late:
    """Owns the completions of one gateway. They run in its `Tasks`, which outlive this and are outlived by the ledger."""

    def __init__(
        self,
        tasks: Tasks,
        seconds: float,
        told: Callable[[Verdict], None],
        stop_seconds: float = STOP_SECONDS,
    ) -> None:
        self.tasks = tasks
        self.seconds = seconds
        """How long after its deadline a check may go on. 0: an answer on time is the last one."""
        self.told = told
        """Told of each last revision, once it is durable."""
        self.stop: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when nobody may wait any longer."""
        self._stop_seconds = stop_seconds
        self._running: set[asyncio.Task[Any]] = set()

    def begin(self, completion: Coroutine[Any, Any, None]) -> None:
        """Goes on with it when nobody waits any more."""
        task = self.tasks.start(completion)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=self._stop_seconds)
        self.stop.set_result(None)
        if self._running:  # what is left writes its revision now; `Tasks` waits for it, bounded
            await asyncio.wait(self._running, timeout=self._stop_seconds)
