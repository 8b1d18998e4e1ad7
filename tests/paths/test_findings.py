"""From a silent authority to an officer's finding: listed, found, a second revision with a receipt, and off the list."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from gateway.client import Answer, receipts
from gateway.clock import rfc3339
from tests.system import OTHER, OTHER_KEY, PERMITS, RESIDENCE, UNIT, System
from tests.wire import PATH, Reply, reading

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHECKS = "/v1/checks/search"
SCREENSHOT = "cd" * 32
OFFICER = {"id": "op-0222", "name": "样例警员乙", "unit_code": UNIT}


def found(system: System, **changes: Any) -> dict[str, Any]:
    """The body of a finding."""
    return {
        "operator": OFFICER, "material": RESIDENCE, "seen": "record_confirms", "where": PERMITS,
        "seen_at": rfc3339(system.clock.unix()), "screenshot_sha256": SCREENSHOT, **changes,
    }  # fmt: skip


async def silent(system: System, who: str = "P12") -> Answer:
    """A question whose one authority is down."""
    await system.mocks.stop_one(PERMITS)
    try:
        return await system.ask(who, materials=[RESIDENCE])
    finally:
        await system.mocks.start_one(PERMITS)
        system.clock.rest()


async def add(system: System, answer: Answer, body: dict[str, Any], **changes: Any) -> Reply:
    asked = system.asked(body, path=f"{PATH}/{answer.verification_id}/findings", **changes)
    reply = await system.send(asked)
    assert system.is_bound(reply, asked)
    return reply


async def listed(system: System, **changes: Any) -> list[dict[str, Any]]:
    reply = await system.send(system.asked({"operator": OFFICER, **changes}, path=CHECKS))
    assert reply.status == 200
    checks: list[dict[str, Any]] = reply.json["checks"]
    return checks


async def receipt(system: System, answer: Answer) -> bytes:
    reply = await system.send(reading(system.asked(), f"{PATH}/{answer.verification_id}/receipt"))
    assert reply.status == 200
    return reply.body


async def test_an_officer_settles_what_no_machine_could(system: System):
    answer = await silent(system)
    (material,) = answer.materials
    assert (answer.revision, material.verdict, material.disposition) == (1, "undetermined", "officer_check")
    (check,) = [each for each in await listed(system) if each["verification_id"] == answer.verification_id]
    assert (check["material"], check["reason"]) == (RESIDENCE, material.reason)
    reply = await add(system, answer, found(system))
    assert reply.status == 200
    (settled,) = reply.json["materials"]
    assert (reply.json["revision"], settled["verdict"], settled["disposition"]) == (2, "confirmed", "waived")
    assert (settled["reason"], settled["sources"]) == ("officer_confirmed", answer.raw["materials"][0]["sources"])
    manual = settled["manual"]
    assert (manual["seen"], manual["where"], manual["screenshot_sha256"]) == ("record_confirms", PERMITS, SCREENSHOT)
    assert manual["machine"] == {"verdict": "undetermined", "reason": material.reason}
    assert [each for each in await listed(system) if each["verification_id"] == answer.verification_id] == []
    again = await system.counter.get(answer.verification_id)
    assert again.materials[0].manual is not None
    assert (again.raw, again.materials[0].manual.seen) == (reply.json, "record_confirms")


async def test_its_receipt_proves_it_offline_and_the_ledger_holds(system: System):
    answer = await silent(system)
    reply = await add(system, answer, found(system))
    keys = (await system.get("/.well-known/gateway-keys")).content
    told = receipts.check(await receipt(system, answer), keys, None, reply.body)
    assert (told.revision, told.answer.match) == (2, "proved")
    (decided,) = told.answer.decisions
    assert (decided.decision, decided.reason) == ("confirmed", "officer_confirmed")
    assert decided.manual is not None
    assert (decided.manual.seen, decided.manual.where, decided.manual.screenshot_sha256) == (
        "record_confirms", PERMITS, SCREENSHOT,
    )  # fmt: skip
    said = " ".join(text for _, _, text in receipts.lines(told))
    assert SCREENSHOT in said
    (entry,) = [
        each for each in system.entries() if each["entry_id"] == reply.json["materials"][0]["manual"]["entry_id"]
    ]
    assert (entry["kind"], entry["unit_code"], entry["consumer"]) == ("manual", UNIT, "counter")
    assert OFFICER["name"] not in json.dumps(system.everything(), ensure_ascii=False)
    assert OFFICER["id"] not in json.dumps(system.everything())


async def test_the_revision_before_it_stays_as_it_was(system: System):
    answer = await silent(system)
    first = [each for each in system.entries() if each.get("verification_id") == answer.verification_id]
    await add(system, answer, found(system))
    after = [each for each in system.entries() if each.get("verification_id") == answer.verification_id]
    assert after[: len(first)] == first
    assert [(each["kind"], each.get("revision")) for each in after[len(first) :]] == [("manual", None), ("outcome", 2)]


@pytest.mark.parametrize(
    ("seen", "verdict", "reason"),
    [
        ("record_contradicts", "contradicted", "officer_contradicted"),
        ("no_record_found", "no_record", "officer_no_record"),
    ],
)
async def test_an_officers_no_asks_for_the_paper(system: System, seen: str, verdict: str, reason: str):
    answer = await silent(system)
    reply = await add(system, answer, found(system, seen=seen, where="paper"))
    (material,) = reply.json["materials"]
    assert (material["verdict"], material["disposition"], material["reason"]) == (verdict, "paper_required", reason)


async def test_a_second_officer_may_correct_the_first(system: System):
    answer = await silent(system)
    await add(system, answer, found(system))
    reply = await add(system, answer, found(system, seen="no_record_found"))
    (material,) = reply.json["materials"]
    assert (reply.json["revision"], material["verdict"]) == (3, "no_record")
    assert material["manual"]["machine"]["verdict"] == "undetermined"
    assert (await receipt(system, answer)).startswith(b"{")


async def test_two_officers_at_once_make_two_revisions(system: System):
    answer = await silent(system)
    both = (found(system, seen=seen) for seen in ("record_confirms", "no_record_found"))
    replies = await asyncio.gather(*(add(system, answer, body) for body in both))
    assert sorted(reply.json["revision"] for reply in replies) == [2, 3]


async def refusal(system: System, answer: Answer, body: dict[str, Any], **changes: Any) -> tuple[int, str]:
    """Status and code. Nothing was added, and the refusal is the ledger's newest entry."""
    before = await system.counter.get(answer.verification_id)
    reply = await add(system, answer, body, **changes)
    newest = system.entries()[-1]
    assert (newest["kind"], newest["code"]) == ("refusal", reply.code)
    assert (await system.counter.get(answer.verification_id)).raw == before.raw
    return reply.status, reply.code


async def test_who_may_not(system: System):
    answer = await silent(system)
    elsewhere = {**OFFICER, "unit_code": "220201000000"}
    assert await refusal(system, answer, found(system, operator=elsewhere)) == (403, "other_unit")
    assert await refusal(system, answer, found(system, operator={**OFFICER, "unit_code": "310000000000"})) == (
        403,
        "scope",
    )
    theirs = {"key": system.key(OTHER), "keyid": OTHER_KEY}
    assert await refusal(system, answer, found(system), **theirs) == (403, "scope")
    reply = await system.send(system.asked({"operator": OFFICER}, path=CHECKS, **theirs))
    assert reply.code == "scope"


async def test_another_consumer_finds_nothing_even_with_the_grant(system: System):
    answer = await silent(system)
    file = system.home / "consumers" / f"{OTHER}.yaml"
    given = file.read_text("utf-8")
    file.write_text(f'{given}findings:\n  regions: ["22"]\n', "utf-8")
    await system.running.reload()
    try:
        theirs = {"key": system.key(OTHER), "keyid": OTHER_KEY}
        assert await refusal(system, answer, found(system), **theirs) == (404, "not_found")
        reply = await system.send(system.asked({"operator": OFFICER}, path=CHECKS, **theirs))
        assert reply.json == {"checks": [], "next": None}
    finally:
        file.write_text(given, "utf-8")
        await system.running.reload()


async def test_what_the_policy_does_not_let_an_officer_overrule_stays(system: System):
    confirmed = await system.ask("P12", materials=[RESIDENCE])
    assert confirmed.materials[0].verdict == "confirmed"
    assert await refusal(system, confirmed, found(system, seen="record_contradicts")) == (403, "may_not_overrule")
    local = await system.ask("P17", materials=[RESIDENCE])
    assert local.materials[0].verdict == "not_applicable"
    assert await refusal(system, local, found(system)) == (403, "may_not_overrule")


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"seen": "looks_fine"}, "invalid_question", "/seen"),
        ({"where": "residence_permits"}, "invalid_question", "/where"),
        ({"screenshot_sha256": "CD" * 32}, "invalid_question", "/screenshot_sha256"),
        ({"seen_at": "2017-13-45"}, "invalid_question", "/seen_at"),
        ({"seen_at": "2018-05-02T00:00:00Z"}, "invalid_question", "/seen_at"),
        ({"seen_at": "2999-01-01T00:00:00Z"}, "invalid_question", "/seen_at"),
        ({"material": "residence_permits"}, "unknown_material", "/material"),
        ({"note": "seen at the window"}, "invalid_question", ""),
    ],
)
async def test_a_finding_is_read_strictly(system: System, changes: dict[str, str], code: str, pointer: str):
    answer = await silent(system)
    reply = await add(system, answer, found(system, **changes))
    assert reply.code == code
    assert [fault["pointer"] for fault in reply.json["faults"]] == [pointer]
    assert not any(value in reply.body.decode() for value in changes.values())


async def test_a_finding_is_sent_once(system: System):
    answer = await silent(system)
    asked = system.asked(found(system), path=f"{PATH}/{answer.verification_id}/findings")
    assert (await system.send(asked)).status == 200
    assert (await system.send(asked)).code == "replay"
    assert (await system.counter.get(answer.verification_id)).revision == 2


async def test_the_list_comes_page_by_page_oldest_first(system: System):
    for _ in range(3):
        await silent(system)
    whole = await listed(system, limit=100)
    pages: list[dict[str, Any]] = []
    cursor = None
    while True:
        reply = await system.send(system.asked({"operator": OFFICER, "limit": 2, "cursor": cursor}, path=CHECKS))
        pages += reply.json["checks"]
        cursor = reply.json["next"]
        if cursor is None:
            break
    assert pages == whole
    assert [each["since"] for each in whole] == sorted(each["since"] for each in whole)
    assert system.entries()[-1]["kind"] == "listing"
    assert system.entries()[-1]["unit_code"] == UNIT
