"""What the door hands on: a request whose signature verified, and the operations that take one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from gateway.model import SignedRequest
from gateway.security.grants import Consumer
from gateway.web.sealing import Given


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose signature verified: who sent it, the proof, and the exact bytes."""

    consumer: Consumer
    signed: SignedRequest
    path: str
    body: bytes = field(repr=False)
    wait_seconds: int | None = None
    """How long its sender would wait for what is not ready yet: an unsigned hint."""


Handler = Callable[[Asked], Awaitable[Given]]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the API. `profiles` says what its signature must cover; with a body or without."""

    method: str
    matches: Callable[[str], bool]
    handler: Handler
    is_repeatable: bool = False
    """Idempotency-Key is honoured; elsewhere it is refused, because nobody may rely on what we do not do."""

    @property
    def takes_body(self) -> bool:
        return self.method == "POST"
