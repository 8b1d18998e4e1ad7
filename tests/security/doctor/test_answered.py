"""The sender's capture beside the gateway's refusal: which line arrived as another one."""

from __future__ import annotations

import json

import pytest

from gateway.security import signatures
from gateway.security.doctor import answered, captures
from gateway.security.doctor.captures import Message, Unreadable
from gateway.security.doctor.cases import Cause
from gateway.security.doctor.diagnosis import diagnose
from gateway.security.inspection import Disbelieved
from tests.security.doctor.cases import NAMES, OTHER, asked, case
from tests.wire import Asked


def refused(request: Asked) -> Message:
    """The gateway's answer to what arrived there."""
    inspected = case(request.bytes()).inspected()
    assert isinstance(inspected, Disbelieved)
    lines = [{"component": name, "sha256": digest} for name, digest in inspected.shown]
    document = {"code": inspected.refusal.code, "signature_base": lines}
    raw = b"HTTP/1.1 401 Unauthorized\r\nDate: Wed, 02 May 2018 00:00:00 GMT\r\n\r\n" + json.dumps(document).encode()
    return captures.read_answer(raw)


def causes(sent: Asked, arrived: Asked) -> tuple[Cause, ...]:
    ours = case(sent.bytes())
    return answered.compared(ours, diagnose(ours), answered.refusal(refused(arrived)))


def arrived(sent: Asked, **changes: object) -> Asked:
    headers = {name: value for name, value in sent.fields().items() if name != "Host"}
    return sent.again(**changes, sent={**headers, "Host": changes.get("authority", sent.authority)})


def test_the_line_that_arrived_as_another_is_found_by_its_digest() -> None:
    sent = asked(path="/api/v1/verifications")
    first, second = causes(sent, arrived(sent, authority=NAMES[1], path="/v1/verifications"))
    assert (first.word, first.signed, first.arrived, first.is_proved) == ("authority", *NAMES, True)
    assert (second.word, second.signed, second.arrived) == ("path", "/api/v1/verifications", "/v1/verifications")


def test_a_line_that_arrived_as_nobody_knows_what_is_named_all_the_same() -> None:
    sent = asked()
    (cause,) = causes(sent, arrived(sent, path="/elsewhere"))
    assert (cause.word, cause.arrived, cause.is_proved) == ("path", None, True)


def test_where_every_line_is_the_same_another_key_is_registered() -> None:
    sent = asked()
    public_there = asked(key=OTHER, nonce=sent.nonce)
    (cause,) = causes(sent, public_there)
    assert (cause.word, cause.is_proved) == ("registered_key", True)


def test_where_the_digest_is_right_here_the_body_was_changed_on_the_way() -> None:
    sent = asked()
    (cause,) = causes(sent, sent.again(body=b"{}", sent=sent.fields() | {"Content-Length": "2"}))
    assert (cause.word, cause.component) == ("body_changed", '"content-digest"')


def test_what_is_wrong_here_already_is_not_blamed_on_the_way() -> None:
    sent = asked(key=OTHER)
    assert causes(sent, sent) == ()


def test_a_key_that_is_refused_there_is_told_without_a_comparison() -> None:
    sent = asked()
    (cause,) = causes(sent, asked(keyid="nobody"))
    assert (cause.word, cause.is_proved) == ("key_refused", True)


def test_a_refusal_for_another_reason_is_no_trouble_of_the_signature() -> None:
    ours = case(asked().bytes())
    assert answered.compared(ours, diagnose(ours), answered.Refusal("replay", {})) == ()


def test_the_gateways_time_is_read() -> None:
    assert answered.unix_of(refused(asked(ahead=600))) == 1_525_219_200.0
    assert answered.unix_of(captures.read_answer(b"{}")) is None
    assert answered.unix_of(Message("HTTP/1.1 401", (("date", "yesterday"),), b"{}")) is None


@pytest.mark.parametrize("body", [b"[]", b"no", b"[" * 100_000])
def test_what_is_no_refusal_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        answered.refusal(Message("HTTP/1.1 401", (), body))


def test_digests_are_those_of_the_refusal() -> None:
    (shown,) = signatures.fingerprints(['"@method": POST'])
    assert shown[1] == answered.digest_of('"@method": POST')
