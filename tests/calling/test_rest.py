"""REST with RFC 9421: prepared and opened against a test authority that signs as its contract says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gateway.calling.dialect import Prepared
from gateway.calling.rest import REMEMBERED, RestCall, SignedRest
from gateway.calling.wire import Reply
from gateway.contract.folders import load_folder, shipped
from gateway.contract.openapi import RestInterface
from gateway.errors import BadReply, BadSignature, NotBound
from gateway.mapping.requests import compile_request
from gateway.security import digests, keys, signatures
from gateway.security.profiles import ANSWER_BOUND, BOUND_TO_EXCHANGE, EXCHANGE, EXCHANGE_REPLY
from tests.calling.asked import CHILD, check, intent
from tests.still import START_UNIX, StillClock

FOLDER = load_folder(shipped() / "authorities" / "residence_permit", [])
assert FOLDER is not None
INTERFACE = FOLDER.interfaces["share"]
assert isinstance(INTERFACE, RestInterface)
URL_OF_IT = URL("http://Permit.Example:8080/jzz/v1/query", encoded=True)
OURS, THEIRS, OTHERS = keys.new_ed25519(), keys.new_ed25519(), keys.new_ed25519()
EMPTY = json.dumps({"code": "0", "message": "", "data": {"JZZ": []}}).encode()


def dialect(clock: StillClock, url: URL = URL_OF_IT) -> SignedRest:
    calls = {
        "permit": RestCall(
            INTERFACE.operations["queryResidencePermit"], compile_request(FOLDER.mapping.operations["permit"]), url
        )
    }
    return SignedRest(calls, {}, keys.signer("gateway-1", OURS[0]), keys.verifier("permit-1", THEIRS[1]), clock)


def prepared(rest: SignedRest, request_id: str = "r-1") -> Prepared:
    return rest.prepare("permit", check(about={"person": CHILD}), intent(), request_id)


def values_of(request: Prepared, authority: str = "permit.example:8080") -> dict[str, str]:
    return {
        '"@method"': "POST", '"@authority"': authority, '"@path"': request.url.raw_path,
        '"content-type"': request.headers["Content-Type"], '"content-digest"': request.headers["Content-Digest"],
    }  # fmt: skip


@dataclass(frozen=True)
class Authority:
    """Signs a reply; every part can be made another one."""

    body: bytes = EMPTY
    status: int = 200
    content_type: str = "application/json"
    keyid: str = "permit-1"
    key: bytes = THEIRS[0]
    created: float = START_UNIX
    life: int = 60
    profile: Any = EXCHANGE_REPLY
    authority: str = "permit.example:8080"

    def reply(self, request: Prepared, **changed: Any) -> Reply:
        digest = digests.content_digest(self.body)
        asked = values_of(request, self.authority)
        values = {f"{name};req": asked[name] for name in ('"@method"', '"@authority"', '"@path"')}
        values |= {'"@status"': str(self.status), '"content-type"': self.content_type, '"content-digest"': digest}
        values |= {BOUND_TO_EXCHANGE: request.binding, '"signature";req;key="gw"': request.binding}
        given, signature = signatures.sign(
            self.profile,
            values,
            keys.signer(self.keyid, self.key),
            int(self.created),
            int(self.created) + self.life,
            "n" * 22,
        )
        headers: dict[str, str | None] = {
            "Content-Type": self.content_type, "Content-Digest": digest, "Signature-Input": given, "Signature": signature,
        }  # fmt: skip
        headers |= changed.pop("headers", {})
        kept = CIMultiDict({name: value for name, value in headers.items() if value is not None})
        return replace(Reply(self.status, CIMultiDictProxy(kept), self.body), **changed)


def test_a_request_is_signed_over_the_exact_bytes_that_are_sent():
    clock = StillClock()
    request = prepared(dialect(clock))
    digests.require([request.headers["Content-Digest"]], request.body)
    presented = signatures.parse([request.headers["Signature-Input"]], [request.headers["Signature"]])
    signatures.check(presented, (EXCHANGE,), clock.unix())
    signatures.verify(presented, values_of(request), keys.verifier("gateway-1", OURS[1]))
    assert request.binding == signatures.signature_text(request.headers["Signature"])
    tree = json.loads(request.body)
    assert INTERFACE.operations["queryResidencePermit"].request.accepts(tree)
    assert (tree["FWQQBH"], tree["GMSFHM"], tree["XM"]) == ("r-1", CHILD.citizen_id, CHILD.name)
    assert CHILD.citizen_id not in str(request.url) + str(request.headers)


def test_each_attempt_is_signed_anew():
    clock = StillClock()
    rest = dialect(clock)
    first = prepared(rest)
    clock.move(1)
    second = prepared(rest)
    assert first.headers["Signature-Input"] != second.headers["Signature-Input"]
    assert first.binding != second.binding


@pytest.mark.parametrize(("url", "authority"), [("http://A.example:80/x", "a.example"), ("https://a.example/x", "a.example"),
                                                ("http://127.0.0.1:9/x", "127.0.0.1:9")])  # fmt: skip
def test_the_authority_is_written_as_rfc_9421_says(url, authority):
    request = prepared(dialect(StillClock(), URL(url)))
    presented = signatures.parse([request.headers["Signature-Input"]], [request.headers["Signature"]])
    signatures.verify(presented, values_of(request, authority), keys.verifier("gateway-1", OURS[1]))


def test_a_reply_is_verified_and_read():
    rest = dialect(StillClock())
    opened = rest.open("permit", request := prepared(rest), Authority().reply(request))
    assert (opened.status, opened.tree["code"], opened.fault) == (200, "0", None)


@pytest.mark.parametrize("status", [201, 204, 301, 400, 401, 403, 429, 500, 502, 503, 504, 599])
def test_another_status_is_a_bare_status_and_its_body_is_not_read(status):
    rest = dialect(StillClock())
    opened = rest.open("permit", request := prepared(rest), Authority().reply(request, status=status))
    assert (opened.status, opened.tree) == (status, None)


REFUSED: Mapping[str, tuple[Authority, dict[str, Any], str]] = {
    "another key": (Authority(key=OTHERS[0]), {}, "signature_invalid"),
    "another key id": (Authority(keyid="permit-2"), {}, "key"),
    "an altered body": (Authority(), {"body": EMPTY.replace(b"0", b"1")}, "digest"),
    "no digest": (Authority(), {"headers": {"Content-Digest": None}}, "digest"),
    "another digest": (Authority(), {"headers": {"Content-Digest": digests.content_digest(b"x")}}, "digest"),
    "no signature": (Authority(), {"headers": {"Signature": None, "Signature-Input": None}}, "signature_missing"),
    "half a signature": (Authority(), {"headers": {"Signature": None}}, "signature_m"),
    "stale": (Authority(created=START_UNIX - 66), {}, "clock"),
    "of tomorrow": (Authority(created=START_UNIX + 66), {}, "clock"),
    "another content type": (Authority(), {"headers": {"Content-Type": "text/html"}}, "signature_invalid"),
    "the profile of a consumer": (Authority(profile=ANSWER_BOUND), {}, "signature_missing"),
    "for another host": (Authority(authority="other.example"), {}, "signature_invalid"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_theirs_is_a_bad_signature(name):
    authority, changed, code = REFUSED[name]
    rest = dialect(StillClock())
    request = prepared(rest)
    with pytest.raises(BadSignature) as refused:
        rest.open("permit", request, authority.reply(request, **changed))
    assert refused.value.why.startswith(f"their signature: {code}")


def test_our_own_request_sent_back_is_no_reply():
    rest = dialect(StillClock())
    request = prepared(rest)
    headers = CIMultiDictProxy(CIMultiDict(request.headers))
    with pytest.raises(BadSignature):
        rest.open("permit", request, Reply(200, headers, request.body))


def test_the_answer_to_another_question_is_not_bound():
    rest = dialect(StillClock())
    mine, other = prepared(rest), prepared(rest)
    with pytest.raises(NotBound):
        rest.open("permit", mine, Authority().reply(other))
    with pytest.raises(NotBound):
        rest.open("permit", other, Authority().reply(mine))
    rest.open("permit", mine, Authority().reply(mine))


def test_a_forged_answer_is_a_bad_signature_however_many_were_asked():
    rest = dialect(StillClock())
    asked = [prepared(rest) for _ in range(REMEMBERED + 3)]
    with pytest.raises(BadSignature):
        rest.open("permit", asked[0], Authority(key=OTHERS[0]).reply(asked[1]))
    with pytest.raises(BadSignature):
        rest.open("permit", asked[-1], Authority().reply(asked[0]))  # too long ago to be told from a forged one


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (EMPTY, "text/html"),
        (EMPTY, "application/problem+json"),
        (b"<html>", "application/json"),
        ("测试".encode("gbk"), "application/json"),
        (b'{"code": 0}', "application/json"),
        (b'{"code": "0", "code": "1"}', "application/json"),
        (b"", "application/json"),
    ],
)
def test_theirs_and_not_what_their_interface_promises(body, content_type):
    rest = dialect(StillClock())
    request = prepared(rest)
    with pytest.raises(BadReply):
        rest.open("permit", request, Authority(body=body, content_type=content_type).reply(request))


def test_a_charset_may_stand_beside_the_content_type():
    rest = dialect(StillClock())
    request = prepared(rest)
    reply = Authority(content_type="application/json; charset=utf-8").reply(request)
    assert rest.open("permit", request, reply).tree["code"] == "0"
