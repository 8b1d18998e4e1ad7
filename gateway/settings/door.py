"""Settings of the door: how much is let in at once, and how a gateway ends."""

from __future__ import annotations

from pydantic import Field

from gateway.settings.words import Section


class Admission(Section):
    """How many requests of consumers may be in flight in one process."""

    most_in_flight: int = Field(default=1000, ge=32, le=100_000)
    """Whatever they cost: each holds memory."""
    in_flight: int | None = Field(default=None, ge=1, le=100_000)
    """The cap itself. Left out, it follows from what a request is measured to cost."""


class Drain(Section):
    """What happens at SIGTERM before anything is closed."""

    notice_seconds: int = Field(default=1, ge=0, le=300)
    """How long `/readyz` says `draining` while all is still served: longer than a load balancer takes to see it."""
