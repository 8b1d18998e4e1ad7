"""The retry budget: how many calls may be asked again, so that retries never become the load that keeps an authority down."""

from __future__ import annotations

from typing import Final

SHARE: Final = 0.15
"""Of the calls."""
EACH_SECOND: Final = 1.0
"""On top of it, for channels that are hardly asked at all."""
MOST: Final = 10.0
"""What may be saved up: a burst of retries after a calm hour is no more than this."""


class RetryBudget:
    """One channel's. Times are of one clock that never goes back."""

    def __init__(self, now: float) -> None:
        self._saved = MOST
        self._since = now

    def earn(self) -> None:
        """For every call that is made for the first time."""
        self._saved += SHARE  # beyond MOST only until somebody looks

    def spend(self, now: float) -> bool:
        """Whether one more call may be asked again; if so, it is paid for."""
        grown = self._saved + (now - self._since) * EACH_SECOND
        self._saved, self._since = min(grown, MOST), now
        if self._saved < 1.0:
            return False
        self._saved -= 1.0
        return True
