"""The hedging budget: how often another channel may be asked only because the first one is slow.

A slow authority is often an overloaded one. Were every slow call followed by a second one, its load would double just then.
"""

from __future__ import annotations

from typing import Final

CHECKS_FOR_ONE: Final = 20
"""One hedge for so many checks: at most 5 % more calls."""
MOST_KEPT: Final = 5
"""So many unspent ones are kept. When a channel stalls after a quiet day, no more than these come at once."""


class HedgingBudget:
    """Of one authority in this process. It begins with one, so that the first slow call after a start may be hedged.

    Of `n` checks at most `1 + n / 20` are hedged. It is a share of the process's own checks, so several processes need no
    common count. Whole numbers: the sum of many twentieths would not be one.
    """

    def __init__(self) -> None:
        self._saved = CHECKS_FOR_ONE

    def earn(self) -> None:
        """Called for every check that might be hedged, when its first channel is asked."""
        self._saved = min(self._saved + 1, CHECKS_FOR_ONE * MOST_KEPT)

    def spend(self) -> bool:
        """Whether one may be made now; it is then counted as made."""
        if self._saved < CHECKS_FOR_ONE:
            return False
        self._saved -= CHECKS_FOR_ONE
        return True
