"""Signatures with SM2 that got the digest wrong, made with Python's integers; and DER where r and s belong."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from gateway.security import keys
from gateway.security.doctor.diagnosis import Diagnosis, diagnose
from mocks import sm2 as integers
from tests.security.doctor.cases import asked, case, only
from tests.wire import Asked

KEYID = "sm2-test-key"
PRIVATE, PUBLIC = keys.new_sm2()
D = integers.private_key(PRIVATE)
POINT = integers.public_of(D)
KEYS = {KEYID: keys.verifier(KEYID, PUBLIC)}


@dataclass
class Key:
    """Signs any e that is made of the base."""

    e: Callable[[bytes], bytes]
    is_der: bool = False

    def sign(self, data: bytes) -> bytes:
        made = integers.sign_digest(D, self.e(data), 0x1234567890ABCDEF << 100)
        assert made is not None
        r, s = made
        return encode_dss_signature(r, s) if self.is_der else r.to_bytes(32, "big") + s.to_bytes(32, "big")


def found(key: Key) -> Diagnosis:
    request: Asked = asked(key=key, keyid=KEYID, alg="sm2-sm3")
    return diagnose(case(request.bytes(), keys=KEYS))


def right(data: bytes) -> bytes:
    return integers.digest(POINT, data)


def test_signed_as_agreed_it_verifies() -> None:
    assert found(Key(right)).code == ""


@pytest.mark.parametrize(
    ("e", "word", "form"),
    [
        (integers.sm3, "sm2_id", "without Z"),
        (lambda data: integers.digest(POINT, data, b""), "sm2_id", "the id is empty"),
        (lambda data: integers.digest(POINT, data, KEYID.encode()), "sm2_id", "the id is the key id"),
        (lambda data: integers.digest(POINT, integers.sm3(data)), "base_form", "the SM3 of the base"),
    ],
)
def test_another_e_is_named(e: Callable[[bytes], bytes], word: str, form: str) -> None:
    """H33."""
    diagnosis = found(Key(e))
    cause = only(diagnosis)
    assert (diagnosis.code, cause.word, cause.facts["form"]) == ("signature_invalid", word, form)
    assert cause.is_proved


def test_der_is_named() -> None:
    """H32."""
    diagnosis = found(Key(right, is_der=True))
    cause = only(diagnosis)
    assert (diagnosis.code, cause.word, cause.facts["form"]) == ("signature_malformed", "signature_form", "der")
    assert diagnosis.is_explained


def test_hex_is_named() -> None:
    request = asked(key=Key(right), keyid=KEYID, alg="sm2-sm3")
    raw = base64.b64decode(request.signed()["Signature"].removeprefix("gw=:").removesuffix(":"))
    diagnosis = diagnose(case(request.again(sent={"Signature": f"gw=:{raw.hex()}:"}).bytes(), keys=KEYS))
    assert (only(diagnosis).facts["form"], diagnosis.is_explained) == ("hex", True)
