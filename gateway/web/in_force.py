"""What is in force in this process: the consumers that operators see, and what is logged and measured when files change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, TypeVar

import structlog

from gateway.errors import Problem
from gateway.security.grants import Consumers
from gateway.watching import Watched
from gateway.web.metrics import Metrics

SHOWN_PROBLEMS: Final = 5

_log = structlog.get_logger("gateway.web")


class Read(Protocol):
    """What files say, where some of them may be broken."""

    @property
    def problems(self) -> tuple[Problem, ...]: ...


R = TypeVar("R", bound=Read)


def problems_of(watched: Watched[R]) -> tuple[Problem, ...]:
    """Why what is in force is not what the files say now; empty when it is."""
    return tuple(dict.fromkeys((*watched.problems, *watched.current.problems)))


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
    metrics.consumers_read(are_good=not problems_of(consumers))
    return telling(
        "consumers", consumers, lambda read: len(read.loaded), lambda good: metrics.consumers_read(are_good=good)
    )


def telling(
    what: str, watched: Watched[R], count: Callable[[R], int], seen: Callable[[bool], None] = lambda _: None
) -> Callable[[], Awaitable[None]]:
    """The same of anything that files say. `seen` is given, after each reading, whether all is well."""
    told: tuple[Problem, ...] = ()

    async def reload() -> None:
        nonlocal told
        if not await watched.poll():
            return
        problems = problems_of(watched)
        seen(not problems)
        if not problems:
            _log.info(f"{what}.reloaded", count=count(watched.current))
        elif problems != told:
            shown = "; ".join(str(problem) for problem in problems[:SHOWN_PROBLEMS])
            _log.error(f"{what}.reload_failed", count=len(problems), why=shown)
        told = problems

    return reload
