"""Hedging under 1 % slow calls: the slowest thousandth with it and without it, and what it costs in further calls.

Two channels, each in its whole stack, under the shipped join; the exchange alone is a stand-in that answers after a few
milliseconds, and one call in a hundred after many. With and without take turns in one run, on the same slow calls.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from typing import Any, Final

from benchmarks.calm_parts import Channel, asked_of_two, stack_of_two

QUICK_SECONDS: Final = 0.004
SLOW_SECONDS: Final = 0.4
SLOW_PART: Final = 0.01
DELAY_SECONDS: Final = 0.03
"""Well over what a call that is not slow takes, the loop's own delays included."""
SIDE_BY_SIDE: Final = 16


async def measured(rounds: int, questions: int, tell: Any) -> dict[str, Any]:
    """The p99.9 in ms of both, their ratio, and the further calls by part of the first ones."""
    found: list[tuple[float, float, float]] = []
    for number in range(rounds):
        alone, _ = await _stretch(questions, seed=number, delay=3600.0)
        hedged, extra = await _stretch(questions, seed=number, delay=DELAY_SECONDS)
        found.append((alone, hedged, extra))
        tell(f"hedging, round {number + 1} of {rounds}")
    ratios = [hedged / alone for alone, hedged, _ in found]
    return {
        "without_ms": round(statistics.median(alone for alone, _, _ in found) * 1e3, 1),
        "with_ms": round(statistics.median(hedged for _, hedged, _ in found) * 1e3, 1),
        "ratio": [round(each, 3) for each in (statistics.median(ratios), min(ratios), max(ratios))],
        "extra": round(statistics.median(extra for _, _, extra in found), 4),
    }


async def _stretch(questions: int, seed: int, delay: float) -> tuple[float, float]:
    """The p99.9 in seconds of so many questions, and how many calls went to the second channel for each to the first."""
    chance = random.Random(seed)

    async def wait() -> None:
        await asyncio.sleep(SLOW_SECONDS if chance.random() < SLOW_PART else QUICK_SECONDS)  # noqa: TID251

    first, second = Channel(wait), Channel(wait)
    async with stack_of_two(first, second) as connector:
        latencies: list[float] = []

        async def caller(number: int) -> None:
            for _ in range(number):
                started = time.perf_counter()
                await asked_of_two(connector, delay)
                latencies.append(time.perf_counter() - started)

        await asyncio.gather(*(caller(questions // SIDE_BY_SIDE) for _ in range(SIDE_BY_SIDE)))
    return sorted(latencies)[int(len(latencies) * 0.999)], second.calls / first.calls
