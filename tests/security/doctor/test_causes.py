"""One test per cause: a request that is wrong in that one way, and the doctor proves it and nothing else."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import get_args

import pytest

from gateway.security.doctor.cases import Word
from gateway.security.doctor.diagnosis import diagnose
from tests.security.doctor.cases import BODY, NAMES, NOBODYS, OTHER, asked, case, diagnosed, only
from tests.security.doctor.changes import (
    COMPACT,
    RAW,
    Change,
    changed,
    digested,
    edited,
    over,
    rewritten,
    sent,
    spelled,
    written,
)
from tests.still import START_UNIX
from tests.wire import POST, Asked, reading

INVALID, MALFORMED = "signature_invalid", "signature_malformed"
METHOD, AUTHORITY, PATH, TYPE, DIGEST = (f'"{name}"' for name in POST)
PARAMETERS = '"@signature-params"'
CAUSES: dict[str, tuple[Change, str, str, str | None]] = {
    # what was done, the door's code, the cause, the line
    "host by a proxy": (rewritten(authority=NAMES[1]), INVALID, "authority", AUTHORITY),
    "port added by the client": (
        lambda a: rewritten(authority=NAMES[0])(a.again(authority="gw.example:443")), INVALID, "authority", AUTHORITY,
    ),
    "host in capitals": (
        lambda a: rewritten(authority=NAMES[0])(a.again(authority="GW.EXAMPLE")), INVALID, "authority", AUTHORITY,
    ),
    "prefix cut off by a proxy": (
        lambda a: rewritten(path=a.path)(a.again(path=f"/api{a.path}")), INVALID, "path", PATH,
    ),
    "slash at the end": (
        lambda a: rewritten(path=a.path)(a.again(path=f"{a.path}/")), INVALID, "path", PATH,
    ),
    "path decoded": (
        lambda a: rewritten(path=f"{a.path}/%41")(a.again(path=f"{a.path}/A")), INVALID, "path", PATH,
    ),
    "method in small letters": (
        lambda a: rewritten(method="POST")(a.again(method="post")), INVALID, "method", METHOD,
    ),
    "charset added by a library": (
        sent(Content_Type="application/json; charset=utf-8"), INVALID, "content_type", TYPE,
    ),
    "digest put on after signing": (
        lambda a: a.again(sent=a.again(body=COMPACT).signed()), INVALID, "content_digest", DIGEST,
    ),
    "order of the components": (
        changed(components=(POST[1], POST[0], *POST[2:])), "coverage", "order", PARAMETERS,
    ),
    "another component": (
        changed(components=(*POST, "x-case"), headers=(("X-Case", "7"),)), "coverage", "coverage", PARAMETERS,
    ),
    "another tag": (changed(tag="gdx-read-v1"), "tag", "tag", PARAMETERS),
    "no tag": (edited(';tag="gdx-verify-v1"', ""), "tag", "tag", PARAMETERS),
    "a covered header that is not there": (sent(Content_Type=None), "coverage", "coverage", None),
    "times in quotes": (
        lambda a: sent(Signature_Input=a.signed()["Signature-Input"].replace("created=1525219200", 'created="1525219200"'))(a),
        MALFORMED, "header_form", None,
    ),
    "two labels that differ": (
        lambda a: sent(Signature=a.signed()["Signature"].replace("gw=", "sig1=", 1))(a), MALFORMED, "signature_form", None,
    ),
    "no base64 at all": (sent(Signature="gw=:?:"), MALFORMED, "header_form", None),
    "another label": (changed(label="sig1"), "signature_missing", "label", None),
    "no signature": (sent(Signature=None, Signature_Input=None), "signature_missing", "unsigned", None),
    "clock ahead": (changed(ahead=400), "clock", "clock_ahead", PARAMETERS),
    "clock behind": (changed(ahead=-400), "clock", "clock_expired", PARAMETERS),
    "local time taken for UTC": (changed(ahead=8 * 3600), "clock", "clock_time_zone", PARAMETERS),
    "milliseconds": (changed(now=START_UNIX * 1000, span=60_000), "clock", "clock_milliseconds", PARAMETERS),
    "valid too long": (changed(span=3600), "clock", "clock_span", PARAMETERS),
    "an id that nobody has": (changed(keyid="counter-test-kez", key=NOBODYS), "key", "key", PARAMETERS),
    "an id misspelled": (changed(keyid="counter-test-kez"), "key", "key_id", PARAMETERS),
    "another private key": (changed(key=OTHER), INVALID, "wrong_key", None),
    "another algorithm": (changed(alg="ecdsa-p256-sha256"), "alg_mismatch", "algorithm", PARAMETERS),
    "no algorithm": (edited(';alg="ed25519"', ""), "alg_mismatch", "algorithm", PARAMETERS),
    "no digest": (sent(Content_Digest=None), "digest", "digest_missing", DIGEST),
    "digest as hex": (spelled(f"sha-256=:{RAW.hex()}:"), "digest", "digest_form", DIGEST),
    "digest of the hex text": (
        spelled(f"sha-256=:{base64.b64encode(RAW.hex().encode()).decode()}:"), "digest", "digest_form", DIGEST,
    ),
    "digest in the old spelling": (
        spelled(f"SHA-256={base64.b64encode(RAW).decode()}"), "digest", "digest_form", DIGEST,
    ),
    "digest of nothing": (digested(b""), "digest", "digest_of_nothing", DIGEST),
    "body written anew": (digested(COMPACT), "digest", "body_reserialised", DIGEST),
    "digest of other bytes": (digested(b'{"c": 3}'), "digest", "body_other_bytes", DIGEST),
    "lines in another order": (
        over(lambda base: b"\n".join([*reversed(base.split(b"\n")[:-1]), base.split(b"\n")[-1]])),
        INVALID, "order_of_lines", None,
    ),
    "parameters in another order": (
        over(lambda base: base.replace(b';alg="ed25519";tag="gdx-verify-v1"', b';tag="gdx-verify-v1";alg="ed25519"')),
        INVALID, "parameters", PARAMETERS,
    ),
    "a line end too many": (over(lambda base: base + b"\n"), INVALID, "base_form", None),
    "the digest of the base": (
        over(lambda base: hashlib.sha256(base).digest()), INVALID, "base_form", None,
    ),
    "base64url": (
        lambda a: sent(Signature=a.signed()["Signature"].replace("+", "-").replace("/", "_"))(a), MALFORMED,
        "signature_form", None,
    ),
    "spaces between the parameters": (
        lambda a: sent(Signature_Input=a.signed()["Signature-Input"].replace(";", "; "))(a), MALFORMED,
        "header_form", None,
    ),
    "spaces that were signed too": (
        edited(";", "; "), MALFORMED, "header_form", None,
    ),
    "two signatures": (
        lambda a: sent(Signature=f"{a.signed()['Signature']}, x=:AA==:")(a), "signature_count", "header_form", None,
    ),
    "a nonce too short": (changed(nonce="A" * 21), MALFORMED, "header_form", None),
    "something else": (over(lambda base: b"?"), INVALID, "unexplained", None),
}  # fmt: skip
UNPROVED = {"unexplained"}


def with_sign_for_base64url(request: Asked) -> Asked:
    """With a signature that base64url would spell otherwise."""
    while not set("+/") & set(request.signed()["Signature"]):
        request = request.again(nonce=request.nonce[1:] + request.nonce[:1])
    return request


@pytest.mark.parametrize("name", CAUSES)
def test_each_cause_is_found_and_proved(name: str):
    change, code, word, component = CAUSES[name]
    found = diagnosed(change(with_sign_for_base64url(asked(nonce="abcdefghijklmnopqrstuvwxyz"))))
    cause = found.causes[0] if "too" in name.split() else only(found)
    assert (found.code, cause.word, cause.component) == (code, word, component)
    assert cause.is_proved == (word not in UNPROVED)


def test_a_good_request_has_nothing_wrong():
    for request in (asked(), reading(asked(), "/v1/verifications/1")):
        found = diagnosed(request)
        assert (found.code, found.causes, found.is_explained) == ("", (), True)
        assert all(line is not None for _, line in found.lines)


def test_signed_and_arrived_are_told():
    cause = only(diagnosed(rewritten(authority=NAMES[1])(asked())))
    assert (cause.signed, cause.arrived) == (NAMES[0], NAMES[1])


def test_two_causes_are_told_one_after_the_other():
    found = diagnosed(rewritten(authority=NAMES[1])(asked(ahead=-4000)))
    assert (found.code, [cause.word for cause in found.causes]) == ("clock", ["clock_expired", "authority"])
    assert found.is_explained


def test_host_and_path_rewritten_at_once_are_one_proof():
    """A proxy that maps one name to another usually maps the path, too."""
    found = diagnosed(rewritten(authority=NAMES[1], path="/v1/verifications")(asked(path="/api/v1/verifications")))
    cause = only(found)
    assert (cause.word, cause.facts["also"]) == ("authority", '"@path": /api/v1/verifications')
    assert found.is_explained


@pytest.mark.parametrize(
    ("octets", "way"),
    [
        (COMPACT, "JSON written anew, compact"),
        (written(ensure_ascii=False, indent=2), "JSON written anew, indented by 2"),
        (written(ensure_ascii=False, sort_keys=True), "JSON written anew, spaced, names sorted"),
        (written(), "JSON written anew, spaced, non-ASCII escaped"),
        (COMPACT.replace(b"/", rb"\/"), r"JSON written anew, compact, \/ for /"),
        (BODY + b"\n", "with a line feed at the end"),
        (BODY.decode().encode("gb18030"), "in gb18030"),
    ],
)  # fmt: skip
def test_the_way_of_writing_is_named(octets: bytes, way: str):
    cause = only(diagnosed(digested(octets)(asked())))
    assert (cause.word, cause.facts["way"]) == ("body_reserialised", way)


@pytest.mark.parametrize(("off", "hours"), [(8 * 3600, "+8.0"), (-8 * 3600 - 30, "-8.0"), (5 * 3600 + 1800, "+5.5")])
def test_a_time_zone_is_told_in_hours(off: int, hours: str):
    cause = only(diagnosed(asked(ahead=off)))
    assert (cause.word, cause.facts["off_hours"]) == ("clock_time_zone", hours)


def test_a_key_that_may_not_sign_is_told_to_its_operator():
    known = replace(case(asked(keyid="old-key").bytes()), states={"old-key": "revoked"})
    cause = only(diagnose(known))
    assert (cause.word, cause.facts) == ("key_state", {"given": "old-key", "state": "revoked"})


@pytest.mark.parametrize("body", [b"[" * 900 + b"]" * 900, b'{"a": "\\ud800"}', b"1e999", b"9" * 5000, b"\xff"])
def test_a_body_that_no_writer_takes_is_only_other_bytes(body: bytes):
    assert only(diagnosed(digested(b"{}")(asked(body)))).word == "body_other_bytes"


def test_a_value_that_can_stand_in_no_base_is_named():
    found = diagnosed(asked(sent={"Content-Type": "application/json; x=\xe9"}))
    assert (found.code, only(found).word) == ("signature_malformed", "header_form")
    assert "content-type" in only(found).facts["detail"]


def test_no_cause_is_left_without_a_test():
    elsewhere = {
        "host_not_served", "query", "encoding", "media_type", "method_not_served", "idempotency_key",  # test_sight
        "capture_short",  # test_captures
        "sm2_id",  # test_sm2
        "body_changed", "registered_key", "key_refused",  # test_answered
        "key_state",  # above
    }  # fmt: skip
    assert {word for _, _, word, _ in CAUSES.values()} | elsewhere == set(get_args(Word))
