"""Where the time of a request went, for whoever sent it: the header Server-Timing (W3C), a hint that no signature covers.

Only fixed names of our own, and nothing below the whole of the work: what each authority took stands in the answer itself
(`elapsed_ms`), and a finer part of our own work could tell somebody there from somebody not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

PARTS: Final = ("door", "queue", "work")
"""Read and verified; waited for a place; asked, judged and written down."""


class Stopwatch:
    """Of one request. `now` gives seconds that never go back. Each part goes on from where the last one ended."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._begun = self._since = now()
        self._seconds: dict[str, float] = {}

    def ended(self, part: str) -> None:
        """That part, one of `PARTS`, ends now."""
        now = self._now()
        self._seconds[part], self._since = now - self._since, now

    def header(self) -> str:
        """The parts that there were, and the whole up to now: milliseconds with one decimal."""
        parts = {**self._seconds, "total": self._now() - self._begun}
        return ", ".join(f"{name};dur={seconds * 1000:.1f}" for name, seconds in parts.items())
