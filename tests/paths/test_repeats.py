"""A lost reply: the same question under its key gets the same bytes and nobody is asked again; or it is found by its case."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.system import OTHER, OTHER_KEY, RESIDENCE, System
from tests.wire import POST, Asked

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEYED = (*POST, "idempotency-key")


def keyed(system: System, named: str, body: Any = None, **changes: Any) -> Asked:
    header = (("Idempotency-Key", f'"{named}"'),)
    return system.asked(body, headers=header, **{"components": KEYED, **changes})


def searching(system: System, case_number: str, **changes: Any) -> Asked:
    return system.asked({"case_number": case_number}, path="/v1/verifications/search", **changes)


async def test_a_lost_reply_is_had_again_byte_for_byte_and_nobody_is_asked_twice(system: System):
    host, _, port = system.authority.rpartition(":")
    lost = keyed(system, "lost-reply-0000001")
    before = len(system.entries())
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(lost.bytes())
    await writer.drain()
    writer.close()  # without having read a byte
    while (reply := await system.send(keyed(system, "lost-reply-0000001"))).status == 409:
        assert reply.code == "in_progress"
    calls, again = system.calls(), keyed(system, "lost-reply-0000001")
    second = await system.send(again)
    assert (reply.status, second.status) == (200, 200)
    assert system.is_bound(second, again)
    assert reply.body == second.body
    assert len(second.body) == 4096
    assert second.headers["location"].endswith(second.json["verification_id"])
    assert system.calls() == calls
    kinds = [entry["kind"] for entry in system.entries()[before:]]
    assert (kinds.count("intent"), kinds.count("outcome"), kinds[-1]) == (1, 1, "reading")


async def test_another_body_under_the_key_is_422_and_a_replay_is_a_replay(system: System):
    asked = keyed(system, "another-body-00001")
    assert (await system.send(asked)).status == 200
    assert (await system.send(asked)).code == "replay"
    calls = system.calls()
    reply = await system.send(keyed(system, "another-body-00001", system.question("P11", materials=[RESIDENCE])))
    assert (reply.status, reply.code) == (422, "idempotency_key_reused")
    assert system.calls() == calls
    assert system.entries()[-1]["code"] == "idempotency_key_reused"


async def test_of_equal_questions_at_once_one_is_asked(system: System):
    replies = await asyncio.gather(*(system.send(keyed(system, "all-at-once-000001")) for _ in range(4)))
    taken = [reply for reply in replies if reply.status == 200]
    assert len({reply.body for reply in taken}) == 1
    for reply in replies:
        if reply.status != 200:
            assert (reply.code, reply.headers["retry-after"]) == ("in_progress", "1")
            assert reply.headers["location"].endswith(taken[0].json["verification_id"])


async def test_a_refused_question_burns_no_key(system: System):
    theirs = {"key": system.key(OTHER), "keyid": OTHER_KEY}
    assert (await system.send(keyed(system, "refused-key-000001", b"{}"))).status == 400
    assert (await system.send(keyed(system, "refused-key-000001", **theirs))).status == 403
    assert (await system.send(keyed(system, "refused-key-000001"))).status == 200


@pytest.mark.parametrize(
    ("headers", "components", "code"),
    [
        ((("Idempotency-Key", "bare-key-000000001"),), KEYED, "idempotency_key"),
        ((("Idempotency-Key", '"short"'),), KEYED, "idempotency_key"),
        ((("Idempotency-Key", '"not-covered-000001"'),), POST, "coverage"),
        ((), KEYED, "coverage"),
    ],
)
async def test_a_key_is_well_formed_and_covered(system: System, headers: Any, components: Any, code: str):
    reply = await system.send(system.asked(headers=headers, components=components))
    assert reply.code == code


async def test_a_second_key_and_a_key_on_another_route_are_refused(system: System):
    twice = await system.send(keyed(system, "sent-twice-0000001"), 'Idempotency-Key: "sent-twice-0000002"')
    assert twice.code == "idempotency_key"
    header = (("Idempotency-Key", '"on-a-search-000001"'),)
    assert (await system.send(searching(system, "x", headers=header, components=KEYED))).code == "idempotency_key"


async def test_a_case_is_found_by_its_asker_alone_and_nothing_looks_like_something(system: System):
    question = system.question("P12", materials=[RESIDENCE], case_number="JL-LOST-1")
    first, second = [(await system.send(system.asked(question))).json["verification_id"] for _ in range(2)]
    found = await system.send(searching(system, "JL-LOST-1"))
    nothing = await system.send(searching(system, "JL-LOST-2"))
    theirs = await system.send(searching(system, "JL-LOST-1", key=system.key(OTHER), keyid=OTHER_KEY))
    rows = found.json["verifications"]
    assert [(row["verification_id"], row["revision"], row["outcome"]) for row in rows] == [
        (second, 1, "complete"), (first, 1, "complete"),
    ]  # fmt: skip
    assert rows[0]["location"] == f"/v1/verifications/{second}"
    assert nothing.json == theirs.json == {"verifications": [], "next": None}
    assert len(found.body) == len(nothing.body) == len(theirs.body)
    newest = system.entries()[-1]
    assert (newest["kind"], newest["consumer"]) == ("search", OTHER)


async def test_pages_have_one_length_and_lead_on(system: System):
    question = system.question("P12", materials=[RESIDENCE], case_number="JL-MANY-1")
    for _ in range(21):
        assert (await system.send(system.asked(question))).status == 200
    page = await system.send(searching(system, "JL-MANY-1"))
    assert len(page.body) == 4096
    assert len(page.json["verifications"]) == 20
    path, wish = "/v1/verifications/search", {"case_number": "JL-MANY-1", "cursor": page.json["next"]}
    rest = await system.send(system.asked(wish, path=path))
    assert len(rest.json["verifications"]) == 1
    assert rest.json["next"] is None
    wrong = await system.send(system.asked({**wish, "case_number": "JL-LOST-1"}, path=path))
    assert (wrong.status, wrong.code) == (400, "invalid_question")
