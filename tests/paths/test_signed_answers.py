"""Every answer under /v1/ is signed, refusals too; and bound to the request's signature once that has verified."""

from __future__ import annotations

import json

import pytest

from gateway.web.problems import KINDS, UNSIGNED
from tests.system import GUARDIANSHIP, OTHER, OTHER_KEY, System
from tests.wire import GET, PATH, Asked, exchange, reading

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNKNOWN = f"{PATH}/00000000-0000-7000-8000-000000000000"


def refusals(system: System) -> dict[str, tuple[Asked, int, bool]]:
    """By code: a request, the status that it gets, and whether its signature verified."""
    good = system.asked()
    return {
        "query_not_allowed": (good.again(path=f"{PATH}?x=1"), 400, False),
        "body_not_allowed": (reading(good, UNKNOWN, headers=(("Content-Length", "1"),)), 400, False),
        "idempotency_key": (good.again(headers=(("Idempotency-Key", "1"),)), 400, False),
        "json_malformed": (system.asked(b"{"), 400, True),
        "json_duplicate_key": (system.asked(b'{"a": 1, "a": 2}'), 400, True),
        "json_number": (system.asked(b'{"a": NaN}'), 400, True),
        "json_depth": (system.asked(b"[" * 40 + b"]" * 40), 400, True),
        "json_encoding": (system.asked(b"\xff"), 400, True),
        "invalid_question": (system.asked(b"{}"), 400, True),
        "subject_format": (
            system.asked(system.question("P12", subject={"citizen_id": "229901201206011030", "name": "样"})), 400, True,
        ),
        "signature_missing": (good.again(sent={"Signature": None}), 401, False),
        "signature_malformed": (good.again(edit=lambda text: text.replace(";created", "; created")), 401, False),
        "signature_count": (good.again(edit=lambda text: f"{text}, gw2=()"), 401, False),
        "coverage": (good.again(components=GET), 401, False),
        "tag": (good.again(tag="gdx-read-v1"), 401, False),
        "alg_mismatch": (good.again(alg="ecdsa-p256-sha256"), 401, False),
        "key": (good.again(keyid="nobody"), 401, False),
        "clock": (good.again(ahead=60), 401, False),
        "digest": (good.again(sent={"Content-Digest": "sha-256=:AAAA:"}), 401, False),
        "signature_invalid": (good.again(key=system.key(OTHER)), 401, False),
        "scope": (system.asked(key=system.key(OTHER), keyid=OTHER_KEY), 403, True),
        "not_found": (reading(good, UNKNOWN), 404, True),
        "method_not_allowed": (good.again(path=UNKNOWN), 405, False),
        "content_type": (good.again(media_type="text/json"), 415, False),
        "content_encoding": (good.again(headers=(("Content-Encoding", "gzip"),)), 415, False),
        "body_too_large": (system.asked(b" " * 65537), 413, False),
        "authority_not_served": (good.again(sent={"Host": "evil.example"}), 421, False),
        "application_date": (system.asked(system.question("P12", application_date="2100-01-01")), 422, True),
        "no_policy": (system.asked(system.question("P12", application_date="2016-12-31")), 422, True),
        "unknown_material": (system.asked(system.question("P12", materials=["guardianship_prof"])), 422, True),
    }  # fmt: skip


async def test_every_refusal_is_signed_and_bound_when_the_signature_verified(system: System):
    calls = system.calls()
    for code, (asked, status, verified) in refusals(system).items():
        reply = await system.send(asked)
        assert (reply.status, reply.code) == (status, code)
        assert system.is_bound(reply, asked, path=asked.path.partition("?")[0]) is verified, code
        assert reply.headers["cache-control"] == "no-store"
    assert system.calls() == calls, "nobody was asked"


async def test_every_code_has_such_a_test(system: System):
    """These need a ledger in trouble, a sender that stops, or a defect: `test_durable` and `tests/web/test_door`.

    Those of limits, receipts, keys and findings need something asked before: `test_limits`, `test_receipts`,
    `test_repeats`, `test_findings`.
    """
    elsewhere = {"replay", "audit_unavailable", "answer_unrecorded", "body_too_slow", "body_incomplete", "internal"}
    before = {"rate_limited", "subject_budget", "case_bound", "receipt_unavailable"}
    before |= {"in_progress", "idempotency_key_reused"}
    elsewhere |= {
        "overloaded",
        "draining",
    }  # a full house and one that closes: `tests/web/test_door_full`, `test_draining`
    before |= {"other_unit", "may_not_overrule", "finding_too_late", "overtaken"}
    assert refusals(system).keys() | elsewhere | before == KINDS.keys() - UNSIGNED


async def test_an_answer_is_bound(system: System):
    asked = system.asked(system.question("P03", "P01", materials=[GUARDIANSHIP]))
    reply = await system.send(asked)
    assert reply.status == 200
    assert system.is_bound(reply, asked)
    assert json.loads(reply.body)["materials"][0]["reason"] == "parent_head"


async def test_an_answer_does_not_pass_for_the_answer_to_another_question(system: System):
    asked, other = system.asked(), system.asked()
    reply = await system.send(asked)
    with pytest.raises(AssertionError, match="not over this request"):
        system.is_bound(reply, other)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND"])
async def test_another_method_on_the_verify_route_is_405_and_signed(system: System, method: str):
    asked = reading(system.asked(), PATH, method=method)
    reply = await system.send(asked)
    assert (reply.status, reply.code, reply.headers["allow"]) == (405, "method_not_allowed", "POST")
    assert system.is_bound(reply, asked) is False


async def test_a_head_request_is_signed_without_a_body(system: System):
    reply = await exchange(system.authority, reading(system.asked(), PATH, method="HEAD").bytes())
    assert (reply.status, reply.body) == (405, b"")
    assert "signature" in reply.headers


@pytest.mark.parametrize("path", ["/v1/", "/v1/verifications/", "/v1/verification", "/v1/verifications/1", "/v1/%00"])
async def test_whatever_path_under_v1_there_is_not_is_404_and_signed(system: System, path: str):
    asked = reading(system.asked(), path)
    reply = await system.send(asked)
    assert (reply.status, reply.code) == (404, "not_found")
    assert system.is_bound(reply, asked) is False
