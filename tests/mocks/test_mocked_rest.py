"""REST mocks over real sockets: what they answer, what they refuse, and what their signatures cover."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace

import pytest

from gateway.contract.scenarios import Scenario
from mocks.server import start
from tests.mocks.asking import CLOCK, REST, Keys, Signed, permit_question, proof_question, signed_part

STRANGER = "229901199001010999"


async def test_a_permit_is_found_and_carries_the_identity(caller, cast):
    person = cast.people["P12"]
    reply = await caller.ask("residence_permit", permit_question(person.citizen_id))
    assert reply.status == 200
    (permit,) = reply.json()["data"]["JZZ"]
    assert (permit["GMSFHM"], permit["XM"], permit["JZZZT"]) == (person.citizen_id, person.name, "1")
    (entry,) = caller.mocks.journals["residence_permit"]
    assert (entry.operation, entry.scenario, entry.people, entry.outcome) == ("permit", "holder", ("P12",), "answered")


async def test_the_cast_may_say_otherwise_than_the_identity(caller, cast):
    reply = await caller.ask("residence_permit", permit_question(cast.people["T11"].citizen_id))
    assert reply.json()["data"]["JZZ"][0]["GMSFHM"] == cast.people["R01"].citizen_id


async def test_somebody_unknown_gets_the_declared_outcome(caller):
    reply = await caller.ask("residence_permit", permit_question(STRANGER))
    assert reply.json() == {"code": "0", "message": "无记录", "data": {"JZZ": []}}
    reply = await caller.ask("guardianship_archive", proof_question(STRANGER, STRANGER))
    assert reply.json()["records"] == []
    (entry,) = caller.mocks.journals["guardianship_archive"]
    assert (entry.scenario, entry.people, entry.outcome) == ("nothing", ("-", "-"), "no_record")


async def test_a_proof_is_about_the_pair_in_its_order(caller, cast):
    minor, adult = cast.people["M01"].citizen_id, cast.people["A01"].citizen_id
    (proof,) = (await caller.ask("guardianship_archive", proof_question(minor, adult))).json()["records"]
    assert (proof["BJHRGMSFHM"], proof["JHRGMSFHM"], proof["JHRXM"]) == (minor, adult, cast.people["A01"].name)
    assert (await caller.ask("guardianship_archive", proof_question(adult, minor))).json()["records"] == []


async def test_two_records_differ(caller, cast):
    first, second = (await caller.ask("residence_permit", permit_question(cast.people["R08"].citizen_id))).json()[
        "data"
    ]["JZZ"]
    assert first["JZZBH"] != second["JZZBH"]
    assert first["GMSFHM"] == second["GMSFHM"]


async def test_a_reply_is_signed_and_bound_to_its_request(caller, cast, keys):
    body = json.dumps(permit_question(cast.people["P12"].citizen_id)).encode()
    authority = caller.mocks.url("residence_permit", "share").removeprefix("http://")
    request = Signed(body, REST["residence_permit"], authority, keys.caller).headers()
    reply = await caller.send("residence_permit", request, body)
    digest = base64.b64encode(hashlib.sha256(reply.body).digest()).decode()
    assert reply.headers["Content-Digest"] == f"sha-256=:{digest}:"
    base, signature = signed_part(reply, request, authority, REST["residence_permit"])
    keys.mock.public_key().verify(signature, base)
    for word in ("created=", "expires=", "nonce=", 'keyid="mock-1"', 'alg="ed25519"', 'tag="gdx-exchange-reply-v1"'):
        assert word.encode() in base


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"key": Keys().caller}, "does not verify"),
        ({"keyid": "somebody"}, "Unable to resolve"),
        ({"tag": "gdx-verify-v1"}, "expected tag"),
        ({"label": "gw"}, "label"),
        ({"created": int(CLOCK.unix()) - 300}, "in the past"),
        ({"created": int(CLOCK.unix()) + 3600}, "in the future"),
        ({"span": 121}, "at most 120"),
        ({"span": 0}, "at most 120"),
        ({"nonce": "short"}, "nonce"),
        ({"components": ("@method", "@path", "content-digest")}, "exactly"),
        ({"components": ("@path", "@method", "@authority", "content-type", "content-digest")}, "exactly"),
        ({"authority": "elsewhere.example"}, "does not verify"),
        ({"body": b"{}"}, "igest"),
    ],
)  # fmt: skip
async def test_a_signature_that_does_not_hold_is_refused(caller, cast, sent, why):
    question = permit_question(cast.people["P12"].citizen_id)
    reply = await caller.ask("residence_permit", question, **sent)
    assert reply.status == 401
    assert reply.json()["code"] == "E-401"
    assert why in reply.json()["message"]
    assert "Signature" not in reply.headers
    (entry,) = caller.mocks.journals["residence_permit"]
    assert entry.outcome == "refused: signature"


async def test_no_signature_is_refused(caller, cast):
    body = json.dumps(permit_question(cast.people["P12"].citizen_id)).encode()
    reply = await caller.send("residence_permit", {"Content-Type": "application/json"}, body)
    assert reply.status == 401
    assert "Signature-Input" in reply.json()["message"]


async def test_an_altered_body_is_refused(caller, cast):
    question = permit_question(cast.people["P12"].citizen_id)
    other = json.dumps(permit_question(cast.people["P11"].citizen_id)).encode()
    reply = await caller.ask("residence_permit", question, body=other)
    assert reply.status == 401
    assert "igest" in reply.json()["message"]


async def test_a_nonce_works_once(caller, cast):
    question = permit_question(cast.people["P12"].citizen_id)
    assert (await caller.ask("residence_permit", question, nonce="n" * 22)).status == 200
    reply = await caller.ask("residence_permit", question, nonce="n" * 22)
    assert reply.status == 401
    assert "used before" in reply.json()["message"]


@pytest.mark.parametrize(
    "question",
    [
        {},
        [],
        permit_question("12345"),
        permit_question(STRANGER) | {"MORE": "1"},
        permit_question(STRANGER) | {"XM": 3},
    ],
)
async def test_what_the_interface_does_not_ask_for_is_400(caller, question):
    reply = await caller.ask("residence_permit", question)
    assert reply.status == 400
    assert reply.json()["code"] == "E-400"
    assert STRANGER not in reply.body.decode()
    assert "Signature" in reply.headers


async def test_not_json_is_400_and_another_media_type_is_415(caller, keys):
    authority = caller.mocks.url("residence_permit", "share").removeprefix("http://")
    request = Signed(b'{"a":1,"a":2}', REST["residence_permit"], authority, keys.caller)
    reply = await caller.send("residence_permit", request.headers(), request.body)
    assert (reply.status, "json_duplicate_key" in reply.json()["message"]) == (400, True)
    text = replace(request, media_type="text/plain", nonce="m" * 22)
    assert (await caller.send("residence_permit", text.headers(), text.body)).status == 415


async def test_unknown_paths_and_methods_are_as_real_servers_have_them(caller):
    url = caller.mocks.url("residence_permit", "share")
    async with caller.session.post(f"{url}/elsewhere") as response:
        assert response.status == 404
    async with caller.session.get(url + REST["residence_permit"]) as response:
        assert response.status == 405


async def test_the_document_names_the_mocks_own_address(caller):
    async with caller.session.get(caller.mocks.document_url("residence_permit", "share")) as response:
        document = await response.json()
    assert document["servers"] == [{"url": caller.mocks.url("residence_permit", "share")}]


async def test_what_comes_from_in_front_is_bare(caller, cast):
    reply = await caller.ask("residence_permit", permit_question(cast.people["T06"].citizen_id))
    assert (reply.status, "Signature" in reply.headers) == (502, False)
    reply = await caller.ask("residence_permit", permit_question(cast.people["T07"].citizen_id))
    assert (reply.status, "Signature" in reply.headers) == (503, True)
    reply = await caller.ask("residence_permit", permit_question(cast.people["T09"].citizen_id))
    assert (reply.status, "Signature" in reply.headers) == (200, True)


BROKEN = {
    "a missing field": Scenario(means="answered", reply={"code": "0"}),
    "an undeclared status": Scenario(means="answered", status=418, reply={"code": "0", "message": ""}),
    "a fault": Scenario(means="unreachable", status=500, fault="Server"),
    "a record of nobody": Scenario(means="answered", reply={"code": "0", "message": ""}, record={"JZZBH": "1"}),
}


@pytest.mark.parametrize("scenario", BROKEN.values(), ids=BROKEN.keys())
async def test_the_mocks_own_trouble_is_599(caller, folders, cast, scenarios, keys, scenario):
    permit = dict(scenarios["residence_permit"]["permit"]) | {"nobody": scenario}
    broken = dict(scenarios) | {"residence_permit": {"permit": permit}}
    async with start(folders, cast, {("residence_permit", "share"): keys.rest()}, scenarios=broken) as mocks:
        reply = await replace(caller, mocks=mocks).ask("residence_permit", permit_question(STRANGER))
        assert reply.status == 599
        assert reply.json()["mock"] == "residence_permit.share"
        assert STRANGER not in reply.body.decode()
        (entry,) = mocks.journals["residence_permit"]
        assert (entry.outcome, entry.status) == ("trouble", 599)
