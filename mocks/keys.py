"""What one mock needs to sign, and to know its caller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SecretTimes:
    """In seconds on the mocks' clock."""

    life: float | None = None
    """From issue to the announced end; without it, the contract's `secret_seconds`."""
    rotate_every: float | None = None
    """All secrets die that often, whatever end was announced."""
    grace: float = 0
    """How long a secret that was rotated away is still accepted."""
    skew: float = 300
    """How far `rtime` may be from now."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One channel's keys, in PEM. The certificates are needed for `wsse_x509`, the key ids for `rfc9421`.

    A channel behind the sharing platform (`platform_hmac`) has none of them, but a requester and its app key.
    """

    keyid: str = ""
    private_pem: bytes = b""
    certificate_pem: bytes | None = None
    caller_keyid: str = ""
    caller_public_pem: bytes = b""
    caller_certificate_pem: bytes | None = None
    requester: str | None = None
    app_key: bytes | None = None
    secrets: SecretTimes = SecretTimes()
    """How the platform's secrets live and die, where it is not as the contract says."""

    def __repr__(self) -> str:
        return f"Identity({self.keyid or self.requester!r})"
