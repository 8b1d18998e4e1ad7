"""Calm under failure: `python -m benchmarks --workload calm`.

Four figures: what is left of the others' throughput while one authority hangs; what hedging does to the slowest thousandth
and what it costs; the stack stage by stage; memory at full load.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import calm_hanging, calm_hedging, calm_memory, calm_stack
from gateway import logs

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Extent:
    """Rounds and seconds of hanging, rounds and questions of hedging, rounds and calls of the stack, seconds of memory."""

    hanging: tuple[int, float]
    hedging: tuple[int, int]
    stack: tuple[int, int]
    memory_seconds: float


FULL = Extent((5, 6.0), (5, 16_000), (7, 4000), 600.0)
QUICK = Extent((1, 1.5), (1, 3200), (1, 200), 6.0)


def measured(extent: Extent, run: Callable[[Any], Any], tell: Tell) -> dict[str, Any]:
    """The document of all four. Progress goes to `tell`."""
    logs.configure("none")
    return {
        "hanging": run(calm_hanging.measured(*extent.hanging, tell)),
        "hedging": run(calm_hedging.measured(*extent.hedging, tell)),
        "stack": run(calm_stack.measured(*extent.stack)),
        "memory": run(calm_memory.measured(extent.memory_seconds, tell)),
    }


def text(found: dict[str, Any]) -> str:
    """For people."""
    hanging, hedging, memory, stack = (found[name] for name in ("hanging", "hedging", "memory", "stack"))
    left, ratio = hanging["left"], hedging["ratio"]
    rows = [f"| {name} | {us} |" for name, us in stack["above_us"].items()]
    return "\n".join(
        [
            "# Calm under failure",
            "",
            "| figure | found | aim |",
            "|---|--:|--:|",
            f"| others' throughput while {calm_hanging.AUTHORITY} hangs, over theirs without | "
            f"{left[0]} ({left[1]} to {left[2]}) | >= 0.95 |",
            f"| p99 of their complete answers meanwhile, ms | {hanging['p99_ms']} | <= {hanging['deadline_ms']:.0f} |",
            f"| p99.9 with hedging over that without, 1 % slow calls | {ratio[0]} ({ratio[1]} to {ratio[2]}) | <= 0.5 |",
            f"| further calls for that | {hedging['extra']:.2%} | <= 5 % |",
            f"| memory after {memory['seconds']} s at full load, MB (after settling: {memory['settled_mb']}) | "
            f"{memory['end_mb']} | no growth |",
            f"| its slope, MB a minute | {memory['mb_a_minute']} | 0 |",
            "",
            f"CPU us above a bare await ({stack['bare_us']} us) of a call that succeeds at once; each stage with all below it.",
            "",
            "| around the call | us |",
            "|---|--:|",
            *rows,
            "",
        ]
    )
