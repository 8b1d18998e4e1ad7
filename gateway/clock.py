"""Time, sleep and identifiers: the only place that asks the machine for them, so that tests can hold it still."""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

CHINA = timezone(timedelta(hours=8), "UTC+8")
"""The counters' calendar. China has no daylight saving time, so a fixed offset is exact for every date we serve."""


class Clock(Protocol):
    """What the gateway asks of time. Doubles keep the same promises and do not move by themselves."""

    def unix(self) -> float:
        """Wall clock, seconds since 1970-01-01T00:00:00Z: signs and expires."""
        ...

    def monotonic(self) -> float:
        """Never goes back, seconds: deadlines and durations. The same scale as the event loop's own time."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Returns after that many seconds of `monotonic`."""
        ...

    def token(self) -> str:
        """22 random base64url characters (128 bits): nonces."""
        ...

    def identifier(self) -> str:
        """A UUID version 7 (RFC 9562) in its canonical text: sorts by the time it was made."""
        ...


class SystemClock:
    """The machine's own time and randomness."""

    def unix(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def token(self) -> str:
        return secrets.token_urlsafe(16)

    def identifier(self) -> str:
        return uuid7(int(time.time() * 1000), secrets.token_bytes(10))


def cpu_seconds() -> float:
    """CPU time of the thread that asks, which in the event loop is the loop's own. Only differences mean anything."""
    return time.thread_time()


def uuid7(unix_ms: int, random: bytes) -> str:
    """The UUID version 7 text of a time in milliseconds and ten random bytes."""
    head = unix_ms.to_bytes(6, "big")
    body = bytes([0x70 | random[0] & 0x0F, random[1], 0x80 | random[2] & 0x3F]) + random[3:10]
    text = (head + body).hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def from_unix(unix: float) -> datetime:
    """That moment in UTC."""
    return datetime.fromtimestamp(unix, UTC)


def rfc3339(unix: float) -> str:
    """An RFC 3339 time in UTC with milliseconds, as answers and log lines carry it."""
    return from_unix(unix).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local_day(unix: float) -> date:
    """The calendar day at the counter."""
    return datetime.fromtimestamp(unix, CHINA).date()
