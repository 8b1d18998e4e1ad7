"""Who holds the private half of a key of ours: this process, or somebody else who signs for it and never gives it away."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

from gateway.security.signatures import Signer


class KeyHolder(Protocol):
    """The port for signers elsewhere (a signer process, a machine for keys): what is asked of them may take a while.

    Both methods give a value where nothing need be waited for, so that a key in this process costs no task and no turn
    of the event loop; and an awaitable where the key is elsewhere, so that a slow holder never blocks the loop.
    """

    @property
    def keyid(self) -> str: ...

    @property
    def alg(self) -> str:
        """A name of `SIGNATURE_BYTES`."""
        ...

    def sign(self, data: bytes) -> bytes | Awaitable[bytes]:
        """The signature. Awaiting it raises SignerDown, within a bound."""
        ...

    def ready(self) -> Awaitable[None] | None:
        """None while it signs as far as is known. Else tries it: awaiting that raises SignerDown if it still does not."""
        ...


class InProcess:
    """A key in this process's memory, behind the port."""

    __slots__ = ("_signer", "alg", "keyid", "sign")

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self.keyid = signer.keyid
        self.alg = signer.alg
        self.sign = signer.sign  # the bound method itself: one call, as without the port

    @property
    def signer(self) -> Signer:
        """For those who must sign without waiting."""
        return self._signer

    def ready(self) -> None:
        return None

    def __repr__(self) -> str:
        return f"InProcess({self.keyid!r})"
