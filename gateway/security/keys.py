"""Keys under their ids, read from PEM; one class per algorithm, and nothing secret in any text about them.

Another algorithm is another pair of classes and one line in each of the two tables at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.errors import GatewayError
from gateway.security.signatures import KEY_REFUSED, SignatureRefused, Signer, Verifier

__all__ = [
    "Ed25519Signer",
    "Ed25519Verifier",
    "Signer",
    "UnusableKey",
    "Verifier",
    "new_ed25519",
    "signer",
    "verifier",
    "verifier_named",
]

_KEYID = re.compile(r"[!#-\[\]-~]{1,128}")


class UnusableKey(GatewayError):
    """A key file or a key id that cannot be used. The text names the key id and the reason, never the content."""


class Ed25519Signer:
    """`alg="ed25519"` (RFC 8032, RFC 9421 section 3.3.6): 64 bytes over the data itself."""

    __slots__ = ("_key", "keyid")
    alg: Final = "ed25519"

    def __init__(self, keyid: str, key: Ed25519PrivateKey) -> None:
        self.keyid: Final = _fit_keyid(keyid)
        self._key: Final = key

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)

    def __repr__(self) -> str:
        return f"Ed25519Signer({self.keyid!r})"


class Ed25519Verifier:
    """The public half of `Ed25519Signer`."""

    __slots__ = ("_key", "keyid")
    alg: Final = "ed25519"

    def __init__(self, keyid: str, key: Ed25519PublicKey) -> None:
        self.keyid: Final = _fit_keyid(keyid)
        self._key: Final = key

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raises SignatureRefused `signature_invalid`."""
        try:
            self._key.verify(signature, data)
        except InvalidSignature as error:
            raise SignatureRefused("signature_invalid", "the signature is not this key's over this message") from error

    def __repr__(self) -> str:
        return f"Ed25519Verifier({self.keyid!r})"


def signer(keyid: str, source: bytes | Path) -> Signer:
    """The private key in a PEM (PKCS8, not encrypted) file or text. Raises UnusableKey."""
    pem = _pem(keyid, source)
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except TypeError as error:
        raise UnusableKey(f"key {keyid!r}: the PEM is encrypted; give it without a password") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKey(f"key {keyid!r}: not a private key in PEM (PKCS8)") from error
    for kind, make in _SIGNERS:
        if isinstance(key, kind):
            return make(keyid, key)
    raise UnusableKey(f"key {keyid!r}: this type of key is not supported; supported: {_names(_SIGNERS)}")


def verifier(keyid: str, source: bytes | Path) -> Verifier:
    """The public key in a PEM (SPKI) file or text. Raises UnusableKey."""
    pem = _pem(keyid, source)
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKey(f"key {keyid!r}: not a public key in PEM (SPKI)") from error
    for kind, make in _VERIFIERS:
        if isinstance(key, kind):
            return make(keyid, key)
    raise UnusableKey(f"key {keyid!r}: this type of key is not supported; supported: {_names(_VERIFIERS)}")


def verifier_named(keyid: str, verifiers: Mapping[str, Verifier]) -> Verifier:
    """The key of that id. Raises SignatureRefused `key`, with the one text for every reason."""
    found = verifiers.get(keyid)
    if found is None:
        raise SignatureRefused("key", KEY_REFUSED)
    return found


def new_ed25519() -> tuple[bytes, bytes]:
    """A fresh key pair as PEM: private (PKCS8, not encrypted) and public (SPKI)."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, public


def _fit_keyid(keyid: str) -> str:
    if not _KEYID.fullmatch(keyid):
        raise UnusableKey("a key id is 1 to 128 printable ASCII characters without space, quote or backslash")
    return keyid


def _pem(keyid: str, source: bytes | Path) -> bytes:
    _fit_keyid(keyid)
    if isinstance(source, bytes):
        return source
    try:
        return source.read_bytes()
    except OSError as error:
        raise UnusableKey(f"key {keyid!r}: {source} cannot be read: {error.strerror}") from error


def _names(table: tuple[tuple[type, Callable[..., Signer | Verifier]], ...]) -> str:
    return ", ".join(str(getattr(make, "alg", "")) for _, make in table)


_SIGNERS: tuple[tuple[type, Callable[..., Signer]], ...] = ((Ed25519PrivateKey, Ed25519Signer),)
_VERIFIERS: tuple[tuple[type, Callable[..., Verifier]], ...] = ((Ed25519PublicKey, Ed25519Verifier),)
