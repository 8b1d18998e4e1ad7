"""Which consumers are in force in this process: what operators see, and what is logged and measured when files change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog

from gateway.errors import Problem
from gateway.security.grants import Consumers
from gateway.watching import Watched
from gateway.web.metrics import Metrics

SHOWN_PROBLEMS: Final = 5

_log = structlog.get_logger("gateway.web")


def problems_of(consumers: Watched[Consumers]) -> tuple[Problem, ...]:
    """Why what is in force is not what the files say now; empty when it is."""
    return tuple(dict.fromkeys((*consumers.problems, *consumers.current.problems)))


def in_force(consumers: Watched[Consumers]) -> dict[str, Any]:
    """For `/health/consumers`: each consumer with the states of its keys, as this process holds them."""
    return {
        "good": not problems_of(consumers),
        "problems": [str(problem) for problem in problems_of(consumers)],
        "consumers": [
            {
                "consumer": name,
                "state": each.file.state,
                "keys": [{"id": key.id, "state": key.state} for key in each.file.keys],
            }
            for name, each in consumers.current.loaded.items()
        ],
    }


def reloading(consumers: Watched[Consumers], metrics: Metrics) -> Callable[[], Awaitable[None]]:
    """One poll that tells what came of it: `consumers.reloaded`, or once for each trouble `consumers.reload_failed`."""
    told: tuple[Problem, ...] = ()
    metrics.consumers_read(are_good=not problems_of(consumers))

    async def reload() -> None:
        nonlocal told
        if not await consumers.poll():
            return
        problems = problems_of(consumers)
        metrics.consumers_read(are_good=not problems)
        if not problems:
            _log.info("consumers.reloaded", count=len(consumers.current.loaded))
        elif problems != told:
            shown = "; ".join(str(problem) for problem in problems[:SHOWN_PROBLEMS])
            _log.error("consumers.reload_failed", count=len(problems), why=shown)
        told = problems

    return reload
