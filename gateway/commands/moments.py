"""Until when: an RFC 3339 moment, or how long from now."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

_LONG = re.compile(r"([1-9][0-9]{0,5})([mhd])")
_SECONDS: Final = {"m": 60, "h": 3600, "d": 86400}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def until(text: str, now: float) -> int:
    """Unix seconds of `2026-10-01T18:00:00+08:00`, or of `30m`, `2h`, `1d` from `now` on.

    Raises ValueError, which does not repeat the text.
    """
    if (long := _LONG.fullmatch(text)) is not None:
        return int(now) + int(long[1]) * _SECONDS[long[2]]
    if _MOMENT.fullmatch(text):
        try:
            return int(datetime.fromisoformat(text).timestamp())
        except (ValueError, OverflowError):
            pass  # a day that no month has; said below
    raise ValueError("--until takes 30m, 2h or 1d, or a moment such as 2026-10-01T18:00:00+08:00")
