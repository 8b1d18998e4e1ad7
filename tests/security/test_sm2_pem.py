from __future__ import annotations

import subprocess
import sys
import textwrap
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security import keys, sm2_pem
from gateway.security.keys import UnusableKey
from gateway.security.signatures import SignatureRefused
from tests.security.sm2_cases import POINT, PRIVATE_PEM, PUBLIC_PEM, D, b32

OTHER_CURVES_OID = bytes.fromhex("06082a8648ce3d030107")  # P-256
SM2_OID = bytes.fromhex("06082a811ccf5501822d")


def der(pem: bytes) -> bytes:
    return sm2_pem._decoded(b"".join(pem.splitlines()[1:-1]))


def pem(content: bytes, kind: str = "PUBLIC KEY") -> bytes:
    return b"-----BEGIN %b-----\n%b\n-----END %b-----\n" % (kind.encode(), b64encode(content), kind.encode())


SPKI, PKCS8 = der(PUBLIC_PEM), der(PRIVATE_PEM)
PRIVATE = "PRIVATE KEY"


def test_a_new_pair_signs_and_verifies(tmp_path: Path) -> None:
    private, public = keys.new_sm2()
    (tmp_path / "key.pem").write_bytes(b"# A test key.\n" + private)
    signature = keys.signer("gateway-1", tmp_path / "key.pem").sign(b"data")
    keys.verifier("gateway-1", public.replace(b"\n", b"\r\n")).verify(signature, b"data")
    with pytest.raises(SignatureRefused):
        keys.verifier("gateway-1", public).verify(signature, b"other data")


def test_a_private_key_that_names_its_curve_twice_is_read() -> None:
    twice = sm2_pem._pkcs8(b32(D), POINT, b"\xa0\x0a" + SM2_OID)
    assert keys.signer("gateway-1", pem(twice, PRIVATE)).alg == "sm2-sm3"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (PUBLIC_PEM * 2, "not exactly one PUBLIC KEY"),
        (PRIVATE_PEM, "not exactly one PUBLIC KEY"),
        (PUBLIC_PEM + b"-----BEGIN ", "not exactly one PUBLIC KEY"),
        (pem(SPKI + b"\0"), "not an SM2 public key in SPKI"),
        (pem(SPKI[:-1]), "not an SM2 public key in SPKI"),
        (pem(SPKI.replace(b"\x42\x00\x04", b"\x42\x00\x06")), "uncompressed"),
        (pem(SPKI.replace(b"\x30\x59", b"\x30\x81\x59")), "not an SM2 public key in SPKI"),
        (pem(SPKI[:-1] + bytes((SPKI[-1] ^ 1,))), "not a point of the SM2 curve"),
        (pem(SPKI[:-64] + bytes(64)), "not a point of the SM2 curve"),
        (pem(SPKI[:-65] + b"\0", "PUBLIC KEY"), "not an SM2 public key in SPKI"),
        (PUBLIC_PEM.replace(b"==", b"="), "not a public key in PEM"),
    ],
)
def test_an_unusable_public_key_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(UnusableKey, match=reason) as unusable:
        keys.verifier("gateway-1", content)
    assert "gateway-1" in str(unusable.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (PUBLIC_PEM, "not exactly one PRIVATE KEY"),
        (PRIVATE_PEM + PUBLIC_PEM, "not exactly one PRIVATE KEY"),
        (pem(PKCS8 + b"\0", PRIVATE), "with its public half"),
        (pem(PKCS8.replace(b"\x02\x01\x01", b"\x02\x01\x02"), PRIVATE), "with its public half"),
        (pem(PKCS8.replace(b32(D), bytes(32)), PRIVATE), "not in the range"),
        (pem(PKCS8.replace(b32(D), b32(D + 1)), PRIVATE), "not of one key"),
        (pem(PKCS8[:-1] + bytes((PKCS8[-1] ^ 1,)), PRIVATE), "not a point of the SM2 curve"),
        (pem(PKCS8, "EC PRIVATE KEY"), "not a private key in PEM"),
    ],
)
def test_an_unusable_private_key_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(UnusableKey, match=reason) as unusable:
        keys.signer("gateway-1", content)
    assert f"{D:x}" not in str(unusable.value)


def test_padding_bits_that_are_not_zero_are_refused() -> None:
    last = PUBLIC_PEM[PUBLIC_PEM.index(b"==") - 1 :][:1]
    assert last in b"AQgw"
    with pytest.raises(UnusableKey, match="not canonical base64"):
        keys.verifier("gateway-1", PUBLIC_PEM.replace(last + b"==", bytes((last[0] + 1,)) + b"=="))


@given(st.integers(0, len(SPKI) * 8 - 1))
def test_no_flipped_bit_makes_another_key_with_the_same_signatures(bit: int) -> None:
    altered = (int.from_bytes(SPKI, "big") ^ (1 << bit)).to_bytes(len(SPKI), "big")
    with pytest.raises(UnusableKey):
        keys.verifier("gateway-1", pem(altered))


@given(st.binary(max_size=300))
def test_any_bytes_in_pem_are_refused_as_a_key_and_nothing_else_is_raised(content: bytes) -> None:
    for kind, load in (("PUBLIC KEY", keys.verifier), (PRIVATE, keys.signer)):
        for text in (content, pem(content, kind), pem(SM2_OID + content, kind)):
            with pytest.raises(UnusableKey):
                load("gateway-1", text)


def test_another_curve_is_not_taken_for_this_one() -> None:
    assert sm2_pem.is_sm2(PUBLIC_PEM)
    assert not sm2_pem.is_sm2(pem(SPKI.replace(SM2_OID, OTHER_CURVES_OID)))
    with pytest.raises(UnusableKey):
        keys.verifier("gateway-1", pem(SPKI.replace(SM2_OID, OTHER_CURVES_OID)))


def test_without_the_extra_the_loader_says_what_to_install() -> None:
    """In a process where `gmssl_pyx` cannot be imported."""
    script = f"""
        import sys
        sys.modules["gmssl_pyx"] = None
        from gateway.security import keys
        private, public = keys.new_ed25519()
        keys.verifier("plain", public).verify(keys.signer("plain", private).sign(b"x"), b"x")
        for call in (
            lambda: keys.signer("national", {PRIVATE_PEM!r}),
            lambda: keys.verifier("national", {PUBLIC_PEM!r}),
            keys.new_sm2,
        ):
            try:
                call()
            except keys.UnusableKey as error:
                print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True, timeout=60
    )
    told = "SM2 needs the extra 'sm': pip install 'run-once-gateway[sm]'"
    assert done.stdout.splitlines() == [f"key 'national': {told}", f"key 'national': {told}", told]
