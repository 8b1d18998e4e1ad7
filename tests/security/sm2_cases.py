"""The SM2 vectors that several tests share: GB/T 32918.5's key, its message, and every wrong way to write its signature."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from gateway.security import sm2, sm2_pem

D = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
X = 0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020
Y = 0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13
K = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
MESSAGE = b"message digest"
Z = bytes.fromhex("b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3")
E = bytes.fromhex("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640")
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA


def b32(number: int) -> bytes:
    return number.to_bytes(32, "big")


POINT = b32(X) + b32(Y)
SIGNATURE = b32(R) + b32(S)
DER = encode_dss_signature(R, S)
PRIVATE_PEM, PUBLIC_PEM = sm2_pem.private_pem(b32(D), POINT), sm2_pem.public_pem(POINT)


def _long(number: int) -> bytes:
    """More bytes than a field element where they are needed, so that nothing is cut off."""
    return number.to_bytes(32 if number < 2**256 else 33, "big")


def _negative_der() -> bytes:
    """Both numbers without their leading zero, which makes them negative."""
    one, other = b"\x02\x20" + b32(R), b"\x02\x20" + b32(S)
    return b"\x30\x44" + one + other


REFUSED: dict[str, bytes] = {
    "r is 0": b32(0) + b32(S),
    "s is 0": b32(R) + b32(0),
    "r is n": b32(sm2.N) + b32(S),
    "s is n": b32(R) + b32(sm2.N),
    "r plus n": _long(R + sm2.N) + b32(S),
    "s plus n": b32(R) + _long(S + sm2.N),
    "r + s is n": b32(R) + b32(sm2.N - R),
    "swapped": b32(S) + b32(R),
    "the other s": b32(R) + b32(sm2.N - S),
    "padded in front": b"\0" + SIGNATURE,
    "padded behind": SIGNATURE + b"\0",
    "one byte short": SIGNATURE[:-1],
    "DER": DER,
    "DER, its length written long": b"\x30\x81" + DER[1:],
    "DER, negative": _negative_der(),
    "r and s in DER's frame without its numbers": b"\x30\x40" + SIGNATURE,
    "hexadecimal": SIGNATURE.hex().encode(),
    "empty": b"",
    "all ones": b"\xff" * 64,
}
"""Of MESSAGE under the key; beside them stand wrong message, wrong id and a digest without Z."""
