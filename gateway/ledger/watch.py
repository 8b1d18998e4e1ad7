"""Whom operators are told about: consumers over a limit, and whoever asks about a canary. Nobody else notices.

Canaries are made-up or watched people about whom nobody has a reason to ask; they are known by pseudonym only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from gateway.errors import Limited, OverBudget

_log = structlog.get_logger("gateway.ledger")


class Watch:
    """`limited` is told consumer and code of every request beyond a limit, `sighted` the consumer who asked about a canary."""

    def __init__(
        self, canaries: frozenset[str], limited: Callable[[str, str], None], sighted: Callable[[str], None]
    ) -> None:
        self._canaries = canaries
        self._limited = limited
        self._sighted = sighted

    def asked(self, consumer: str, entry_id: str, *people: str | None) -> None:
        """Of a durable question, by pseudonyms. The alarm waits for the loop's next round: no answer waits for it."""
        if not self._canaries.isdisjoint(people):
            asyncio.get_running_loop().call_soon(self._alarm, consumer, entry_id)

    def _alarm(self, consumer: str, entry_id: str) -> None:
        self._sighted(consumer)
        _log.warning("canary.asked_about", consumer=consumer, entry_id=entry_id)

    def refused(self, consumer: str, error: Limited) -> None:
        """Of a request that was one too many."""
        self._limited(consumer, error.code)
        if isinstance(error, OverBudget):
            _log.warning("consumer.over_budget", consumer=consumer)


NOBODY = Watch(frozenset(), lambda _, __: None, lambda _: None)
"""Where nobody is to be told."""
