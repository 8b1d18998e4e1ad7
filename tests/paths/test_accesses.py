"""A citizen portal over sockets: it shows people who asked about them, when and why; and nobody else's business."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.security import keys
from gateway.web import sizes
from gateway.web.accesses import PATH
from tests.system import (
    GUARDIANSHIP,
    OTHER,
    OTHER_KEY,
    RESIDENCE,
    UNIT,
    HastyClock,
    System,
    consumer,
    mocked,
    site,
    told,
)
from tests.web.test_openapi import schema
from tests.wire import Asked, Reply

PORTAL, PORTAL_KEY = "portal", "portal-test-key"
LAW = {"zh": "个人信息保护法", "en": "Personal Information Protection Law"}


DAY = 86400


class Moved(HastyClock):
    """The machine's time, and as many seconds more as a test says."""

    ahead = 0.0

    def unix(self) -> float:
        return super().unix() + self.ahead


def grant(**more: Any) -> dict[str, Any]:
    return {"purpose": "exit_entry_application", "regions": ["2299"], "materials": [RESIDENCE, GUARDIANSHIP], **more}


def write(home: Path, name: str, keyid: str, **file: Any) -> None:
    """A consumer's file; its key is made where there is none yet."""
    key = home / "keys" / f"{name}.pem"
    private, public = keys.new_ed25519()
    key.write_bytes(private)
    content = {
        "consumer": name, "title": {"zh": "测试", "en": "Test"}, "keys": [{"id": keyid, "public_key": public.decode()}],
        "grants": [], **file,
    }  # fmt: skip
    (home / "consumers" / f"{name}.yaml").write_text(yaml.dump(content, allow_unicode=True), "utf-8")


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[System]:
    """The counter, another consumer that is disclosed after 30 days, and the portal."""
    clock = Moved()
    async with site(tmp_path / "home") as here, mocked(here) as mocks:
        write(here.home, OTHER, OTHER_KEY, grants=[grant(disclose_after_days=30)])
        write(here.home, PORTAL, PORTAL_KEY, accesses={"legal_basis": LAW})
        async with (
            here.serving(clock) as running,
            consumer(here, "counter", "counter-test-key") as counter,
            consumer(here, OTHER, OTHER_KEY) as other,
        ):
            yield System(here.home, running, mocks, told()[1], counter, other, clock)


def wish(system: System, who: str, **more: Any) -> Asked:
    subject = {"citizen_id": system.person(who)["citizen_id"]}
    return by_portal(system, {"subject": subject, **more})


def by_portal(system: System, body: Any) -> Asked:
    return system.asked(body, path=PATH, key=system.key(PORTAL), keyid=PORTAL_KEY)


async def shown(system: System, who: str, **more: Any) -> Reply:
    asked = wish(system, who, **more)
    reply = await system.send(asked)
    assert reply.status == 200, reply
    assert system.is_bound(reply, asked)
    return reply


def disclose_at_once(system: System) -> None:
    file = system.home / "consumers" / f"{OTHER}.yaml"
    file.write_text(file.read_text("utf-8").replace("disclose_after_days: 30", "disclose_after_days: 0"), "utf-8")


async def test_a_portal_shows_who_asked_when_and_why(own: System) -> None:
    disclose_at_once(own)
    await own.running.reload()
    await own.ask("P03", "P01", materials=[GUARDIANSHIP])
    await own.other.verify(own.question("P03", "P01", case_number="other-case", materials=[GUARDIANSHIP]))
    reply = await shown(own, "P03", case_numbers=["other-case", "nobodys"])
    assert [error.message for error in schema("AccessesAnswer").iter_errors(reply.json)] == []
    newest, oldest = reply.json["accesses"]
    intents = [each for each in own.entries() if each["kind"] == "intent"]
    assert [newest["entry_id"], oldest["entry_id"]] == [each["entry_id"] for each in reversed(intents)]
    assert oldest == {
        "entry_id": intents[0]["entry_id"], "what": "asked", "at": intents[0]["asked_at"], "consumer": "counter",
        "unit_code": UNIT, "purpose": "exit_entry_application", "legal_basis": intents[0]["legal_basis"],
        "case": intents[0]["case"], "case_number": None, "role": "subject", "materials": [GUARDIANSHIP],
        "outcome": "answered",
    }  # fmt: skip
    assert (newest["consumer"], newest["case_number"]) == (OTHER, "other-case")
    assert (reply.json["next"], reply.json["complete_since"]) == (None, None)
    entry = own.entries()[-1]
    assert (entry["kind"], entry["consumer"], entry["keyid"]) == ("access", PORTAL, PORTAL_KEY)
    assert (entry["subject"], entry["legal_basis"]) == (intents[0]["subject"], [LAW])


async def test_nobody_elses_number_name_or_pseudonym_is_on_a_page(own: System) -> None:
    await own.ask("P03", "P01")
    (intent,) = (each for each in own.entries() if each["kind"] == "intent")
    pages = {who: await shown(own, who) for who in ("P03", "P01")}
    assert [each.json["accesses"][0]["role"] for each in pages.values()] == ["subject", "guardian"]
    for reply in pages.values():
        for who in ("P03", "P01"):
            for secret in own.person(who).values():
                assert secret not in reply.body.decode()
        for member in ("subject", "guardian", "operator", "keyid", "verification_id"):
            assert intent[member] not in reply.body.decode(), member
        assert "op-0117" not in reply.body.decode()
        assert "样例警员" not in reply.body.decode()
        assert len(reply.body) % sizes.ANSWER_STEP == 0


async def test_a_delayed_question_leaves_no_trace_until_its_day(own: System) -> None:
    before = await shown(own, "P03", limit=1)
    await own.other.verify(own.question("P03", "P01", materials=[GUARDIANSHIP]))
    (intent,) = (each for each in own.entries() if each["kind"] == "intent")
    assert intent["disclose_after"] > intent["asked_at"]
    page = await shown(own, "P03", limit=1)
    assert [each["what"] for each in page.json["accesses"]] == ["viewed"]
    assert (before.json["accesses"], page.json["next"], len(page.body)) == ([], None, len(before.body))
    refused = await own.send(wish(own, "P03", cursor=intent["entry_id"]))
    unknown = await own.send(wish(own, "P03", cursor="00000000-0000-7000-8000-000000000000"))
    assert (refused.status, refused.code) == (400, "invalid_question")
    assert refused.body == unknown.body
    assert isinstance(own.clock, Moved)
    own.clock.ahead = 30 * DAY + 1
    assert intent["entry_id"] in [each["entry_id"] for each in (await shown(own, "P03")).json["accesses"]]


async def test_pages_follow_each_other(own: System) -> None:
    for _ in range(3):
        await own.ask("P12", materials=[RESIDENCE])
    intents = [each["entry_id"] for each in own.entries() if each["kind"] == "intent"]
    seen, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = (await shown(own, "P12", limit=1, **more)).json
        seen += [each["entry_id"] for each in page["accesses"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == intents[::-1]


async def test_without_the_grant_it_is_refused_and_written_down(own: System) -> None:
    asked = own.asked({"subject": {"citizen_id": own.person("P03")["citizen_id"]}}, path=PATH)
    reply = await own.send(asked)
    assert (reply.status, reply.code) == (403, "scope")
    assert (await own.send(asked)).code == "replay"
    assert [(each["kind"], each["code"]) for each in own.entries() if each["kind"] != "act"] == [("refusal", "scope")]


async def test_a_portal_may_ask_nothing_else(own: System) -> None:
    assert (await own.send(by_portal(own, own.question("P12")).again(path="/v1/verifications"))).code == "scope"


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({}, "invalid_question", ""),
        ({"subject": {"citizen_id": "229901201206011034"}}, "subject_format", "/subject/citizen_id"),
        ({"subject": {"citizen_id": "229901201206011035", "name": "测试子"}}, "invalid_question", "/subject"),
        ({"subject": {"citizen_id": "229901201206011035"}, "limit": 101}, "invalid_question", "/limit"),
        ({"subject": {"citizen_id": "229901201206011035"}, "limit": True}, "invalid_question", "/limit"),
        ({"subject": {"citizen_id": "229901201206011035"}, "cursor": "1"}, "invalid_question", "/cursor"),
        ({"subject": {"citizen_id": "229901201206011035"}, "case_numbers": []}, "invalid_question", "/case_numbers"),
    ],
)
async def test_a_body_is_read_strictly(own: System, body: Any, code: str, pointer: str) -> None:
    reply = await own.send(by_portal(own, body))
    assert (reply.status, reply.code) == (400, code)
    assert [each["pointer"] for each in reply.json["faults"]] == [pointer]
    assert "22990120120601103" not in reply.body.decode()
