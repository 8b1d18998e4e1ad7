"""Published values through the very code that the suite `sm` uses: our Z and e, `cryptography`'s SM3 and SM4, GmSSL's SM2."""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from gateway.security import keys, signatures, sm2
from gateway.security.profiles import VERIFY
from tests.security.sm2_cases import MESSAGE, POINT, PUBLIC_PEM, SIGNATURE, E, Z, b32

KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
        (b"", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"),
    ],
)
def test_sm3(message: bytes, expected: str) -> None:
    assert sm2.sm3(message).hex() == expected
    if "sm3" in hashlib.algorithms_available:
        assert hashlib.new("sm3", message).hexdigest() == expected


def test_sm4_one_block_and_a_million() -> None:
    encryptor = Cipher(algorithms.SM4(KEY), modes.ECB()).encryptor()
    block = encryptor.update(KEY)
    assert block.hex() == "681edf34d206965e86b3e94f536e4246"
    for _ in range(999_999):
        block = encryptor.update(block)
    assert block.hex() == "595298c7c6fd271f0402f804c33d3f66"


def test_sm4_gcm_of_rfc_8998() -> None:
    nonce, aad = bytes.fromhex("00001234567800000000abcd"), bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = b"".join(bytes((byte,)) * 8 for byte in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    encryptor = Cipher(algorithms.SM4(KEY), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    sealed = encryptor.update(plain) + encryptor.finalize()
    assert sealed.hex() == (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    )
    assert encryptor.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"


def hmac_sm3(key: bytes, message: bytes) -> bytes:
    made = hmac.HMAC(key, hashes.SM3())
    made.update(message)
    return made.finalize()


def test_hmac_sm3() -> None:
    assert hmac_sm3(KEY, b"abc").hex() == "28d8a61be67d8bf7652c4eda7092b612f88be62184f55005c57ddf076e764199"


def wycheproof() -> list[Any]:
    folder = os.environ.get("GATEWAY_SHARED_DATA")  # noqa: TID251 - no setting of the gateway, only where vectors lie
    if not folder:
        return [pytest.param({}, {}, marks=pytest.mark.skip("GATEWAY_SHARED_DATA is not set: no Wycheproof vectors"))]
    groups = json.loads((Path(folder) / "wycheproof" / "hmac_sm3_test.json").read_text())["testGroups"]
    return [pytest.param(group, test, id=str(test["tcId"])) for group in groups for test in group["tests"]]


@pytest.mark.parametrize(("group", "test"), wycheproof())
def test_wycheproof_hmac_sm3(group: dict[str, Any], test: dict[str, Any]) -> None:
    tag = hmac_sm3(bytes.fromhex(test["key"]), bytes.fromhex(test["msg"]))[: group["tagSize"] // 8]
    assert (tag.hex() == test["tag"]) is (test["result"] == "valid")


def test_z_and_e_of_gb_t_32918_5() -> None:
    assert sm2.z(POINT) == Z
    assert sm2.sm3(sm2.z(POINT) + MESSAGE) == E


def test_the_signature_of_gb_t_32918_5() -> None:
    keys.verifier("test-sm2", PUBLIC_PEM).verify(SIGNATURE, MESSAGE)


VALUES = {
    '"@method"': "POST",
    '"@authority"': "example.com",
    '"@path"': "/foo",
    '"content-type"': "application/json",
    '"content-digest"': "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
}
PARAMETERS = (
    f"{VERIFY.covered};created=1795392000;expires=1795392060"
    ';nonce="AAAAAAAAAAAAAAAAAAAAAA";keyid="test-sm2";alg="sm2-sm3";tag="gdx-verify-v1"'
)
R_S = "W/OQmLXNuG9Jlv+d/Sq1gmyeU34mrJ1S6LgTF/GvL2paQG5/TrgUgXJ8rdlGghZ9INGTYd7DwOBAqHv/jv3RIg=="


def test_inside_rfc_9421() -> None:
    base = signatures.base(VERIFY.components, VALUES, PARAMETERS)
    expected = "570794272740a0d6e792cd776eb2b6cc2b4024a018a561439954044ac39a94f7"
    assert sm2.sm3(sm2.z(POINT) + base).hex() == expected
    presented = signatures.parse([f"gw={PARAMETERS}"], [f"gw=:{R_S}:"])
    assert signatures.check(presented, (VERIFY,), 1795392030) is VERIFY
    signatures.verify(presented, VALUES, keys.verifier("test-sm2", PUBLIC_PEM))
    with pytest.raises(signatures.SignatureRefused, match="signature_invalid"):
        signatures.verify(presented, VALUES | {'"@path"': "/bar"}, keys.verifier("test-sm2", PUBLIC_PEM))


def test_the_der_of_a_payment_platform_style_message() -> None:
    base = b'POST\n/v1/verifications\n1795392000\n5K8264ILTKCH16CQ2502SI8ZNMTM67VS\n{"a":1}\n'
    der = "MEYCIQCvXr3I9pgPU9pbthAlM1QgoJ97jiEz90N22q0esbWXOQIhAI5MlRUZEi+GJmjX/MBO5VEWn+v3iaxYqhzmyTQyVI3c"
    r, s = decode_dss_signature(b64decode(der))
    keys.verifier("test-sm2", PUBLIC_PEM).verify(b32(r) + b32(s), base)


def test_a_wrong_hmac_is_told_from_a_right_one() -> None:
    """The constant-time comparison of the library that we would use, on an altered tag."""
    made = hmac.HMAC(KEY, hashes.SM3())
    made.update(b"abd")
    with pytest.raises(InvalidSignature):
        made.verify(hmac_sm3(KEY, b"abc"))
