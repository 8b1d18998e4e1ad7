"""Runs a coroutine on the fastest event loop there is, and waits for the signals that end a server."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

YOUNG_OBJECTS = 20_000
"""How many more objects must be made than freed before the collector looks at the young ones (Python: 700)."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """On uvloop where it is installed, else on asyncio's own loop."""
    try:
        import uvloop
    except ModuleNotFoundError:
        return asyncio.run(main)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def calm_collector() -> None:
    """Takes what was loaded at start-up out of the garbage collector's sight, and lets it look for new garbage less often.

    A server's contracts, schemas and policies live as long as it does; walking them again and again cost a fifth of its
    CPU. Questions leave few cycles behind: reference counts free nearly all of them at once.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)


async def told_to_stop() -> None:
    """Returns at the first SIGINT or SIGTERM. The next one ends the process at once, as a crash would."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)  # else Python makes an exception of SIGINT, and cleans up
