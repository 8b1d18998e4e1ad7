"""Where the time of a question went, kept for a while under its id: numbers and words of closed lists, and nobody in it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.model import Check, Evidence, Trail

MOST: Final = 4096
"""How many are kept; the oldest goes first. They are gone with the process."""

Record = Mapping[str, Any]


class Timings:
    """Of the last questions of this process."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[str, Record]] = OrderedDict()

    def note(self, verification_id: str, consumer: str, seconds: Mapping[str, float], checks: Iterable[Check]) -> None:
        """Once the answer is given: our own parts in seconds, and what each check did until then."""
        record = {
            "verification_id": verification_id,
            "ms": _milliseconds(seconds),
            "checks": [
                {"authority": check.authority, "question": check.question} | _of(check.trail) for check in checks
            ],
        }
        self._kept[verification_id] = consumer, record
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def of(self, verification_id: str, consumer: str | None = None) -> Record | None:
        """The record; None once it is gone, and for another consumer than the one who asked. Operators are nobody's."""
        asker, record = self._kept.get(verification_id, ("", None))
        return record if consumer is None or consumer == asker else None


def _of(trail: Trail) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ms": _milliseconds(trail.seconds),
        "attempts": trail.attempts,
        "calls": [_call(each) for each in trail.evidence],
        "why_not": [str(each) for each in trail.why_not],
    }
    return found | ({"channels": [_of(each) for each in trail.below]} if trail.below else {})


def _call(call: Evidence) -> dict[str, Any]:
    return {
        "channel": call.channel,
        "operation": call.operation,
        "attempt": call.attempt,
        "status": str(call.status),
        "elapsed_ms": call.elapsed_ms,
    }


def _milliseconds(seconds: Mapping[str, float]) -> dict[str, float]:
    return {part: round(spent * 1000, 1) for part, spent in seconds.items() if part}
