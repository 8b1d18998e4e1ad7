"""Counts what comes too fast to be an entry each: a consumer over its rate gets one entry a minute, with a number."""

from __future__ import annotations

from dataclasses import dataclass

EVERY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Counted:
    """So many since the last entry was written (Unix seconds; None before the first)."""

    count: int
    since: float | None


class Tally:
    """Of one process. What was counted since the last entry is in memory only: a stop loses a number, never the first entry."""

    def __init__(self) -> None:
        self._written: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def count(self, consumer: str, now: float) -> Counted | None:
        """Counts one more; what an entry must say now, or None while the last one is younger than a minute."""
        count = self._counts[consumer] = self._counts.get(consumer, 0) + 1
        since = self._written.get(consumer)
        if since is not None and 0 <= now - since < EVERY_SECONDS:
            return None
        self._written[consumer], self._counts[consumer] = now, 0
        return Counted(count, since)
