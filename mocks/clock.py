"""The one clock of all mocks: movable and freezable. Dates, signatures' ages, secrets and retry windows all hang on it."""

from __future__ import annotations

from gateway.clock import Clock, local_day


class MockClock:
    """Another clock, moved by some seconds or held still. Waiting is not moved: a reply that is slow takes real time."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._offset = 0.0
        self._frozen: float | None = None

    def unix(self) -> float:
        return self._frozen if self._frozen is not None else self._base.unix() + self._offset

    def monotonic(self) -> float:
        return self._base.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._base.sleep(seconds)

    def token(self) -> str:
        return self._base.token()

    def identifier(self) -> str:
        return self._base.identifier()

    @property
    def is_frozen(self) -> bool:
        return self._frozen is not None

    @property
    def offset_seconds(self) -> float:
        """How far it is from the clock beneath."""
        return self.unix() - self._base.unix() if self.is_frozen else self._offset

    def move_to(self, unix: float) -> None:
        """It is now that moment; a frozen clock stays frozen."""
        self._offset = unix - self._base.unix()
        if self.is_frozen:
            self._frozen = unix

    def move_by(self, seconds: float) -> None:
        self.move_to(self.unix() + seconds)

    def freeze(self) -> None:
        self._frozen = self.unix()

    def unfreeze(self) -> None:
        """It goes on from where it stood."""
        if self._frozen is not None:
            self._offset, self._frozen = self._frozen - self._base.unix(), None

    def month(self) -> str:
        """The month at the counter, `yyyy-mm`."""
        return local_day(self.unix()).isoformat()[:7]


class Shifted(MockClock):
    """A clock that is always some seconds away from another one: signs what was signed earlier."""

    def __init__(self, base: Clock, seconds: float) -> None:
        super().__init__(base)
        self._offset = seconds
