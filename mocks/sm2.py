"""SM2 written out with Python's integers, from the text of GB/T 32918: the other side's check of the gateway's signatures.

Plain and slow (some milliseconds), and not safe against timing: for mocks alone. It shares nothing with `gateway.security`.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode

from cryptography.hazmat.primitives import hashes
from http_message_signatures import HTTPMessageSignaturesException
from http_message_signatures.algorithms import HTTPSignatureAlgorithm

PRIME = 2**256 - 2**224 - 2**96 + 2**64 - 1
A = -3 % PRIME
B = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
ORDER = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
GENERATOR = (
    0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7,
    0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0,
)
SIGNER_ID = b"1234567812345678"

_CURVE_OID = bytes.fromhex("2a811ccf5501822d")
_PEM = re.compile(rb"-----BEGIN (PRIVATE|PUBLIC) KEY-----(.+?)-----END \1 KEY-----", re.DOTALL)

Point = tuple[int, int]
_Jacobian = tuple[int, int, int]
"""(X, Y, Z) for the point (X/Z², Y/Z³); Z = 0 is infinity."""
_INFINITY: _Jacobian = (1, 1, 0)


class NotSm2(ValueError):
    """A key that is not one of this curve."""


def sm3(data: bytes) -> bytes:
    """GB/T 32905."""
    made = hashes.Hash(hashes.SM3())
    made.update(data)
    return made.finalize()


def digest(public: Point, data: bytes, signer_id: bytes = SIGNER_ID) -> bytes:
    """e = SM3(Z || data), Z being the digest of the signer's id, the curve and the public key."""
    curve = b"".join(_32(number) for number in (A, B, *GENERATOR, *public))
    return sm3(sm3((8 * len(signer_id)).to_bytes(2, "big") + signer_id + curve) + data)


def public_of(d: int) -> Point:
    """The point d·G. Raises NotSm2 for a d out of range."""
    if not 1 <= d <= ORDER - 2:
        raise NotSm2("the private key is out of range")
    return _affine(_times(d, GENERATOR))


def sign_digest(d: int, e: bytes, k: int) -> tuple[int, int] | None:
    """r and s for the secret number k, or None where the standard wants another k (GB/T 32918.2 section 6.1)."""
    r = (int.from_bytes(e, "big") + _affine(_times(k, GENERATOR))[0]) % ORDER
    s = pow(1 + d, -1, ORDER) * (k - r * d) % ORDER
    return None if 0 in (r, s) or r + k == ORDER else (r, s)


def sign(d: int, data: bytes) -> bytes:
    """r and s in 64 bytes; k is derived from d and e by HMAC (in the manner of RFC 6979), so no chance is needed."""
    e, count = digest(public_of(d), data), 0
    while True:
        seed = hmac.digest(_32(d), e + count.to_bytes(4, "big"), "sha512")
        signed = sign_digest(d, e, int.from_bytes(seed, "big") % (ORDER - 1) + 1)
        if signed is not None:
            return _32(signed[0]) + _32(signed[1])
        count += 1


def verifies(public: Point, signature: bytes, data: bytes) -> bool:
    """Whether the 64 bytes are this key's r and s over the data (GB/T 32918.2 section 7.1)."""
    if len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    t = (r + s) % ORDER
    if not (1 <= r < ORDER and 1 <= s < ORDER and t):
        return False
    made = _add(_times(s, GENERATOR), _times(t, public))
    return made[2] != 0 and (int.from_bytes(digest(public, data), "big") + _affine(made)[0]) % ORDER == r


def is_sm2(pem: bytes) -> bool:
    """Whether the key in this PEM is of the SM2 curve."""
    found = _PEM.search(pem)
    return found is not None and _CURVE_OID in b64decode(found[2])


def private_key(pem: bytes) -> int:
    """d in a PKCS8 PEM. Raises NotSm2."""
    _, algorithm, key, *_ = _members(_content(_der(pem, b"PRIVATE")))
    if _members(algorithm)[1:] != [_CURVE_OID]:
        raise NotSm2("another curve")
    return int.from_bytes(_members(_content(key))[1], "big")


def public_key(pem: bytes) -> Point:
    """The point in an SPKI PEM. Raises NotSm2, also for a point off the curve."""
    algorithm, bits = _members(_content(_der(pem, b"PUBLIC")))
    if _members(algorithm)[1:] != [_CURVE_OID] or len(bits) != 66 or bits[:2] != b"\0\x04":
        raise NotSm2("another curve or form")
    x, y = int.from_bytes(bits[2:34], "big"), int.from_bytes(bits[34:], "big")
    if max(x, y) >= PRIME or (y * y - x**3 - A * x - B) % PRIME:
        raise NotSm2("not a point of the curve")
    return x, y


class Sm2(HTTPSignatureAlgorithm):
    """`sm2-sm3` for the library `http-message-signatures`; keys are PEM."""

    algorithm_id = "sm2-sm3"

    def __init__(self, public_key: bytes | None = None, private_key: bytes | None = None) -> None:
        self._public_pem = public_key or b""
        self._private_pem = private_key or b""

    def sign(self, message: bytes) -> bytes:
        return sign(private_key(self._private_pem), message)

    def verify(self, signature: bytes, message: bytes) -> None:
        if not verifies(public_key(self._public_pem), signature, message):
            raise HTTPMessageSignaturesException("the SM2 signature does not verify")


def _times(number: int, point: Point) -> _Jacobian:
    made = _INFINITY
    for bit in f"{number:b}":
        made = _double(made)
        if bit == "1":
            made = _add(made, (*point, 1))
    return made


def _double(point: _Jacobian) -> _Jacobian:
    x, y, z = point
    slope = 3 * (x - z * z) * (x + z * z) % PRIME  # a is -3
    middle = 4 * x * y * y % PRIME
    double_x = (slope * slope - 2 * middle) % PRIME
    return double_x, (slope * (middle - double_x) - 8 * pow(y, 4, PRIME)) % PRIME, 2 * y * z % PRIME


def _add(one: _Jacobian, other: _Jacobian) -> _Jacobian:
    if one[2] == 0 or other[2] == 0:
        return other if one[2] == 0 else one
    (x1, y1, z1), (x2, y2, z2) = one, other
    x1, x2 = x1 * z2 * z2 % PRIME, x2 * z1 * z1 % PRIME
    y1, y2 = y1 * z2**3 % PRIME, y2 * z1**3 % PRIME
    if x1 == x2:
        return _double(one) if y1 == y2 else _INFINITY
    across, up = x2 - x1, y2 - y1
    squared, cubed = across * across % PRIME, across**3 % PRIME
    x = (up * up - cubed - 2 * x1 * squared) % PRIME
    return x, (up * (x1 * squared - x) - y1 * cubed) % PRIME, z1 * z2 * across % PRIME


def _affine(point: _Jacobian) -> Point:
    x, y, z = point
    inverse = pow(z, -1, PRIME)
    return x * inverse**2 % PRIME, y * inverse**3 % PRIME


def _32(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _der(pem: bytes, kind: bytes) -> bytes:
    found = _PEM.search(pem)
    if found is None or found[1] != kind:
        raise NotSm2(f"not a {kind.decode().lower()} key in PEM")
    return b64decode(found[2])


def _content(der: bytes) -> bytes:
    return _split(der)[0]


def _members(content: bytes) -> list[bytes]:
    """The contents of the values that stand one after the other in a sequence's content."""
    members = []
    while content:
        member, content = _split(content)
        members.append(member)
    return members


def _split(der: bytes) -> tuple[bytes, bytes]:
    """The content of the first value, and what follows it."""
    if len(der) < 3 or der[1] > 0x81:
        raise NotSm2("not DER")
    start = 2 if der[1] < 0x80 else 3
    end = start + der[start - 1]
    return der[start:end], der[end:]
