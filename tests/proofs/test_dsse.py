"""DSSE envelopes: the standard's own example, and one spelling of each."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proofs.dsse import Envelope, pae

GOOD: dict[str, Any] = {
    "payload": "aGVsbG8gd29ybGQ=",
    "payloadType": "http://example.com/HelloWorld",
    "signatures": [{"keyid": "k", "sig": "AAAA"}],
}


def test_the_encoding_of_the_standards_example():
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_count_bytes():
    assert pae("型", "体".encode()) == "DSSEv1 3 型 3 体".encode()


@given(st.text(), st.binary(min_size=1), st.text(), st.binary(min_size=1))
def test_an_envelope_comes_back_as_it_was(kind: str, payload: bytes, keyid: str, signature: bytes):
    envelope = Envelope(kind, payload, keyid, signature)
    assert Envelope.read(envelope.document()) == envelope


@pytest.mark.parametrize(
    "changed",
    [{"payload": "aGVsbG8gd29ybGR="}, {"payload": "aGVsbG8gd29ybGQ"}, {"payload": "-_-_"}, {"payload": ""}, {"payload": 1},
     {"payloadType": 1}, {"more": 1}, {"signatures": []}, {"signatures": GOOD["signatures"] * 2}, {"signatures": "k"},
     {"signatures": [{"sig": "AAAA"}]}, {"signatures": [{"keyid": 1, "sig": "AAAA"}]}, {"signatures": ["k"]}],
)  # fmt: skip
def test_any_other_spelling_is_refused(changed: dict[str, Any]):
    assert Envelope.read(GOOD).payload == b"hello world"
    with pytest.raises(ValueError):
        Envelope.read(GOOD | changed)
