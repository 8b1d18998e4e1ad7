"""Letting the event loop run until something is so, without a clock: for what no event tells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool]) -> None:
    """Returns in the first round of the loop in which it holds."""
    while not holds():  # noqa: ASYNC110
        await asyncio.sleep(0)  # noqa: TID251


async def settled() -> None:
    """A few rounds: whatever can run without the network has run."""
    for _ in range(5):
        await asyncio.sleep(0)  # noqa: TID251
