"""One pair of classes per algorithm: a private key that signs, a public one that verifies, each under its key id.

Nothing secret is in any text about them. How a pair comes out of a PEM is for `keys` to say.
"""

from __future__ import annotations

import re
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from nacl.bindings import crypto_sign, crypto_sign_open
from nacl.exceptions import BadSignatureError

from gateway.errors import GatewayError
from gateway.security import sm2
from gateway.security.signatures import SignatureRefused

_KEYID = re.compile(r"[!#-\[\]-~]{1,128}")
_NOT_THIS_KEYS = "the signature is not this key's over this message"

P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_P256_BYTES: Final = 32
_ED25519_BYTES: Final = 64
_ECDSA: Final = ec.ECDSA(hashes.SHA256())


class UnusableKey(GatewayError):
    """A key file or a key id that cannot be used. The text names the key id and the reason, never the content."""


class Ed25519Signer:
    """`alg="ed25519"` (RFC 8032, RFC 9421 section 3.3.6): 64 bytes over the data itself. By libsodium, twice as fast."""

    __slots__ = ("_secret", "keyid")
    alg: Final = "ed25519"

    def __init__(self, keyid: str, key: Ed25519PrivateKey) -> None:
        self.keyid: Final = fit_keyid(keyid)
        self._secret: Final = key.private_bytes_raw() + key.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        return crypto_sign(data, self._secret)[:_ED25519_BYTES]

    def __repr__(self) -> str:
        return f"Ed25519Signer({self.keyid!r})"


class Ed25519Verifier:
    """The public half of `Ed25519Signer`."""

    __slots__ = ("_public", "keyid")
    alg: Final = "ed25519"

    def __init__(self, keyid: str, key: Ed25519PublicKey) -> None:
        self.keyid: Final = fit_keyid(keyid)
        self._public: Final = key.public_bytes_raw()

    @property
    def public(self) -> bytes:
        """The 32 bytes of RFC 8032."""
        return self._public

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raises SignatureRefused `signature_invalid`."""
        # libsodium takes both in one piece: a signature of another length would move the border between them.
        if len(signature) != _ED25519_BYTES:
            raise SignatureRefused("signature_invalid", _NOT_THIS_KEYS)
        try:
            crypto_sign_open(signature + data, self._public)
        except BadSignatureError as error:
            raise SignatureRefused("signature_invalid", _NOT_THIS_KEYS) from error

    def __repr__(self) -> str:
        return f"Ed25519Verifier({self.keyid!r})"


class P256Signer:
    """`alg="ecdsa-p256-sha256"` (FIPS 186-5, RFC 9421 section 3.3.4): r and s in 64 bytes, never DER."""

    __slots__ = ("_key", "keyid")
    alg: Final = "ecdsa-p256-sha256"

    def __init__(self, keyid: str, key: ec.EllipticCurvePrivateKey) -> None:
        self.keyid: Final = fit_keyid(keyid)
        _require_p256(keyid, key.curve)
        self._key: Final = key

    def sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self._key.sign(data, _ECDSA))
        return r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")

    def __repr__(self) -> str:
        return f"P256Signer({self.keyid!r})"


class P256Verifier:
    """The public half of `P256Signer`.

    Of every signature there is a second one that anybody can make from it (s and n - s). Both verify, as the standard
    has it: what is used once is the nonce, which both cover.
    """

    __slots__ = ("_key", "keyid")
    alg: Final = "ecdsa-p256-sha256"

    def __init__(self, keyid: str, key: ec.EllipticCurvePublicKey) -> None:
        self.keyid: Final = fit_keyid(keyid)
        _require_p256(keyid, key.curve)
        self._key: Final = key

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raises SignatureRefused `signature_invalid`."""
        r, s = int.from_bytes(signature[:_P256_BYTES], "big"), int.from_bytes(signature[_P256_BYTES:], "big")
        if len(signature) != 2 * _P256_BYTES or not (0 < r < P256_ORDER and 0 < s < P256_ORDER):
            raise SignatureRefused("signature_invalid", _NOT_THIS_KEYS)
        try:
            self._key.verify(encode_dss_signature(r, s), data, _ECDSA)
        except InvalidSignature as error:
            raise SignatureRefused("signature_invalid", _NOT_THIS_KEYS) from error

    def __repr__(self) -> str:
        return f"P256Verifier({self.keyid!r})"


class Sm2Signer:
    """`alg="sm2-sm3"` (ours, no registered name): r and s in 64 bytes, never DER. Needs the extra `sm`."""

    __slots__ = ("_key", "keyid")
    alg: Final = sm2.ALG

    def __init__(self, keyid: str, key: sm2.PrivateKey) -> None:
        self.keyid: Final = fit_keyid(keyid)
        self._key: Final = key

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)

    def __repr__(self) -> str:
        return f"Sm2Signer({self.keyid!r})"


class Sm2Verifier:
    """The public half of `Sm2Signer`."""

    __slots__ = ("key", "keyid")
    alg: Final = sm2.ALG

    def __init__(self, keyid: str, key: sm2.PublicKey) -> None:
        self.keyid: Final = fit_keyid(keyid)
        self.key: Final = key

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raises SignatureRefused `signature_invalid`."""
        if not self.key.verify(signature, data):
            raise SignatureRefused("signature_invalid", _NOT_THIS_KEYS)

    def __repr__(self) -> str:
        return f"Sm2Verifier({self.keyid!r})"


def fit_keyid(keyid: str) -> str:
    """The same text. Raises UnusableKey where it can stand in no signature's parameters."""
    if not _KEYID.fullmatch(keyid):
        raise UnusableKey("a key id is 1 to 128 printable ASCII characters without space, quote or backslash")
    return keyid


def _require_p256(keyid: str, curve: ec.EllipticCurve) -> None:
    if not isinstance(curve, ec.SECP256R1):
        raise UnusableKey(f"key {keyid!r}: is on the curve {curve.name}; of this kind only P-256 (secp256r1) is taken")
