"""SM2 signatures with SM3 on the curve of GB/T 32918.5: 64 bytes of r and s over e = SM3(Z || data), pure but for chance.

The mathematics is GmSSL's, through `gmssl-pyx` (extra `sm`) and its digest call; Z, e, the ranges of r, s and d, and the
curve equation are checked here, so that what GmSSL gets is never malformed. SM3 is `cryptography`'s.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

try:
    from gmssl_pyx import sm2_key_generate, sm2_sign_sm3_digest, sm2_verify_sm3_digest

    IS_AVAILABLE = True
except ImportError:
    IS_AVAILABLE = False

ALG: Final = "sm2-sm3"
SIGNER_ID: Final = b"1234567812345678"
"""The signer's id that enters Z: the default of GM/T 0009, which every party of the exchange uses."""

P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A: Final = P - 3
B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GENERATOR: Final = bytes.fromhex(
    "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
)
BYTES: Final = 32

_CURVE: Final = A.to_bytes(BYTES, "big") + B.to_bytes(BYTES, "big") + GENERATOR
_MISSING: Final = "SM2 needs the extra 'sm': pip install 'run-once-gateway[sm]'"


class PublicKey:
    """A point of the curve, as 64 bytes of x and y. Raises ValueError for any other bytes, and without the extra."""

    __slots__ = ("_z", "point")

    def __init__(self, point: bytes) -> None:
        require_library()
        if not is_on_curve(point):
            raise ValueError("the public key is not a point of the SM2 curve")
        self.point: Final = point
        self._z: Final = z(point)

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Whether these are the 64 bytes of this key's r and s over `data`; never raises, whatever the bytes."""
        return self.verifies_digest(signature, sm3(self._z + data))

    def verifies_digest(self, signature: bytes, digest: bytes) -> bool:
        """The same over e itself; for `verify`, and for the doctor, who asks which e was signed."""
        pair = _pair(signature)
        return pair is not None and _holds(self.point, digest, *pair)


class PrivateKey:
    """The number d with the point it makes. Raises ValueError where they are no pair, and without the extra."""

    __slots__ = ("_d", "_z", "point")

    def __init__(self, d: bytes, point: bytes) -> None:
        self.point: Final = PublicKey(point).point
        if len(d) != BYTES or not 1 <= int.from_bytes(d, "big") <= N - 2:
            raise ValueError("the private key is not in the range of SM2")
        self._d: Final = d
        self._z: Final = z(point)
        # Z holds the point: with another one's, every signature made here would be nobody's.
        if not PublicKey(point).verify(self.sign(b""), b""):
            raise ValueError("the private and the public half are not of one key")

    def sign(self, data: bytes) -> bytes:
        """r and s in 64 bytes, with a fresh random k each time (GmSSL takes it from the operating system)."""
        r, s = decode_dss_signature(sm2_sign_sm3_digest(self._d, sm3(self._z + data)))
        return r.to_bytes(BYTES, "big") + s.to_bytes(BYTES, "big")

    def __repr__(self) -> str:
        return "PrivateKey(...)"


def generate() -> tuple[bytes, bytes]:
    """A fresh d and its point. Raises ValueError without the extra."""
    require_library()
    point, d = sm2_key_generate()
    return d, point


def sm3(data: bytes) -> bytes:
    """GB/T 32905."""
    made = hashes.Hash(hashes.SM3())
    made.update(data)
    return made.finalize()


def z(point: bytes, signer_id: bytes = SIGNER_ID) -> bytes:
    """Who signs, on which curve (GB/T 32918.2 section 5.5)."""
    return sm3((len(signer_id) * 8).to_bytes(2, "big") + signer_id + _CURVE + point)


def is_on_curve(point: bytes) -> bool:
    """Whether 64 bytes are x and y of a point. The cofactor is 1, so it is then of order N; infinity has no such bytes."""
    if len(point) != 2 * BYTES:
        return False
    x, y = (int.from_bytes(half, "big") for half in (point[:BYTES], point[BYTES:]))
    return x < P and y < P and (y * y - (x * x * x + A * x + B)) % P == 0


def require_library() -> None:
    """Raises ValueError that says what to install."""
    if not IS_AVAILABLE:
        raise ValueError(_MISSING)


def _pair(signature: bytes) -> tuple[int, int] | None:
    """r and s, where they are in range: the standard refuses all others before any mathematics."""
    if len(signature) != 2 * BYTES:
        return None
    r, s = (int.from_bytes(half, "big") for half in (signature[:BYTES], signature[BYTES:]))
    return (r, s) if 0 < r < N and 0 < s < N and r + s != N else None


def _holds(point: bytes, digest: bytes, r: int, s: int) -> bool:
    return bool(sm2_verify_sm3_digest(point, digest, encode_dss_signature(r, s)))
