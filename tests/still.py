"""A clock that stands still until a test moves it: no test waits, and every identifier is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.clock import uuid7

START_UNIX = 1_525_219_200.0
"""2018-05-02T00:00:00Z."""


@dataclass(slots=True)
class StillClock:
    """Keeps the promises of `gateway.clock.Clock`. `sleep` moves both times and returns at once."""

    unix_seconds: float = START_UNIX
    monotonic_seconds: float = 1000.0
    slept: list[float] = field(default_factory=list)
    issued: int = 0

    def unix(self) -> float:
        return self.unix_seconds

    def monotonic(self) -> float:
        return self.monotonic_seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.move(seconds)

    def move(self, seconds: float) -> None:
        """Lets time pass."""
        self.unix_seconds += seconds
        self.monotonic_seconds += seconds

    def token(self) -> str:
        self.issued += 1
        return f"{self.issued:022}"

    def identifier(self) -> str:
        self.issued += 1
        return uuid7(int(self.unix_seconds * 1000), self.issued.to_bytes(10, "big"))
