from __future__ import annotations

import pytest

from gateway.security import keys
from mocks import sm2
from tests.security.sm2_cases import (
    MESSAGE,
    POINT,
    PRIVATE_PEM,
    PUBLIC_PEM,
    REFUSED,
    SIGNATURE,
    D,
    E,
    K,
    R,
    S,
    X,
    Y,
    b32,
)


def test_the_vectors_of_gb_t_32918_5() -> None:
    assert sm2.public_of(D) == (X, Y)
    assert sm2.digest((X, Y), MESSAGE) == E
    assert sm2.sign_digest(D, E, K) == (R, S)
    assert sm2.verifies((X, Y), SIGNATURE, MESSAGE)


@pytest.mark.parametrize("signature", REFUSED.values(), ids=REFUSED.keys())
def test_the_negative_set(signature: bytes) -> None:
    assert not sm2.verifies((X, Y), signature, MESSAGE)


def test_a_wrong_message_a_wrong_id_and_a_digest_without_z_are_refused() -> None:
    assert not sm2.verifies((X, Y), SIGNATURE, MESSAGE + b".")
    for e in (sm2.digest((X, Y), MESSAGE, b""), sm2.sm3(MESSAGE)):
        r, s = sm2.sign_digest(D, e, K) or (0, 0)
        assert not sm2.verifies((X, Y), b32(r) + b32(s), MESSAGE)


def test_its_nonce_depends_on_the_message_and_on_nothing_else() -> None:
    assert sm2.sign(D, b"one") == sm2.sign(D, b"one")
    assert sm2.sign(D, b"one")[:32] != sm2.sign(D, b"two")[:32]
    assert sm2.verifies((X, Y), sm2.sign(D, b"one"), b"one")


def test_numbers_that_the_standard_asks_to_take_again() -> None:
    x = sm2.public_of(K)[0]
    assert sm2.sign_digest(D, b32(-x % sm2.ORDER), K) is None  # r is 0
    assert sm2.sign_digest(D, b32((-K - x) % sm2.ORDER), K) is None  # r + k is n
    assert sm2.sign_digest(D, b32((K * pow(D, -1, sm2.ORDER) - x) % sm2.ORDER), K) is None  # s is 0


def test_the_group_where_formulas_are_special() -> None:
    point = (*sm2.GENERATOR, 1)
    assert sm2._add(point, point) == sm2._double(point)
    assert sm2._add(point, (point[0], sm2.PRIME - point[1], 1))[2] == 0
    assert sm2._times(sm2.ORDER, sm2.GENERATOR)[2] == 0
    assert sm2._add(sm2._INFINITY, point) == point


def test_keys_are_read_as_the_gateway_writes_them() -> None:
    private, public = keys.new_sm2()
    assert sm2.public_of(sm2.private_key(private)) == sm2.public_key(public)
    assert sm2.is_sm2(private)
    assert sm2.is_sm2(public)
    assert not any(map(sm2.is_sm2, (*keys.new_ed25519(), b"", b"not pem")))


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        PRIVATE_PEM,
        keys.new_ed25519()[1],
        keys.sm2_pem.public_pem(POINT[:-1] + bytes((POINT[-1] ^ 1,))),
        keys.sm2_pem.public_pem(bytes(64)),
    ],
)
def test_what_is_no_public_key_is_refused(pem: bytes) -> None:
    with pytest.raises(ValueError):
        sm2.public_key(pem)


@pytest.mark.parametrize("pem", [b"", PUBLIC_PEM, keys.new_ed25519()[0]])
def test_what_is_no_private_key_is_refused(pem: bytes) -> None:
    with pytest.raises(ValueError):
        sm2.private_key(pem)


@pytest.mark.parametrize("d", [0, sm2.ORDER - 1, sm2.ORDER])
def test_a_private_number_out_of_range_is_refused(d: int) -> None:
    with pytest.raises(sm2.NotSm2):
        sm2.public_of(d)
