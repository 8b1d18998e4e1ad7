"""SM2 keys in PEM, which `cryptography` cannot load: PKCS8 and SPKI, each in the spellings that OpenSSL has for it.

A key of this curve has a fixed length, so its DER is a fixed frame around d and the point. What does not fit a frame byte
by byte is refused: there is no parser here that could be led astray.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from typing import Final

from gateway.security.sm2 import BYTES, PrivateKey, PublicKey

_CURVE_OID: Final = bytes.fromhex("06082a811ccf5501822d")
"""1.2.156.10197.1.301"""
_ALGORITHM: Final = bytes.fromhex("301306072a8648ce3d0201") + _CURVE_OID
_PRIVATE, _PUBLIC = "PRIVATE KEY", "PUBLIC KEY"
_BLOCK = re.compile(rb"^-----BEGIN ([A-Z ]+)-----\r?\n([A-Za-z0-9+/=\r\n]++)^-----END \1-----[ \t\r]*$", re.MULTILINE)


def is_sm2(pem: bytes) -> bool:
    """Whether the key in this PEM says that it is of the SM2 curve; nothing else about it is believed yet."""
    found = _BLOCK.search(pem)
    return found is not None and found[1].decode() in (_PRIVATE, _PUBLIC) and _CURVE_OID in _decoded(found[2])


def private_key(pem: bytes) -> PrivateKey:
    """The key in a PKCS8 PEM, not encrypted. Raises ValueError with the reason."""
    der = _only(_PRIVATE, pem)
    for frame in _PRIVATE_FRAMES:
        found = frame.fullmatch(der)
        if found is not None:
            return PrivateKey(found[1], found[2])
    raise ValueError("not an SM2 private key in PKCS8 with its public half (write it anew with: openssl pkey)")


def public_key(pem: bytes) -> PublicKey:
    """The key in an SPKI PEM. Raises ValueError with the reason."""
    found = _PUBLIC_FRAME.fullmatch(_only(_PUBLIC, pem))
    if found is None:
        raise ValueError("not an SM2 public key in SPKI with an uncompressed point")
    return PublicKey(found[1])


def private_pem(d: bytes, point: bytes) -> bytes:
    """PKCS8, as OpenSSL writes it."""
    return _pem(_PRIVATE, _pkcs8(d, point))


def public_pem(point: bytes) -> bytes:
    """SPKI."""
    return _pem(_PUBLIC, _spki(point))


def _pkcs8(d: bytes, point: bytes, parameters: bytes = b"") -> bytes:
    version, point_text = b"\x02\x01\x00", _tlv(0xA1, _tlv(0x03, b"\x00\x04", point))
    key = _tlv(0x30, b"\x02\x01\x01", _tlv(0x04, d), parameters, point_text)  # RFC 5915
    return _tlv(0x30, version, _ALGORITHM, _tlv(0x04, key))  # RFC 5958


def _spki(point: bytes) -> bytes:
    return _tlv(0x30, _ALGORITHM, _tlv(0x03, b"\x00\x04", point))


def _tlv(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)  # below 256 in every key
    return bytes((tag, size) if size < 0x80 else (tag, 0x81, size)) + content


def _frame(der: bytes, *values: bytes) -> re.Pattern[bytes]:
    """Exactly these bytes, but for the values, each of which may be any of its length."""
    pattern = re.escape(der)
    for value in values:
        pattern = pattern.replace(value, rb"(.{%d})" % len(value))
    return re.compile(pattern, re.DOTALL)


_D, _POINT = b"d" * BYTES, b"p" * (2 * BYTES)
_PRIVATE_FRAMES: Final = tuple(
    _frame(_pkcs8(_D, _POINT, parameters), _D, _POINT)
    for parameters in (b"", _tlv(0xA0, _CURVE_OID))  # some name the curve twice
)
_PUBLIC_FRAME: Final = _frame(_spki(_POINT), _POINT)


def _only(kind: str, pem: bytes) -> bytes:
    """The bytes of the one block, whose label must be `kind`. Text before and after it is a comment."""
    blocks = _BLOCK.findall(pem)
    if len(blocks) != 1 or pem.count(b"-----BEGIN ") != 1 or blocks[0][0].decode() != kind:
        raise ValueError(f"not exactly one {kind} in PEM")
    der = _decoded(blocks[0][1])
    if b64encode(der) != b"".join(blocks[0][1].split()):
        raise ValueError("the PEM is not canonical base64")
    return der


def _decoded(text: bytes) -> bytes:
    try:
        return b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        return b""


def _pem(kind: str, der: bytes) -> bytes:
    text = b64encode(der)
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return b"\n".join([f"-----BEGIN {kind}-----".encode(), *lines, f"-----END {kind}-----".encode(), b""])
