"""What one mock needs to sign, and to know its caller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """One channel's keys, in PEM. The certificates are needed for `wsse_x509`, the key ids for `rfc9421`."""

    keyid: str
    private_pem: bytes
    certificate_pem: bytes | None
    caller_keyid: str
    caller_public_pem: bytes
    caller_certificate_pem: bytes | None

    def __repr__(self) -> str:
        return f"Identity({self.keyid!r})"
