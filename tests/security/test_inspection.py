"""The checks in their order, and what a refusal shows of the signature base: every line, but nothing about a key."""

from __future__ import annotations

import hashlib

import pytest

from gateway.security.inspection import Believed, Disbelieved, Received, inspect, received
from gateway.security.profiles import READ, VERIFY
from tests.security.doctor.cases import BODY, KEYS, OTHER, asked
from tests.still import START_UNIX
from tests.wire import PATH, POST, Asked, digest


def seen(request: Asked, body: bytes | None = BODY) -> Received:
    fields = {name.lower(): [value] for name, value in request.fields().items()}
    return received(request.method, request.authority, request.path, lambda name: fields.get(name, []), body)


def judged(request: Asked, **options: object) -> Believed | Disbelieved:
    return inspect(seen(request), START_UNIX, KEYS.get, **options)  # type: ignore[arg-type]


def refused(request: Asked) -> Disbelieved:
    found = judged(request)
    assert isinstance(found, Disbelieved)
    return found


def test_a_good_request_is_believed() -> None:
    request = asked()
    found = judged(request)
    assert isinstance(found, Believed)
    assert found.presented.nonce == request.nonce


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (asked(ahead=400, keyid="nobody", body=b"{}"), "clock"),
        (asked(keyid="nobody", sent={"Content-Digest": digest(b"")}), "key"),
        (asked(key=OTHER, sent={"Content-Digest": digest(b"")}), "digest"),
        (asked(key=OTHER), "signature_invalid"),
    ],
)
def test_the_first_check_that_fails_is_the_code(request_: Asked, code: str) -> None:
    assert refused(request_).refusal.code == code


@pytest.mark.parametrize(
    "request_",
    [
        asked(ahead=400),
        asked(tag="gdx-read-v1"),
        asked(alg="ecdsa-p256-sha256"),
        asked(sent={"Content-Digest": digest(b"")}),
        asked(key=OTHER),
    ],
)
def test_every_refusal_of_a_well_formed_signature_shows_each_line(request_: Asked) -> None:
    shown = dict(refused(request_).shown)
    params = request_.signed()["Signature-Input"].removeprefix("gw=")
    assert list(shown) == [*(f'"{name}"' for name in POST), '"@signature-params"']
    assert shown['"@path"'] == hashlib.sha256(f'"@path": {PATH}'.encode()).hexdigest()
    assert shown['"@signature-params"'] == hashlib.sha256(f'"@signature-params": {params}'.encode()).hexdigest()


def test_the_lines_are_those_that_should_have_been_covered() -> None:
    """Another order is refused: the lines show the right one, the parameters with it."""
    found = refused(asked(components=(POST[1], POST[0], *POST[2:])))
    assert found.refusal.code == "coverage"
    assert [component for component, _ in found.lines][:2] == ['"@method"', '"@authority"']
    assert f'"@signature-params": {VERIFY.covered};created=' in str(found.lines[-1][1])


def test_a_key_shows_nothing_and_a_signature_that_cannot_be_read_has_nothing_to_show() -> None:
    assert refused(asked(keyid="nobody")).shown == ()
    assert refused(asked(sent={"Signature": "gw=:AA==:"})).shown == ()


@pytest.mark.parametrize("value", ["é", "a\tb", "\udc80"])
def test_a_value_that_can_stand_in_no_base_has_no_line(value: str) -> None:
    found = refused(asked(sent={"Content-Digest": value}))
    assert dict(found.lines)['"content-digest"'] is None
    assert '"content-digest"' not in dict(found.shown)


def test_what_is_forgiven_is_passed_over_and_nothing_else() -> None:
    late = asked(ahead=-4000, sent={"Content-Digest": digest(b"")})
    assert isinstance(judged(late, forgiving={"clock"}), Disbelieved)
    found = judged(late, forgiving={"clock", "digest"})
    assert isinstance(found, Disbelieved)
    assert found.refusal.code == "signature_invalid", "what was signed was another digest"


def test_the_profile_follows_the_body() -> None:
    assert seen(asked()).profile is VERIFY
    assert seen(asked(), None).profile is READ
