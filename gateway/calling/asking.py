"""Asking: all checks of one question, side by side, and what is known of them at any moment. No clock ends one of them.

When the answer must leave, it takes what is there; what has not ended goes on, and the next revision takes that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from gateway.calling.tasks import Tasks
from gateway.clock import Clock
from gateway.model import Check, Connector, Finding, Intent

_log = structlog.get_logger("gateway.calling")

Findings = dict[tuple[str, str], Finding]
"""By authority and question."""


@dataclass(frozen=True, slots=True)
class _Begun:
    check: Check
    task: asyncio.Task[Finding]


class Asking:
    """The checks of one intent. A connector gives a finding whatever happens, so nothing is lost to another's failure."""

    def __init__(self, intent: Intent, connectors: Mapping[str, Connector], tasks: Tasks, clock: Clock) -> None:
        self.intent = intent
        self._connectors = connectors
        self._tasks = tasks
        self._clock = clock
        self._begun: dict[tuple[str, str], _Begun] = {}

    def begin(self, checks: Iterable[Check]) -> None:
        """Asks each, but none a second time."""
        for check in checks:
            key = check.authority, check.question
            if key not in self._begun:
                work = _finding(self._connectors[check.authority], self.intent, check)
                self._begun[key] = _Begun(check, self._tasks.start(work))

    async def until(
        self, moment: float, only: Sequence[Check] | None = None, stop: asyncio.Future[None] | None = None
    ) -> None:
        """Waits until all (or only those) have ended, or that moment (monotonic) has come, or `stop` is done."""
        waiting = [each.task for each in self._of(only).values() if not each.task.done()]
        left = max(moment - self._clock.monotonic(), 0.0)
        if not waiting:
            return
        if stop is None:
            await asyncio.wait(waiting, timeout=left)
        else:
            all_ended = asyncio.gather(*waiting, return_exceptions=True)
            either: list[asyncio.Future[Any]] = [all_ended, stop]
            await asyncio.wait(either, timeout=left, return_when=asyncio.FIRST_COMPLETED)

    @property
    def is_pending(self) -> bool:
        """Whether some have not ended."""
        return bool(self._on_wire())

    def findings(self, only: Sequence[Check] | None = None) -> Findings:
        """Of all (or only those) that were waited for: each finding, or what is known so far."""
        return {
            key: each.task.result() if each.task.done() else each.check.trail.so_far()
            for key, each in self._of(only).items()
        }

    @property
    def checks(self) -> list[Check]:
        """Those that were begun."""
        return [each.check for each in self._begun.values()]

    def close(self) -> None:
        """Of what has not ended no further attempt begins: the last answer is taken from here."""
        for each in self._on_wire():
            each.check.trail.is_closed = True

    def tell_when_late(self) -> None:
        """Logs each that ends from now on."""
        for each in self._on_wire():
            each.task.add_done_callback(_tell)

    def _of(self, only: Sequence[Check] | None) -> dict[tuple[str, str], _Begun]:
        if only is None:
            return self._begun
        return {key: self._begun[key] for key in ((check.authority, check.question) for check in only)}

    def _on_wire(self) -> list[_Begun]:
        return [each for each in self._begun.values() if not each.task.done()]


async def _finding(connector: Connector, intent: Intent, check: Check) -> Finding:
    return await connector(intent, check)


def _tell(task: asyncio.Task[Finding]) -> None:
    if not task.cancelled() and task.exception() is None:
        found = task.result()
        _log.info("check.ended_late", authority=found.authority, channel=found.channel, status=found.status)
