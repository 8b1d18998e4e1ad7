from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.security import keys, sm2
from gateway.security.signatures import SIGNATURE_BYTES, SignatureRefused
from mocks import sm2 as plain
from tests.security.sm2_cases import MESSAGE, POINT, PRIVATE_PEM, PUBLIC_PEM, REFUSED, SIGNATURE, D, K, X, Y, b32

SIGNER, VERIFIER = keys.signer("test-sm2", PRIVATE_PEM), keys.verifier("test-sm2", PUBLIC_PEM)


def refused(signature: bytes, data: bytes = MESSAGE) -> None:
    with pytest.raises(SignatureRefused) as caught:
        VERIFIER.verify(signature, data)
    assert caught.value.code == "signature_invalid"


@given(st.binary(max_size=200))
@settings(max_examples=50)
def test_what_we_sign_verifies_here_and_by_plain_arithmetic(data: bytes) -> None:
    signature = SIGNER.sign(data)
    assert (SIGNER.alg, len(signature)) == ("sm2-sm3", SIGNATURE_BYTES["sm2-sm3"])
    VERIFIER.verify(signature, data)
    assert plain.verifies((X, Y), signature, data)
    VERIFIER.verify(plain.sign(D, data), data)


def test_no_nonce_is_used_twice() -> None:
    assert len({SIGNER.sign(b"the same")[:32] for _ in range(64)}) == 64


@pytest.mark.parametrize("signature", REFUSED.values(), ids=REFUSED.keys())
def test_the_negative_set(signature: bytes) -> None:
    refused(signature)


OUT_OF_RANGE = [name for name, bytes_ in REFUSED.items() if len(bytes_) != 64 or name.endswith((" 0", " n", "ones"))]


@pytest.mark.parametrize("name", OUT_OF_RANGE)
def test_what_is_out_of_range_never_reaches_gmssl(name: str) -> None:
    assert sm2._pair(REFUSED[name]) is None


def test_a_wrong_message_a_wrong_id_and_a_digest_without_z_are_refused() -> None:
    refused(SIGNATURE, MESSAGE + b".")
    for e in (
        plain.digest((X, Y), MESSAGE, b""),
        plain.digest((X, Y), MESSAGE, b"ALICE123@YAHOO.COM"),
        plain.sm3(MESSAGE),
    ):
        signed = plain.sign_digest(D, e, K)
        assert signed is not None
        refused(b32(signed[0]) + b32(signed[1]))


@given(st.binary(max_size=80))
def test_any_bytes_are_refused_and_nothing_else_is_raised(signature: bytes) -> None:
    refused(signature)


@given(st.binary(min_size=64, max_size=64))
def test_any_64_bytes_are_refused(signature: bytes) -> None:
    refused(signature)


@given(st.integers(0, 64 * 8 - 1))
def test_one_flipped_bit_is_refused(bit: int) -> None:
    refused((int.from_bytes(SIGNATURE, "big") ^ (1 << bit)).to_bytes(64, "big"))


@given(st.binary(max_size=64).filter(lambda data: data != MESSAGE))
def test_another_message_is_refused(data: bytes) -> None:
    refused(SIGNATURE, data)


def test_another_key_refuses() -> None:
    with pytest.raises(SignatureRefused):
        keys.verifier("test-sm2", keys.new_sm2()[1]).verify(SIGNATURE, MESSAGE)


@pytest.mark.parametrize(
    "point",
    [
        b"",
        bytes(64),
        POINT[:-1],
        POINT + b"\0",
        POINT[:-1] + bytes((POINT[-1] ^ 1,)),
        b32(sm2.P) + b32(Y),
        b32(X) + b32(sm2.P - Y - 1),
        b"\xff" * 64,
        # y for x = 0 is a root of b; with p added to x it is the same point, written twice
        b32(sm2.P) + b32(pow(sm2.B, (sm2.P + 1) // 4, sm2.P)),
    ],
)
def test_a_point_off_the_curve_is_no_key(point: bytes) -> None:
    with pytest.raises(ValueError, match="not a point of the SM2 curve"):
        sm2.PublicKey(point)


def test_the_negated_point_is_a_key_but_another_one() -> None:
    assert not sm2.PublicKey(b32(X) + b32(sm2.P - Y)).verify(SIGNATURE, MESSAGE)


@pytest.mark.parametrize("d", [0, sm2.N - 1, sm2.N, 2**256 - 1])
def test_a_private_number_out_of_range_is_no_key(d: int) -> None:
    with pytest.raises(ValueError, match="not in the range"):
        sm2.PrivateKey(b32(d), POINT)


@pytest.mark.parametrize("d", [1, sm2.N - 2])
def test_the_ends_of_the_range_are_keys(d: int) -> None:
    x, y = plain.public_of(d)
    key = sm2.PrivateKey(b32(d), b32(x) + b32(y))
    assert sm2.PublicKey(key.point).verify(key.sign(b"x"), b"x")


def test_two_halves_of_different_keys_are_no_key() -> None:
    with pytest.raises(ValueError, match="not of one key"):
        sm2.PrivateKey(b32(D + 1), POINT)


def test_nothing_secret_is_in_any_text_about_a_key() -> None:
    key = sm2.PrivateKey(b32(D), POINT)
    assert (repr(key), repr(SIGNER), repr(VERIFIER)) == (
        "PrivateKey(...)", "Sm2Signer('test-sm2')", "Sm2Verifier('test-sm2')",
    )  # fmt: skip
