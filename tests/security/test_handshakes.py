"""Why handshakes fail, in our words."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from gateway.security import tls
from gateway.security.handshakes import OTHER, REASONS, told_of
from tests.private_ca import PrivateCa


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "plain_http"),
        (b"\x00" * 64, "not_tls"),
        (b"\x15\x03\x01\x00\x02\x02\x28", OTHER),
    ],
)
def test_what_is_no_hello_is_told(tmp_path: Path, sent: bytes, why: str) -> None:
    failed: list[str] = []
    context = tls.served(*PrivateCa(tmp_path).issue("listener"), None, True)
    context.sslobject_class = told_of(failed.append)
    incoming = ssl.MemoryBIO()
    listener = context.wrap_bio(incoming, ssl.MemoryBIO(), server_side=True)
    with pytest.raises(ssl.SSLWantReadError):
        listener.do_handshake()
    assert failed == [], "waiting is no failure"
    incoming.write(sent)
    with pytest.raises(ssl.SSLError):
        listener.do_handshake()
    assert failed == [why]


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2])
@pytest.mark.parametrize("days", [90, -1])
def test_a_caller_who_does_not_believe_us_is_told(tmp_path: Path, newest: ssl.TLSVersion, days: int) -> None:
    failed: list[str] = []
    ca = PrivateCa(tmp_path)
    context = tls.served(*ca.issue("listener", days=days), None, True)
    context.sslobject_class = told_of(failed.append)
    believes = tls.called(ca.file if days < 0 else PrivateCa(tmp_path, "other").file, None, None, None)
    believes.maximum_version = newest
    to_listener, to_caller = ssl.MemoryBIO(), ssl.MemoryBIO()
    listener = context.wrap_bio(to_listener, to_caller, server_side=True)
    caller = believes.wrap_bio(to_caller, to_listener, server_hostname="localhost")
    for step in (caller.do_handshake, listener.do_handshake):
        with pytest.raises(ssl.SSLWantReadError):
            step()
    with pytest.raises(ssl.SSLCertVerificationError):
        caller.do_handshake()
    with pytest.raises(ssl.SSLError):
        listener.do_handshake()
    assert failed == ["our_certificate"]


def test_every_reason_is_a_word_that_the_document_explains() -> None:
    document = (Path(__file__).parents[2] / "docs" / "operating.md").read_text("utf-8")
    assert [word for word in {*REASONS.values(), OTHER} if f"`{word}`" not in document] == []
