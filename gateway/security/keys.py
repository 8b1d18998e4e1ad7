"""Keys under their ids, read from PEM; one class per algorithm, and nothing secret in any text about them.

Another algorithm is another pair of classes and one line in each of the two tables at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from nacl.bindings import crypto_sign, crypto_sign_open
from nacl.exceptions import BadSignatureError

from gateway.errors import GatewayError
from gateway.security import sm2, sm2_pem
from gateway.security.signatures import KEY_REFUSED, SignatureRefused, Signer, Verifier

__all__ = [
    "SUITES",
    "Ed25519Signer",
    "Ed25519Verifier",
    "Signer",
    "Sm2Signer",
    "Sm2Verifier",
    "UnusableKey",
    "Verifier",
    "new_ed25519",
    "new_sm2",
    "signer",
    "signer_of",
    "verifier",
    "verifier_named",
]

SUITES: Final[Mapping[str, frozenset[str]]] = {"international": frozenset({"ed25519"}), "sm": frozenset({sm2.ALG})}
"""By suite: the algorithms of the keys that may sign in it."""

ED25519_BYTES: Final = 64

_KEYID = re.compile(r"[!#-\[\]-~]{1,128}")
_NOT_THIS_KEYS = "the signature is not this key's over this message"
_Sm2Key = TypeVar("_Sm2Key", sm2.PrivateKey, sm2.PublicKey)


class UnusableKey(GatewayError):
    """A key file or a key id that cannot be used. The text names the key id and the reason, never the content."""


class Ed25519Signer:
    """`alg="ed25519"` (RFC 8032, RFC 9421 section 3.3.6): 64 bytes over the data itself. By libsodium, twice as fast."""

    __slots__ = ("_secret", "keyid")
    alg: Final = "ed25519"

    def __init__(self, keyid: str, key: Ed25519PrivateKey) -> None:
        self.keyid: Final = _fit_keyid(keyid)
        self._secret: Final = key.private_bytes_raw() + key.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        return crypto_sign(data, self._secret)[:ED25519_BYTES]

    def __repr__(self) -> str:
        return f"Ed25519Signer({self.keyid!r})"


class Ed25519Verifier:
    """The public half of `Ed25519Signer`."""

    __slots__ = ("_public", "keyid")
    alg: Final = "ed25519"

    def __init__(self, keyid: str, key: Ed25519PublicKey) -> None:
        self.keyid: Final = _fit_keyid(keyid)
        self._public: Final = key.public_bytes_raw()

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raises SignatureRefused `signature_invalid`."""
        # libsodium takes both in one piece: a signature of another length would move the border between them.
        if len(signature) != ED25519_BYTES:
            raise SignatureRefused("signature_invalid", _NOT_THIS_KEYS)
        try:
            crypto_sign_open(signature + data, self._public)
        except BadSignatureError as error:
            raise SignatureRefused("signature_invalid", _NOT_THIS_KEYS) from error

    def __repr__(self) -> str:
        return f"Ed25519Verifier({self.keyid!r})"


class Sm2Signer:
    """`alg="sm2-sm3"` (ours, no registered name): r and s in 64 bytes, never DER. Needs the extra `sm`."""

    __slots__ = ("_key", "keyid")
    alg: Final = sm2.ALG

    def __init__(self, keyid: str, key: sm2.PrivateKey) -> None:
        self.keyid: Final = _fit_keyid(keyid)
        self._key: Final = key

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)

    def __repr__(self) -> str:
        return f"Sm2Signer({self.keyid!r})"


class Sm2Verifier:
    """The public half of `Sm2Signer`."""

    __slots__ = ("_key", "keyid")
    alg: Final = sm2.ALG

    def __init__(self, keyid: str, key: sm2.PublicKey) -> None:
        self.keyid: Final = _fit_keyid(keyid)
        self._key: Final = key

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raises SignatureRefused `signature_invalid`."""
        if not self._key.verify(signature, data):
            raise SignatureRefused("signature_invalid", _NOT_THIS_KEYS)

    def __repr__(self) -> str:
        return f"Sm2Verifier({self.keyid!r})"


def signer(keyid: str, source: bytes | Path) -> Signer:
    """The private key in a PEM (PKCS8, not encrypted) file or text. Raises UnusableKey."""
    key = _private(keyid, _pem(keyid, source))
    for kind, make in _SIGNERS:
        if isinstance(key, kind):
            return make(keyid, key)
    raise UnusableKey(f"key {keyid!r}: this type of key is not supported; supported: {_names(_SIGNERS)}")


def signer_of(suite: str, keyid: str, source: bytes | Path) -> Signer:
    """The same, of a suite's algorithms only. Raises UnusableKey."""
    found = signer(keyid, source)
    if found.alg not in SUITES[suite]:
        raise UnusableKey(f"key {keyid!r}: is for {found.alg}; the suite {suite!r} takes {', '.join(SUITES[suite])}")
    return found


def verifier(keyid: str, source: bytes | Path) -> Verifier:
    """The public key in a PEM (SPKI) file or text. Raises UnusableKey."""
    key = _public(keyid, _pem(keyid, source))
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


def new_sm2() -> tuple[bytes, bytes]:
    """The same on the SM2 curve. Raises UnusableKey without the extra `sm`."""
    try:
        d, point = sm2.generate()
    except ValueError as error:
        raise UnusableKey(str(error)) from error
    return sm2_pem.private_pem(d, point), sm2_pem.public_pem(point)


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


def _private(keyid: str, pem: bytes) -> PrivateKeyTypes | sm2.PrivateKey:
    if sm2_pem.is_sm2(pem):
        return _sm2(keyid, sm2_pem.private_key, pem)
    try:
        return serialization.load_pem_private_key(pem, password=None)
    except TypeError as error:
        raise UnusableKey(f"key {keyid!r}: the PEM is encrypted; give it without a password") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKey(f"key {keyid!r}: not a private key in PEM (PKCS8)") from error


def _public(keyid: str, pem: bytes) -> PublicKeyTypes | sm2.PublicKey:
    if sm2_pem.is_sm2(pem):
        return _sm2(keyid, sm2_pem.public_key, pem)
    try:
        return serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKey(f"key {keyid!r}: not a public key in PEM (SPKI)") from error


def _sm2(keyid: str, read: Callable[[bytes], _Sm2Key], pem: bytes) -> _Sm2Key:
    try:
        return read(pem)
    except ValueError as error:
        raise UnusableKey(f"key {keyid!r}: {error}") from error


def _names(table: tuple[tuple[type, Callable[..., Signer | Verifier]], ...]) -> str:
    return ", ".join(str(getattr(make, "alg", "")) for _, make in table)


_SIGNERS: tuple[tuple[type, Callable[..., Signer]], ...] = (
    (Ed25519PrivateKey, Ed25519Signer),
    (sm2.PrivateKey, Sm2Signer),
)
_VERIFIERS: tuple[tuple[type, Callable[..., Verifier]], ...] = (
    (Ed25519PublicKey, Ed25519Verifier),
    (sm2.PublicKey, Sm2Verifier),
)
