"""The doctor of the time window: by how much, and the two mistakes that have a name (milliseconds, a time zone)."""

from __future__ import annotations

from typing import Final

from gateway.security.doctor.cases import Case, Cause, Treated, Word
from gateway.security.inspection import Disbelieved
from gateway.security.presented import Presented
from gateway.security.signatures import MAX_SPAN_SECONDS, SKEW_SECONDS

_MILLISECONDS: Final = 100_000_000_000
"""As seconds, a time in the year 5138."""
_HALF_HOUR: Final = 1800
_NEAR: Final = 60
"""How far from whole half hours an offset may be and still be a time zone's."""
_ZONES: Final = 28
"""Half hours: no zone is farther than 14 hours from UTC."""


def clock(case: Case, found: Disbelieved) -> Treated:
    """`clock`: which rule of the window is broken, and by how many seconds."""
    presented = found.presented
    if presented is None:
        return Treated(Cause("unexplained"))
    word, off = _which(presented, case.now)
    facts = {
        "created": str(presented.created),
        "expires": str(presented.expires),
        "now": str(int(case.now)),
        "off_seconds": str(off),
        "span_seconds": str(presented.expires - presented.created),
        "skew_seconds": str(SKEW_SECONDS),
        "most_seconds": str(MAX_SPAN_SECONDS),
        "off_hours": f"{off / 3600:+.1f}",
    }
    return Treated(Cause(word, '"@signature-params"', facts=facts, is_proved=True), case.forgive("clock"))


def _which(presented: Presented, now: float) -> tuple[Word, int]:
    """The word, and how many seconds `created` lies after our time (before it: negative)."""
    off = int(presented.created - now)
    if presented.created >= _MILLISECONDS:
        return "clock_milliseconds", int(presented.created / 1000 - now)
    if not 0 < presented.expires - presented.created <= MAX_SPAN_SECONDS:
        return "clock_span", off
    halves = round(off / _HALF_HOUR)
    if 0 < abs(halves) <= _ZONES and abs(off - halves * _HALF_HOUR) <= _NEAR:
        return "clock_time_zone", off
    return ("clock_ahead" if off > 0 else "clock_expired"), off
