"""The record of where the time of one answer went: its models for OpenAPI, and its bytes for the asker."""

from __future__ import annotations

import json
from typing import Any

from gateway.model import Status, WhyNot
from gateway.web import sizes
from gateway.web.spelled import Spelled


class CallOut(Spelled):
    """One call on the wire, until the answer was given."""

    channel: str
    operation: str
    attempt: int
    status: Status
    elapsed_ms: int


class TrailOut(Spelled):
    """What was done on one channel: milliseconds by part (`queue`, `sign`, `wire`, `decode`; calls side by side add up)."""

    ms: dict[str, float]
    attempts: int
    calls: list[CallOut]
    why_not: list[WhyNot]
    """Why no retry, or no hedge, was made."""


class CheckOut(TrailOut):
    """What was done for one question to an authority; where it has several channels, by channel."""

    authority: str
    question: str
    channels: list[TrailOut] | None = None


class TimingOut(Spelled):
    """Where the time of the first answer went: milliseconds of `intend`, `ask`, `judge`, `conclude`, and each check."""

    verification_id: str
    ms: dict[str, float]
    checks: list[CheckOut]


def body(record: Any) -> bytes:
    """The record as JSON, filled up to its size class."""
    return sizes.filled(json.dumps(record, separators=(",", ":")).encode(), sizes.ANSWER_STEP)
