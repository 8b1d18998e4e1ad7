"""Settle: whatever happens below, one Finding comes out. The border where exceptions become values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import structlog

from gateway.clock import Clock
from gateway.errors import TimedOut, Trouble
from gateway.logs import place_of
from gateway.model import Check, Connector, Finding, Grade, Intent, Stage, Status

Observe = Callable[[Check, Finding, float], None]
"""Told of every finding with its seconds: metrics and health."""

_log = structlog.get_logger("gateway.calling")


def settle(channel: str, grades: tuple[Grade, Grade], clock: Clock, observe: Observe) -> Stage:
    """Of one channel: every failure below becomes the status of the closed list, with attempts, evidence and time."""

    def stage(inner: Connector) -> Connector:
        async def settled(intent: Intent, check: Check) -> Finding:
            started, trail = clock.monotonic(), check.trail
            trail.so_far = partial(_so_far, check, channel, grades[0], started, clock)
            try:
                found = await inner(intent, check)
            except Exception as error:
                found = _failed(check, channel, error)
                was_over = started >= intent.ends or trail.is_over
                if isinstance(error, TimedOut) and not trail.attempts and was_over:
                    # The asking ended before anything was sent: the authority was not slow, it was not asked.
                    found = replace(found, status=Status.NOT_REQUESTED)
            seconds = clock.monotonic() - started
            finding = Finding(
                authority=check.authority,
                channel=channel,
                status=found.status,
                records=found.records,
                attempts=trail.attempts,
                elapsed_ms=round(seconds * 1000),
                request_grade=grades[0] if trail.attempts else None,
                reply_grade=grades[1] if found.status.is_reply else None,
                evidence=tuple(trail.evidence),
                retry_after_seconds=found.retry_after_seconds,
            )
            observe(check, _as_told(finding, is_late=clock.monotonic() > intent.deadline), seconds)
            return finding

        return settled

    return stage


def settle_all(first: str) -> Stage:
    """Of an authority with several channels, each settled for itself: their Finding as it is, or a bare one of the first."""

    def stage(inner: Connector) -> Connector:
        async def settled(intent: Intent, check: Check) -> Finding:
            # The join knows better. Who waits for another's call knows no more.
            check.trail.so_far = lambda: Finding(check.authority, first, Status.TIMEOUT)
            try:
                return await inner(intent, check)
            except Exception as error:
                return _failed(check, first, error)

        return settled

    return stage


def _so_far(check: Check, channel: str, grade: Grade, started: float, clock: Clock) -> Finding:
    """Of a check that goes on: they have not answered in time, for all that is known now."""
    trail = check.trail
    return Finding(
        check.authority,
        channel,
        Status.TIMEOUT,
        attempts=trail.attempts,
        elapsed_ms=round((clock.monotonic() - started) * 1000),
        request_grade=grade if trail.attempts else None,
        evidence=tuple(trail.evidence),
    )


def _as_told(finding: Finding, *, is_late: bool) -> Finding:
    """A reply that missed the deadline is no success to be proud of: a slow authority must show as one."""
    return replace(finding, status=Status.LATE) if is_late and finding.status.is_reply else finding


def _failed(check: Check, channel: str, error: Exception) -> Finding:
    if isinstance(error, Trouble):
        status, wait = Status(error.status), error.retry_after_seconds
        _log.warning("check.failed", authority=check.authority, channel=channel, status=status, why=error.why)
        retry_after = None if wait is None else round(wait)
        return Finding(check.authority, channel, status, retry_after_seconds=retry_after)
    # A fault of ours must not cost the applicant the other materials, nor look like an answer.
    _log.error("check.broke", authority=check.authority, channel=channel, error=place_of(error))
    return Finding(check.authority, channel, Status.BAD_REPLY)
