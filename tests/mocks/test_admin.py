"""The testers' own door over HTTP: faults, clock, secrets, journal; what it refuses, and what it never says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from mocks import admin
from tests.mocks.asking import permit_question
from tests.mocks.platform_caller import REFRESH

TOKEN = "a-token-for-these-tests"
PERMITS, INSURANCE = "residence_permit", "social_insurance"


@dataclass
class Door:
    session: aiohttp.ClientSession
    url: str

    async def ask(self, method: str, path: str, body: Any = None, token: str | None = TOKEN) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        async with self.session.request(method, self.url + path, data=data, headers=headers) as response:
            return response.status, await response.json()


@pytest.fixture
async def door(mocks) -> AsyncIterator[Door]:
    async with admin.serving(mocks, TOKEN) as url, aiohttp.ClientSession() as session:
        yield Door(session, url)


async def test_a_fault_is_armed_listed_struck_and_cleared(door, caller, cast):
    order = {"person": "P12", "authority": PERMITS, "fault": "status_503", "times": 2}
    status, armed = await door.ask("POST", "/faults", order)
    assert (status, armed["id"], armed["steps"]) == (201, 1, [{"fault": "status_503", "times": 2}])
    question = permit_question(cast.people["P12"].citizen_id)
    assert (await caller.ask(PERMITS, question)).status == 503
    assert (await caller.ask(PERMITS, permit_question(cast.people["P13"].citizen_id))).status == 200
    _, told = await door.ask("GET", "/faults")
    assert [(each["person"], each["used"], each["struck"]) for each in told["faults"]] == [("P12", 1, 1)]
    assert (await caller.ask(PERMITS, question)).status == 503
    assert (await caller.ask(PERMITS, question)).status == 200
    assert await door.ask("GET", "/faults") == (200, {"faults": []})
    await door.ask("POST", "/faults", order)
    assert await door.ask("DELETE", "/faults/2") == (200, {"cleared": 1})
    assert (await door.ask("DELETE", "/faults/2"))[0] == 404
    assert await door.ask("DELETE", "/faults") == (200, {"cleared": 0})


async def test_steps_and_then(door, caller, cast):
    question = permit_question(cast.people["P12"].citizen_id)
    steps = [{"fault": "status_502", "times": 1}, {"fault": "answers", "times": 1}, {"fault": "status_504", "times": 1}]
    await door.ask("POST", "/faults", {"person": "*", "authority": PERMITS, "channel": "share", "steps": steps})
    assert [(await caller.ask(PERMITS, question)).status for _ in range(4)] == [502, 200, 504, 200]
    order = {"person": "P12", "authority": PERMITS, "operation": "permit", "fault": "status_502", "times": 1}
    await door.ask("POST", "/faults", {**order, "then": "status_503"})
    assert [(await caller.ask(PERMITS, question)).status for _ in range(3)] == [502, 503, 503]


WRONG = {
    "no fault": ({"person": "P12", "authority": PERMITS}, "either 'fault'"),
    "fault and steps": (
        {"person": "P12", "authority": PERMITS, "fault": "hang", "steps": [{"fault": "hang"}]},
        "either",
    ),
    "steps and then": ({"person": "P12", "authority": PERMITS, "then": "hang", "steps": [{"fault": "hang"}]}, "either"),
    "an unknown fault": ({"person": "P12", "authority": PERMITS, "fault": "hangs"}, "did you mean 'hang'"),
    "a status that is none": ({"person": "P12", "authority": PERMITS, "fault": "status_<NNN>"}, "write the status out"),
    "nobody": ({"person": "229901198805121012", "authority": PERMITS, "fault": "hang"}, "a key of the cast"),
    "an unknown authority": (
        {"person": "P12", "authority": "residence_permits", "fault": "hang"},
        "'residence_permit'",
    ),
    "an unknown channel": (
        {"person": "P12", "authority": PERMITS, "channel": "query", "fault": "hang"},
        "known: share",
    ),
    "an unknown operation": (
        {"person": "P12", "authority": PERMITS, "operation": "x", "fault": "hang"},
        "known: permit",
    ),
    "no time": ({"person": "P12", "authority": PERMITS, "fault": "reset", "seconds": 1}, "takes no 'seconds'"),
    "no times": ({"person": "P12", "authority": PERMITS, "fault": "reset", "times": 0}, "/times"),
    "a truth of a refresh": (
        {"person": "*", "authority": INSURANCE, "operation": "refresh", "fault": "swapped_person"},
        "no place in a refresh",
    ),
    "a name nobody knows": ({"229901198805121012": 1, "person": "P12", "authority": PERMITS}, "not known here"),
    "no object": ([], "/"),
    "no JSON": (b'{"person": "P12", "person": "P12"}', "json_duplicate_key"),
}


@pytest.mark.parametrize(("order", "why"), WRONG.values(), ids=WRONG.keys())
async def test_what_cannot_be_armed_is_refused_with_the_reason(door, order, why):
    status, told = await door.ask("POST", "/faults", order)
    assert status == 400
    assert why in told["error"]
    assert "229901198805121012" not in told["error"]
    assert await door.ask("GET", "/faults") == (200, {"faults": []})


@pytest.mark.parametrize("token", [None, "", "another", TOKEN + "x", "令牌"])
async def test_without_the_token_nothing_is_told(door, token):
    for method, path in (("GET", "/faults"), ("GET", "/journal"), ("PUT", "/clock"), ("GET", "/elsewhere")):
        status, told = await door.ask(method, path, token=token)
        assert (status, set(told)) == (401, {"error"})


async def test_a_short_token_is_refused(mocks):
    with pytest.raises(ValueError, match="16 characters"):
        async with admin.serving(mocks, "short"):
            pytest.fail("must not start")


async def test_it_listens_on_loopback_only(door):
    assert door.url.startswith("http://127.0.0.1:")


async def test_the_clock_moves_freezes_and_drives_ages(door, caller, cast):
    status, told = await door.ask("PUT", "/clock", {"now": "2018-05-02T09:00:00+08:00", "frozen": True})
    assert (status, told["now"], told["frozen"]) == (200, "2018-05-02T01:00:00.000Z", True)
    assert (await door.ask("GET", "/clock"))[1]["unix"] == 1525222800
    question = permit_question(cast.people["P12"].citizen_id)
    reply = await caller.ask(PERMITS, question)
    assert (reply.status, reply.json()["message"]) == (401, "created is in the future")
    assert (await caller.ask(PERMITS, question, created=1525222800)).status == 200
    assert (await caller.ask(PERMITS, question, created=1525222700)).json()["message"] == "expires is in the past"
    _, told = await door.ask("PUT", "/clock", {"offset_seconds": 0, "frozen": False})
    assert (abs(told["offset_seconds"]) < 1, told["frozen"]) == (True, False)
    assert (await caller.ask(PERMITS, question)).status == 200
    await door.ask("PUT", "/clock", {"offset_seconds": 3600})
    assert (await caller.ask(PERMITS, question)).status == 401


@pytest.mark.parametrize(
    ("time", "why"),
    [
        ({"now": "2018-05-02T09:00:00", "frozen": True}, "distance from UTC"),
        ({"now": "2018-05-02T09:00:00Z", "offset_seconds": 1}, "either"),
        ({"now": "yesterday"}, "/now"),
        ({"frozen": "perhaps"}, "/frozen"),
        ({"offset_seconds": 1e300, "frozen": True}, "1653 to 2286"),
        ({"offset_seconds": -2e10, "frozen": True}, "1653 to 2286"),
        ({"now": "9999-12-31T00:00:00Z", "frozen": True}, "1653 to 2286"),
        ({"now": "0001-01-01T00:00:00+08:00", "frozen": True}, "1653 to 2286"),
    ],
)
async def test_a_time_that_is_none_is_refused(door, time, why):
    status, told = await door.ask("PUT", "/clock", time)
    assert (status, why in told["error"]) == (400, True), told
    assert (await door.ask("GET", "/clock"))[1]["frozen"] is False


async def test_secrets_are_rotated(door, insured, cast):
    number = cast.people["P08"].citizen_id
    assert (await insured.share(number)).status == 200
    assert await door.ask("POST", "/secrets/rotate", {"authority": INSURANCE, "channel": "query"}) == (
        200,
        {"rotated": 1},
    )
    assert (await insured.share(number)).status == 200
    assert await door.ask("POST", "/secrets/rotate") == (200, {"rotated": 2})
    assert (await insured.share(number)).status == 401


async def test_a_refresh_is_struck_only_when_it_is_named(door, insured):
    await door.ask("POST", "/faults", {"person": "*", "authority": INSURANCE, "fault": "status_503"})
    assert (await insured.refresh("share")).status == 200
    order = {"person": "*", "authority": INSURANCE, "operation": "refresh", "fault": "status_503", "times": 1}
    await door.ask("POST", "/faults", order)
    assert (await insured.refresh("share")).status == 503
    assert (await insured.refresh("share")).status == 200
    url = insured.mocks.url(INSURANCE, "share") + REFRESH
    assert url.endswith("refreshappsecret")
    first, second, third = insured.mocks.journals[INSURANCE]
    assert [each.fault for each in (first, second, third)] == [None, "status_503", None]


async def test_the_journal_says_why(door, caller, cast, insured):
    person = cast.people["P12"]
    await door.ask("POST", "/faults", {"person": "P12", "authority": PERMITS, "fault": "cut_json", "times": 1})
    await caller.ask(PERMITS, permit_question(person.citizen_id, person.name))
    await caller.ask(PERMITS, permit_question(person.citizen_id, person.name), tag="another")
    await caller.ask("guardianship_archive", {})
    await insured.share(person.citizen_id)
    _, told = await door.ask("GET", f"/journal?authority={PERMITS}")
    first, second = told["entries"]
    assert first["why"] == [
        "signature: rfc9421 (ed25519): components, digest, key, age and nonce are as agreed",
        "person: P12",
        "scenario: holder: the cast says so of them",
        "fault: cut_json: armed as 1 for P12, step 1 of 1, call 1 of 1",
    ]
    assert (first["people"], first["scenario"], first["outcome"], first["fault"]) == (
        ["P12"],
        "holder",
        "answered",
        "cut_json",
    )
    assert (second["outcome"], second["why"][0].startswith("signature: ")) == ("refused: signature", True)
    _, told = await door.ask("GET", "/journal?person=P12&last=1")
    (entry,) = told["entries"]
    assert (entry["authority"], entry["outcome"]) == (INSURANCE, "no_record")
    assert entry["why"][2] == "scenario: nobody: the contract's unknown_person: the cast says nothing of them here"
    _, told = await door.ask("GET", "/journal?last=all")
    assert len(told["entries"]) == 5
    text = json.dumps(told, ensure_ascii=False)
    for member in cast.people.values():
        assert member.citizen_id not in text
        assert member.name not in text


async def test_the_vocabulary_is_told(door):
    _, told = await door.ask("GET", "/vocabulary")
    assert told["faults"]["hang"]["seconds"] == 60
    assert told["faults"]["hang"]["zh"]
