"""What is signed, and which answers are believed: both clients, one set of tests."""

from typing import Any

import httpx
import pytest

from gateway.client import AnswerNotTrusted, GatewayAuth, Problem, Unsendable, auth
from gateway.security import keys
from tests.client.gateway_double import ANSWER_DOCUMENT, CONSUMER, NOW, STRANGER, Asking, GatewayDouble, StillClock

PROBLEM = {"type": "/problems/scope", "title": "Not granted", "status": 403, "code": "scope", "detail": "no grant"}


def flow(request: httpx.Request) -> httpx.Request:
    return next(GatewayAuth(keys.signer("intake-01", CONSUMER[0]), {}, StillClock()).auth_flow(request))


def untrusted(ask: Any) -> AnswerNotTrusted:
    with pytest.raises(AnswerNotTrusted) as refused:
        ask()
    return refused.value


def test_a_question_is_signed_over_its_body(asking: Asking, gateway: GatewayDouble) -> None:
    asking.verify()
    (presented,) = gateway.presented
    assert (presented.keyid, presented.tag, presented.alg) == ("intake-01", "gdx-verify-v1", "ed25519")
    assert (presented.created, presented.expires) == (int(NOW), int(NOW) + 60)
    assert gateway.seen[0].headers["Accept-Encoding"] == "identity"


def test_an_idempotency_key_is_signed_too(asking: Asking, gateway: GatewayDouble) -> None:
    asking.verify(idempotency_key="JL2018050200123-1")
    assert '"idempotency-key"' in gateway.presented[0].components


def test_reading_is_signed_without_a_body(asking: Asking, gateway: GatewayDouble) -> None:
    asking.get()
    assert gateway.presented[0].tag == "gdx-read-v1"
    assert "content-digest" not in gateway.seen[0].headers


def test_each_request_has_its_own_nonce(gateway: GatewayDouble, asking: Asking) -> None:
    asking.verify()
    asking.verify()
    assert gateway.presented[0].nonce != gateway.presented[1].nonce


@pytest.mark.parametrize(
    ("url", "headers", "authority"),
    [
        ("https://GW.example/v1", {}, "gw.example"),
        ("https://gw.example:443/v1", {}, "gw.example"),
        ("http://gw.example:80/v1", {}, "gw.example"),
        ("http://gw.example:443/v1", {}, "gw.example:443"),
        ("http://127.0.0.1:8080/v1", {}, "127.0.0.1:8080"),
        ("http://[::1]:8080/v1", {}, "[::1]:8080"),
        ("http://10.0.0.1/v1", {"Host": "GW.Example:80"}, "gw.example"),
    ],
)
def test_authority_is_what_the_host_field_says(url: str, headers: dict[str, str], authority: str) -> None:
    assert auth.authority(httpx.Request("GET", url, headers=headers)) == authority


@pytest.mark.parametrize(
    ("url", "path"),
    [("https://gw.example", "/"), ("https://gw.example/a%2Fb/%E4%B8%AD", "/a%2Fb/%E4%B8%AD")],
)
def test_path_is_the_raw_target(url: str, path: str) -> None:
    assert auth.path(httpx.Request("GET", url)) == path


@pytest.mark.parametrize(
    "request_",
    [
        httpx.Request("GET", "https://gw.example/v1?a=b"),
        httpx.Request("POST", "https://gw.example/v1", content=b"{}"),
        httpx.Request("POST", "https://gw.example/v1", content=b"{}", headers={"Content-Type": b"a\xffb"}),
    ],
)
def test_what_the_gateway_would_refuse_is_not_sent(request_: httpx.Request) -> None:
    with pytest.raises(Unsendable):
        flow(request_)


def test_the_right_answer_is_believed(asking: Asking) -> None:
    assert asking.verify().raw == asking.get().raw == ANSWER_DOCUMENT


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ({"is_signed": False}, "signature_missing"),
        ({"is_bound": False}, "coverage"),
        ({"bound_to": f":{'A' * 86}==:"}, "signature_invalid"),
        ({"values": {'"@path";req': "/v1/verifications/other"}}, "signature_invalid"),
        ({"values": {'"@method";req': "PUT"}}, "signature_invalid"),
        ({"values": {'"@authority";req': "other.example"}}, "signature_invalid"),
        ({"values": {'"@status"': "201"}}, "signature_invalid"),
        ({"values": {'"content-type"': "text/html"}}, "signature_invalid"),
        ({"ages_seconds": 66}, "clock"),
        ({"ages_seconds": -6}, "clock"),
        ({"keyid": "gw-2027"}, "key"),
        ({"private": STRANGER[0]}, "signature_invalid"),
        ({"headers": {"Content-Digest": "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"}}, "digest"),
    ],
)
def test_an_answer_without_proof_is_not_believed(
    asking: Asking, gateway: GatewayDouble, lie: dict[str, Any], code: str
) -> None:
    for name, value in lie.items():
        setattr(gateway, name, value)
    assert untrusted(asking.verify).code == code
    assert untrusted(asking.get).code == code


def changed(response: httpx.Response, **changes: Any) -> httpx.Response:
    parts = {"status_code": response.status_code, "headers": response.headers, "content": response.content, **changes}
    return httpx.Response(**parts)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda response: changed(response, content=response.content.replace(b"waived", b"Waived")), "digest"),
        (lambda response: changed(response, status_code=203), "signature_invalid"),
        (lambda response: changed(response, status_code=302), "signature_invalid"),
        (lambda response: changed(response, status_code=503), "signature_invalid"),
        (
            lambda response: changed(response, headers=[*response.headers.multi_items(), ("Content-Type", "x")]),
            "signature_invalid",
        ),
        (
            lambda response: changed(
                response, headers=[*response.headers.multi_items(), ("Signature", response.headers["Signature"])]
            ),
            "signature_count",
        ),
        (lambda response: httpx.Response(502, text="<html>bad gateway"), "signature_missing"),
        (lambda response: httpx.Response(302, headers={"Location": "https://else.example"}), "signature_missing"),
    ],
)
def test_an_answer_changed_on_its_way_is_not_believed(
    asking: Asking, gateway: GatewayDouble, spoil: Any, code: str
) -> None:
    gateway.spoil = spoil
    assert untrusted(asking.verify).code == code


def test_a_compressed_answer_is_not_believed(asking: Asking, gateway: GatewayDouble) -> None:
    gateway.headers = {"Content-Encoding": "identity"}
    assert untrusted(asking.verify).code == "digest"


def test_an_answer_to_an_earlier_equal_question_is_not_believed(asking: Asking, gateway: GatewayDouble) -> None:
    asking.verify()
    gateway.bound_to = gateway.presented[0].signature_text
    assert untrusted(asking.verify).code == "signature_invalid"


@pytest.mark.parametrize("is_bound", [True, False])
def test_a_signed_refusal_is_believed_bound_or_not(asking: Asking, gateway: GatewayDouble, is_bound: bool) -> None:
    gateway.status, gateway.document, gateway.media_type = 403, PROBLEM, "application/problem+json"
    gateway.is_bound = is_bound
    with pytest.raises(Problem) as problem:
        asking.verify()
    assert (problem.value.status, problem.value.code) == (403, "scope")


def test_an_unsigned_refusal_is_not_believed(asking: Asking, gateway: GatewayDouble) -> None:
    gateway.status, gateway.document, gateway.media_type = 403, PROBLEM, "application/problem+json"
    gateway.is_signed = False
    assert untrusted(asking.verify).http_status == 403
