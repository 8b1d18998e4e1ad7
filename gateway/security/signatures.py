"""RFC 9421 signatures made, checked and verified against fixed profiles; values, bytes and times in, values out.

The strict reading of the two header fields stands in `presented`; callers find all of it here.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from gateway.security.presented import SHAPES, SIGNATURE_BYTES, Code, Presented, SignatureRefused, any_of, parse
from gateway.security.profiles import Profile

__all__ = [
    "KEY_REFUSED",
    "MAX_SPAN_SECONDS",
    "SIGNATURE_BYTES",
    "SKEW_SECONDS",
    "Code",
    "Presented",
    "SignatureRefused",
    "Signer",
    "Unsigned",
    "Verifier",
    "base",
    "check",
    "fingerprints",
    "lines",
    "parse",
    "sign",
    "signature_base",
    "signature_text",
    "unsigned",
    "verify",
]

MAX_SPAN_SECONDS: Final = 120
SKEW_SECONDS: Final = 5
"""How far the clocks of two sides may be apart. The store remembers nonces for as long after they expire."""

KEY_REFUSED: Final = "keyid names no key that may sign this message"
"""One text for unknown, pending, revoked and expired keys alike."""


class Signer(Protocol):
    """A private key under its key id."""

    @property
    def keyid(self) -> str: ...

    @property
    def alg(self) -> str:
        """A name of `SIGNATURE_BYTES`, as in the `alg` parameter."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Exactly `SIGNATURE_BYTES[alg]` bytes."""
        ...


class Verifier(Protocol):
    """A public key under its key id."""

    @property
    def keyid(self) -> str: ...

    @property
    def alg(self) -> str: ...

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raises SignatureRefused `signature_invalid` for any bytes that are not this key's signature over `data`."""
        ...


class Named(Protocol):
    """A key by its id and algorithm, whoever holds the private half."""

    @property
    def keyid(self) -> str: ...

    @property
    def alg(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A message that only lacks the signature: `base` is what is to be signed."""

    label: str
    params_text: str
    base: bytes

    def signed(self, signature: bytes) -> tuple[str, str]:
        """The values of Signature-Input and Signature."""
        text = b64encode(signature).decode("ascii")
        return f"{self.label}={self.params_text}", f"{self.label}=:{text}:"


def sign(
    profile: Profile, values: Mapping[str, str], signer: Signer, created: int, expires: int, nonce: str
) -> tuple[str, str]:
    """The values of Signature-Input and Signature over `values` (by component identifier).

    Raises SignatureRefused where `parse` or `check` would have refused the result, the clock window apart.
    """
    made = unsigned(profile, values, signer, created, expires, nonce)
    return made.signed(signer.sign(made.base))


def unsigned(
    profile: Profile, values: Mapping[str, str], signer: Named, created: int, expires: int, nonce: str
) -> Unsigned:
    """The same up to the signature, for a key that is somewhere else. Raises SignatureRefused like `sign`."""
    shape, expected = SHAPES["nonce"]
    if not shape.fullmatch(f'"{nonce}"'):
        raise SignatureRefused("signature_malformed", f"nonce must be {expected}")
    params_text = (
        f'{profile.covered};created={created:d};expires={expires:d};nonce="{nonce}"'
        f';keyid="{signer.keyid}";alg="{signer.alg}";tag="{profile.tag}"'
    )
    return Unsigned(profile.label, params_text, base(profile.components, values, params_text))


def check(
    presented: Presented,
    profiles: Sequence[Profile],
    now: float,
    max_span: int = MAX_SPAN_SECONDS,
    skew: int = SKEW_SECONDS,
) -> Profile:
    """The one of `profiles` that this signature fits, at `now` (Unix seconds).

    Raises SignatureRefused: `signature_missing` (none under our label), `coverage`, `tag`, `clock`. The signature itself
    is not looked at: `verify` comes next.
    """
    ours = [profile for profile in profiles if profile.label == presented.label]
    if not ours:
        raise SignatureRefused("signature_missing", f"no signature is labelled {any_of(p.label for p in profiles)}")
    fitting = [profile for profile in ours if profile.covered == presented.covered]
    if not fitting:
        raise SignatureRefused("coverage", f"cover exactly, in this order: {any_of(p.covered for p in ours)}")
    for profile in fitting:
        if profile.tag == presented.tag:
            _require_window(presented, now, max_span, skew)
            return profile
    raise SignatureRefused("tag", f"tag must be {any_of(p.tag for p in fitting)}")


def verify(presented: Presented, values: Mapping[str, str], verifier: Verifier) -> None:
    """Returns when the signature is `verifier`'s over `values`, our own view of the message. Call it after `check`.

    Raises SignatureRefused: `key` (not this key's id), `alg_mismatch`, `signature_invalid`; `coverage` or
    `signature_malformed` when a covered value is absent or can stand in no signature base.
    """
    if presented.keyid != verifier.keyid:
        raise SignatureRefused("key", KEY_REFUSED)
    if presented.alg != verifier.alg:
        raise SignatureRefused("alg_mismatch", "alg is not the algorithm that is registered for this key")
    verifier.verify(presented.signature, base(presented.components, values, presented.params_text))


def lines(components: Sequence[str], values: Mapping[str, str], params_text: str) -> list[str]:
    """The lines of the signature base (RFC 9421 section 2.5), `@signature-params` last."""
    made = []
    for component in components:
        value = values.get(component)
        if value is None:
            raise SignatureRefused("coverage", f"{component} is covered, but the message does not have it")
        if not (value.isascii() and value.isprintable()) or value != value.strip(" "):
            raise SignatureRefused("signature_malformed", f"the value of {component} is not printable ASCII")
        made.append(f"{component}: {value}")
    made.append(f'"@signature-params": {params_text}')
    return made


def signature_base(base_lines: Sequence[str]) -> bytes:
    """The bytes that are signed. Raises SignatureRefused for a line that is not one line of ASCII."""
    text = "\n".join(base_lines)
    if not text.isascii() or text.count("\n") != len(base_lines) - 1 or "\r" in text:
        raise SignatureRefused("signature_malformed", "a line of the signature base is not one line of ASCII")
    return text.encode("ascii")


def base(components: Sequence[str], values: Mapping[str, str], params_text: str) -> bytes:
    """`signature_base` of `lines`."""
    return signature_base(lines(components, values, params_text))


def fingerprints(base_lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Of each line of a signature base: its component identifier and its SHA-256 (hex), to find the line that differs."""
    return tuple((line.partition(": ")[0], hashlib.sha256(line.encode("utf-8")).hexdigest()) for line in base_lines)


def signature_text(signature: str) -> str:
    """The `:base64:` in a Signature value that `sign` made: what binds the answer (`Presented.signature_text`)."""
    return signature.partition("=")[2]


def _require_window(presented: Presented, now: float, max_span: int, skew: int) -> None:
    created, expires = presented.created, presented.expires
    if expires <= created or expires - created > max_span:
        raise SignatureRefused("clock", f"expires must be 1 to {max_span} s after created")
    if created > now + skew:
        raise SignatureRefused("clock", f"created lies in the future: it is {int(now)} here")
    if expires <= now - skew:
        raise SignatureRefused("clock", f"the signature has expired: it is {int(now)} here")
