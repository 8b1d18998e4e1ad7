"""Takes the CPU time of one step, again and again, and keeps the median."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any


class Timer:
    """Microseconds of CPU of this process, all its threads, by the name of the step."""

    def __init__(self, repeats: int, number: int) -> None:
        self._repeats = repeats
        self._number = number
        self.us: dict[str, float] = {}

    def step(self, name: str, work: Callable[[], Any]) -> None:
        """A plain function."""
        work()
        found = []
        for _ in range(self._repeats):
            before = time.process_time()
            for _ in range(self._number):
                work()
            found.append((time.process_time() - before) / self._number * 1e6)
        self.us[name] = statistics.median(found)

    async def awaited(self, name: str, work: Callable[[], Awaitable[Any]], side_by_side: int = 1) -> None:
        """A coroutine, so many of them at a time."""
        each = max(1, self._number // side_by_side)
        await asyncio.gather(*(_in_turn(work, 1) for _ in range(side_by_side)))
        found = []
        for _ in range(self._repeats):
            before = time.process_time()
            await asyncio.gather(*(_in_turn(work, each) for _ in range(side_by_side)))
            found.append((time.process_time() - before) / (each * side_by_side) * 1e6)
        self.us[name] = statistics.median(found)


async def _in_turn(work: Callable[[], Awaitable[Any]], number: int) -> None:
    for _ in range(number):
        await work()
