"""A reply that got lost: had again under its key, or found by its case; and what an officer found, sent."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import respx

from gateway.client import AskedBefore, BadAnswer, OfficerFound, Problem, Unreached, Unsendable
from gateway.model import Operator, Seen
from tests.client.gateway_double import ANSWER_DOCUMENT, Asking, GatewayDouble

KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"
ROW: dict[str, Any] = {
    "verification_id": ANSWER_DOCUMENT["verification_id"],
    "asked_at": "2018-05-02T01:02:03.456Z",
    "revision": None,
    "outcome": "in_progress",
    "location": "/v1/verifications/01a2b3c4-0000-7000-8000-000000000001",
}
FOUND = OfficerFound(
    Operator("op-0222", "样例警员乙", "229901000000"),
    "residence_permit",
    Seen.RECORD_CONFIRMS,
    "paper",
    datetime(2018, 5, 2, 1, 30, tzinfo=UTC),
    "cd" * 32,
)


def losing(router: respx.MockRouter, gateway: GatewayDouble, most: int) -> list[httpx.Request]:
    """The gateway hears everything and its first replies get lost."""

    def heard(request: httpx.Request) -> httpx.Response:
        response = gateway(request)
        if len(gateway.seen) <= most:
            raise httpx.ReadError("lost")
        return response

    router.post("/v1/verifications").mock(side_effect=heard)
    return gateway.seen


def test_a_lost_reply_is_had_again_under_its_key(
    asking: Asking, router: respx.MockRouter, gateway: GatewayDouble
) -> None:
    seen = losing(router, gateway, 2)
    assert asking.verify(idempotency_key=KEY).revision == 1
    assert [each.headers["Idempotency-Key"] for each in seen] == [f'"{KEY}"'] * 3
    assert len({each.content for each in seen}) == 1
    assert len({each.signature_text for each in gateway.presented}) == 3


@pytest.mark.parametrize(("key", "times"), [(KEY, 3), (None, 1)])
def test_it_is_sent_so_often_and_without_a_key_once(
    asking: Asking, router: respx.MockRouter, gateway: GatewayDouble, key: str | None, times: int
) -> None:
    seen = losing(router, gateway, 9)
    with pytest.raises(Unreached):
        asking.verify(idempotency_key=key)
    assert len(seen) == times


def test_a_refusal_is_not_a_lost_reply(asking: Asking, gateway: GatewayDouble) -> None:
    gateway.status, gateway.media_type = 409, "application/problem+json"
    gateway.document, gateway.headers = {"code": "in_progress"}, {"Retry-After": "1"}
    with pytest.raises(Problem) as raised:
        asking.verify(idempotency_key=KEY)
    assert (raised.value.code, raised.value.retry_after_seconds, len(gateway.seen)) == ("in_progress", 1, 1)


@pytest.mark.parametrize("cursor", [None, ROW["verification_id"]])
def test_a_case_is_searched_by_its_number(asking: Asking, gateway: GatewayDouble, cursor: str | None) -> None:
    gateway.document = {"verifications": [ROW, {**ROW, "revision": 2, "outcome": "complete"}], "next": "older"}
    page = asking.search("JL2018050200123", cursor=cursor)
    at = datetime(2018, 5, 2, 1, 2, 3, 456000, UTC)
    assert page.verifications == (
        AskedBefore(ROW["verification_id"], at, None, "in_progress"),
        AskedBefore(ROW["verification_id"], at, 2, "complete"),
    )
    assert page.next == "older"
    (request,) = gateway.seen
    sent = {"case_number": "JL2018050200123", **({} if cursor is None else {"cursor": cursor})}
    assert (request.url.path, json.loads(request.content)) == ("/v1/verifications/search", sent)


@pytest.mark.parametrize("changes", [{"outcome": None}, {"revision": "1"}, {"asked_at": "now"}])
def test_a_page_that_is_none_is_a_bad_answer(asking: Asking, gateway: GatewayDouble, changes: Any) -> None:
    gateway.document = {"verifications": [{**ROW, **changes}], "next": None}
    with pytest.raises(BadAnswer):
        asking.search("JL2018050200123")


@pytest.mark.parametrize("found", [FOUND, FOUND.document()])
def test_a_finding_is_sent_and_makes_a_revision(asking: Asking, gateway: GatewayDouble, found: Any) -> None:
    gateway.document = {**ANSWER_DOCUMENT, "revision": 2}
    assert asking.find(found).revision == 2
    (request,) = gateway.seen
    sent = json.loads(request.content)
    assert request.url.path == f"/v1/verifications/{ANSWER_DOCUMENT['verification_id']}/findings"
    assert datetime.fromisoformat(sent["seen_at"]) - FOUND.seen_at == timedelta(0)
    assert (sent["seen"], sent["operator"]["id"]) == ("record_confirms", "op-0222")


def test_a_finding_needs_an_id_that_fits_a_path(asking: Asking) -> None:
    with pytest.raises(Unsendable, match="verification id"):
        asking.find(FOUND, "a/b")
