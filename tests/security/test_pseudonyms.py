from __future__ import annotations

import hashlib
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.pseudonyms import CASE, OPERATOR, PERSON, Pseudonyms, new_key

KEY = bytes(range(32))
CHILD = "229901201206011035"
WORDS = st.text(st.characters(exclude_categories=["Cs"]))
PLACES = st.tuples(WORDS, WORDS)


def test_of_is_hmac_sha256_cut_to_128_bits() -> None:
    expected = hmac.new(KEY, f"6:person:{CHILD}".encode(), hashlib.sha256).hexdigest()
    assert Pseudonyms("2018a", KEY).of(PERSON, CHILD) == f"2018a:{expected[:32]}"
    assert Pseudonyms("2018a", KEY).short(PERSON, CHILD) == expected[:8]


def test_equal_strings_in_other_domains_epochs_or_keys_are_others() -> None:
    pseudonyms = Pseudonyms("e1", KEY)
    digits = {pseudonyms.of(domain, CHILD).partition(":")[2] for domain in (PERSON, CASE, OPERATOR)}
    digits.add(Pseudonyms("e1", KEY[::-1]).of(PERSON, CHILD).partition(":")[2])
    assert len(digits) == 4


@given(PLACES, PLACES)
def test_only_equal_domains_and_values_are_equal(one: tuple[str, str], other: tuple[str, str]) -> None:
    pseudonyms = Pseudonyms("e1", KEY)
    assert (pseudonyms.of(*one) == pseudonyms.of(*other)) == (one == other)
    shifted = (one[0] + one[1][:1], one[1][1:])
    assert (pseudonyms.of(*one) == pseudonyms.of(*shifted)) == (one == shifted)
    assert re.fullmatch("e1:[0-9a-f]{32}", pseudonyms.of(*one))
    assert pseudonyms.of(*one).startswith(f"e1:{pseudonyms.short(*one)}")


def test_the_key_is_not_shown() -> None:
    pseudonyms = Pseudonyms("e1", KEY)
    for text in (repr(pseudonyms), str(pseudonyms), f"{pseudonyms}"):
        assert text == "Pseudonyms(epoch='e1')"


@pytest.mark.parametrize(("epoch", "key"), [("", KEY), ("a:b", KEY), ("x" * 17, KEY), ("e1\n", KEY), ("e1", KEY[:31])])
def test_an_epoch_and_its_key_have_one_form(epoch: str, key: bytes) -> None:
    with pytest.raises(ValueError):
        Pseudonyms(epoch, key)


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_new_key_loads(end: str) -> None:
    key = new_key()
    assert Pseudonyms.read("e1", (key + end).encode()).of(PERSON, CHILD) == Pseudonyms("e1", bytes.fromhex(key)).of(
        PERSON, CHILD
    )
    assert new_key() != key


@pytest.mark.parametrize(
    "content",
    [
        "",
        "ab" * 31,
        "ab" * 33,
        "ab" * 32 + "\n\n",
        "ab" * 32 + "\r\n",
        " " + "ab" * 32,
        "xy" * 32,
        "ab" * 31 + "１２",
        "ab " * 32,
    ],
)
def test_other_keys_are_refused_without_their_content(content: str) -> None:
    with pytest.raises(ValueError, match="a pseudonym key is 64 hex digits") as caught:
        Pseudonyms.read("e1", content.encode())
    if content.strip():
        assert content.strip() not in str(caught.value)
