"""Settle: whatever happens below, one Finding comes out. The border where exceptions become values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog

from gateway.clock import Clock
from gateway.errors import TimedOut, Trouble
from gateway.logs import place_of
from gateway.model import Check, Connector, Finding, Grade, Intent, Stage, Status, Trail

Observe = Callable[[Check, Finding, float], None]
"""Told of every finding with its seconds: metrics and health."""

_log = structlog.get_logger("gateway.calling")


def settle(channel: str, grades: tuple[Grade, Grade], clock: Clock, observe: Observe) -> Stage:
    """Turns every failure below into the status of the closed list, and notes attempts, evidence and time."""

    def stage(inner: Connector) -> Connector:
        async def settled(intent: Intent, check: Check) -> Finding:
            started = clock.monotonic()
            trail = Trail()
            retry_after: int | None = None
            try:
                finding = await inner(intent, replace(check, trail=trail))
                status, records = finding.status, finding.records
            except Trouble as trouble:
                # Where the time ran out before anything was sent, the authority was not slow: it was not asked.
                unasked = isinstance(trouble, TimedOut) and not trail.attempts
                status, records = Status.NOT_REQUESTED if unasked else Status(trouble.status), {}
                retry_after = None if trouble.retry_after_seconds is None else round(trouble.retry_after_seconds)
                _log.warning("check.failed", authority=check.authority, channel=channel, status=status, why=trouble.why)
            except Exception as error:
                # A fault of ours must not cost the applicant the other materials, nor look like an answer.
                status, records = Status.BAD_REPLY, {}
                _log.error("check.broke", authority=check.authority, channel=channel, error=place_of(error))
            seconds = clock.monotonic() - started
            settled_finding = Finding(
                authority=check.authority,
                channel=channel,
                status=status,
                records=records,
                attempts=trail.attempts,
                elapsed_ms=round(seconds * 1000),
                request_grade=grades[0] if trail.attempts else None,
                reply_grade=grades[1] if status.is_reply else None,
                evidence=tuple(trail.evidence),
                retry_after_seconds=retry_after,
            )
            observe(check, settled_finding, seconds)
            return settled_finding

        return settled

    return stage
