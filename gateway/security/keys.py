"""Keys under their ids, read from PEM; nothing secret in any text about them.

Another algorithm is another pair of classes in `algorithms` and one line in each of the two tables at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

from gateway.security import sm2, sm2_pem
from gateway.security.algorithms import (
    Ed25519Signer,
    Ed25519Verifier,
    P256Signer,
    P256Verifier,
    Sm2Signer,
    Sm2Verifier,
    UnusableKey,
    fit_keyid,
)
from gateway.security.signatures import KEY_REFUSED, SignatureRefused, Signer, Verifier

__all__ = [
    "SUITES",
    "Ed25519Signer",
    "Ed25519Verifier",
    "P256Signer",
    "P256Verifier",
    "Signer",
    "Sm2Signer",
    "Sm2Verifier",
    "UnusableKey",
    "Verifier",
    "new_ed25519",
    "new_p256",
    "new_sm2",
    "public_half",
    "public_pem",
    "signer",
    "verifier",
    "verifier_named",
]

SUITES: Final[Mapping[str, frozenset[str]]] = {
    "international": frozenset({Ed25519Signer.alg, P256Signer.alg}),
    "sm": frozenset({Sm2Signer.alg}),
}
"""By suite: the algorithms of the keys that may sign in it."""

_Sm2Key = TypeVar("_Sm2Key", sm2.PrivateKey, sm2.PublicKey)


def signer(keyid: str, source: bytes | Path) -> Signer:
    """The private key in a PEM (PKCS8, not encrypted) file or text. Raises UnusableKey."""
    key = _private(keyid, _pem(keyid, source))
    for kind, make in _SIGNERS:
        if isinstance(key, kind):
            return make(keyid, key)
    raise UnusableKey(f"key {keyid!r}: this type of key is not supported; supported: {_names(_SIGNERS)}")


def verifier(keyid: str, source: bytes | Path) -> Verifier:
    """The public key in a PEM (SPKI) file or text. Raises UnusableKey."""
    key = _public(keyid, _pem(keyid, source))
    for kind, make in _VERIFIERS:
        if isinstance(key, kind):
            return make(keyid, key)
    raise UnusableKey(f"key {keyid!r}: this type of key is not supported; supported: {_names(_VERIFIERS)}")


def public_pem(keyid: str, source: bytes | Path) -> str:
    """The public key of a PEM (SPKI) file or text, written anew: nothing else that stood there. Raises UnusableKey."""
    verifier(keyid, source)
    key = _public(keyid, _pem(keyid, source))
    if isinstance(key, sm2.PublicKey):
        return sm2_pem.public_pem(key.point).decode()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def public_half(keyid: str, text: str) -> Verifier:
    """The key of a text that is one public key in the one way to write it, and nothing else but space after it.

    So what is handed out as public holds no private half, and two texts are one key only where they are the same.
    Raises UnusableKey, which never repeats the text.
    """
    found = verifier(keyid, text.encode())
    if text.rstrip() != public_pem(keyid, text.encode()).rstrip():
        raise UnusableKey(
            f"key {keyid!r}: must be one public key in PEM (SPKI) and nothing else, as `openssl pkey -pubin` writes it"
        )
    return found


def verifier_named(keyid: str, verifiers: Mapping[str, Verifier]) -> Verifier:
    """The key of that id. Raises SignatureRefused `key`, with the one text for every reason."""
    found = verifiers.get(keyid)
    if found is None:
        raise SignatureRefused("key", KEY_REFUSED)
    return found


def new_ed25519() -> tuple[bytes, bytes]:
    """A fresh key pair as PEM: private (PKCS8, not encrypted) and public (SPKI)."""
    return _pems(Ed25519PrivateKey.generate())


def new_p256() -> tuple[bytes, bytes]:
    """The same on the curve P-256."""
    return _pems(ec.generate_private_key(ec.SECP256R1()))


def new_sm2() -> tuple[bytes, bytes]:
    """The same on the SM2 curve. Raises UnusableKey without the extra `sm`."""
    try:
        d, point = sm2.generate()
    except ValueError as error:
        raise UnusableKey(str(error)) from error
    return sm2_pem.private_pem(d, point), sm2_pem.public_pem(point)


def _pems(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> tuple[bytes, bytes]:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, public


def _pem(keyid: str, source: bytes | Path) -> bytes:
    fit_keyid(keyid)
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
    (ec.EllipticCurvePrivateKey, P256Signer),
    (sm2.PrivateKey, Sm2Signer),
)
_VERIFIERS: tuple[tuple[type, Callable[..., Verifier]], ...] = (
    (Ed25519PublicKey, Ed25519Verifier),
    (ec.EllipticCurvePublicKey, P256Verifier),
    (sm2.PublicKey, Sm2Verifier),
)
