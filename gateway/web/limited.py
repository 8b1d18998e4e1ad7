"""What a consumer is told of its limits: the refusal beyond them, and on every answer what is left.

The fields are the IETF's (draft-ietf-httpapi-ratelimit-headers-10), and hints: the signature does not cover them. `q`
requests at once, which come back within `w` seconds; `r` are left, and after `t` seconds without asking all of them are.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.errors import Limited, Refused
from gateway.model import Limits
from gateway.security import rates
from gateway.web.problems import refused

POLICY = "asking"


def refusal(error: Limited) -> Refused:
    """The problem of a request beyond a limit."""
    if error.retry_after_seconds is None:
        return refused(error.code)
    return refused(error.code, Retry_After=str(error.retry_after_seconds))


def fields(limits: Limits, arrival: int | None, now: float) -> Mapping[str, str]:
    """The policy; and what is left by the last arrival that this process knows of, if it does. `now` in Unix seconds."""
    said = {"RateLimit-Policy": f'"{POLICY}";q={limits.burst};w={rates.refill_seconds(limits)}'}
    if arrival is not None:
        left, full = rates.remaining(limits, arrival, now), rates.full_seconds(limits, arrival, now)
        said["RateLimit"] = f'"{POLICY}";r={left};t={full}'
    return said
