"""RFC 9530 Content-Digest, one spelling of it: `sha-256=:base64:` over the bytes exactly as sent."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Sequence

from gateway.security.signatures import SignatureRefused


def content_digest(body: bytes) -> str:
    """The value of Content-Digest for these bytes."""
    return f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode('ascii')}:"


def require(header_values: Sequence[str], body: bytes) -> None:
    """Returns when the Content-Digest lines, as received, are exactly one sha-256 of `body`.

    Raises SignatureRefused `digest` otherwise: none, two lines, two members, another algorithm or case, parameters,
    base64 that is not canonical, or other bytes. There is one right text, so equality of texts says all of it.
    """
    if len(header_values) != 1:
        raise SignatureRefused("digest", "exactly one Content-Digest line is needed")
    given, right = header_values[0], content_digest(body)
    if len(given) != len(right) or not given.startswith("sha-256=:"):
        raise SignatureRefused("digest", "Content-Digest must be exactly sha-256=:base64 of 32 bytes:")
    if not given.isascii() or not hmac.compare_digest(given, right):
        raise SignatureRefused("digest", "Content-Digest is not that of the bytes received")
