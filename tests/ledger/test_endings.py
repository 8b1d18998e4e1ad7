"""Questions that nobody answers any more: what their consumer finds, what proves it, and what an audit says of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.contract.folders import shipped
from gateway.installation import read_contracts
from gateway.ledger import entries
from gateway.ledger.ledger import Ledger
from gateway.model import Status
from gateway.store.sqlite import Store
from gateway.store.tables import Addition, Answer
from gateway.web.interrupted import interrupted
from tests.ledger import standing
from tests.ledger.asking import PSEUDONYMS, StillClock, call, signed, verdict, verification
from tests.ledger.test_limits import Desk, desk
from tests.ledger.test_receipts import payload

__all__ = ["desk"]


def pending(revision: int = 1) -> bytes:
    return json.dumps(
        {
            "verification_id": "v-1",
            "revision": revision,
            "outcome": "pending",
            "policy": "jilin-2018-05",
            "answered_at": "2018-05-02T00:00:00.000Z",
            "as_of": "2018-05-02",
            "materials": [],
        }
    ).encode()


async def newest(desk: Desk) -> dict[str, Any]:
    found = await desk.ledger.answer("v-1", "intake")
    assert found is not None
    return dict(json.loads(found[0]))


async def test_a_pending_answer_ends_as_partial_with_all_that_it_had(desk: Desk):
    intent = await desk.ledger.intend(verification(), signed(), "jilin-2018-05", 0.0)
    for name in ("ev-1", "ev-2"):
        desk.ledger.record(intent, call(name, Status.ANSWERED, "b" * 64))
    await desk.ledger.conclude(intent, replace(verdict(), is_pending=True), pending(), is_last=False)
    desk.clock.now += 10
    assert await desk.ledger.close_lost("stopped") == 1
    told = await newest(desk)
    assert (told["revision"], told["outcome"], told["answered_at"]) == (2, "partial", "2018-05-02T00:00:10.000Z")
    (first,), (last,) = await desk.entries("outcome"), await desk.entries("closed")
    same = ("intent", "intent_hash", "evidence", "materials", "policy", "as_of")
    assert {name: last[name] for name in same} == {name: first[name] for name in same}
    assert (last["why"], last["revision"], "ends" in last) == ("stopped", 2, False)
    proof = await payload(desk)
    assert (proof["revision"], json.loads(proof["outcome"]["body"])) == (2, last)
    assert await desk.ledger.close_lost("stopped") == 0


@pytest.mark.parametrize("materials", [None, ("residence_permit",)])
async def test_a_question_without_an_answer_gets_one_for_every_material(desk: Desk, materials: tuple[str, ...] | None):
    policies = read_contracts(shipped())[1]
    desk.ledger = Ledger(
        desk.store, desk.clock, PSEUDONYMS, unanswered=lambda asked, now: interrupted(policies, asked, now)
    )
    await desk.ledger.intend(replace(verification(), materials=materials), signed(), "jilin-2018-05", 0.0)
    assert await desk.ledger.close_lost("unwritten") == 1
    told = await newest(desk)
    policy = next(each for each in policies if each.name == "jilin-2018-05")
    assert [each["material"] for each in told["materials"]] == list(materials or policy.rules)
    said = {(each["verdict"], each["disposition"], each["reason"]) for each in told["materials"]}
    assert said == {("undetermined", "officer_check", "interrupted")}
    assert (told["revision"], told["outcome"]) == (1, "partial")
    (last,) = await desk.entries("closed")
    assert [each["decision"] for each in last["materials"]] == ["undetermined"] * len(told["materials"])
    assert (await payload(desk))["revision"] == 1


async def test_of_a_policy_that_is_gone_the_named_materials_are_known(desk: Desk):
    asked = {"policy": "gone", "materials": None, "verification_id": "v-1", "application_date": "2018-05-02"}
    assert json.loads(interrupted([], asked, 0.0))["materials"] == []
    named = json.loads(interrupted([], {**asked, "materials": ["residence_permit"]}, 0.0))
    assert [each["material"] for each in named["materials"]] == ["residence_permit"]


async def test_who_knows_no_policies_leaves_them_to_the_gateway(desk: Desk):
    await desk.ledger.intend(verification(), signed(), "jilin-2018-05", 0.0)
    assert await Ledger(desk.store, desk.clock, PSEUDONYMS, unanswered=None).close_lost("stopped") == 0
    assert await desk.ledger.answer("v-1", "intake") is None


async def test_the_last_revision_stands_on_whatever_came_in_between(desk: Desk):
    intent = await desk.ledger.intend(verification(), signed(), "jilin-2018-05", 0.0)
    await desk.ledger.conclude(intent, replace(verdict(), is_pending=True), pending(), is_last=False)
    asked: list[int] = []

    def judged(revision: int, officers: Any) -> Any:
        asked.append(revision)
        if len(asked) == 1:  # an officer's finding takes that number first
            content = entries.outcome("between", intent, {}, replace(verdict(revision=2), is_pending=True), pending(2))
            desk.store.submit(Addition(entry=entries.leaf(content, 0.0), answer=Answer("v-1", 2, "intake", pending(2))))
        return verdict(revision=revision)

    last = await desk.ledger.revise(intent, judged, lambda each: b'{"revision":%d}' % each.revision)
    assert (asked, last.revision) == ([2, 3], 3)
    assert await desk.ledger.close_lost("stopped") == 0


async def test_a_crash_leaves_nothing_pending_and_an_audit_finds_nothing_wrong(tmp_path: Path):
    Store.create(tmp_path / "ledger.db")
    clock = StillClock()
    async with Store.open(tmp_path / "ledger.db") as store:
        ledger = Ledger(store, clock, PSEUDONYMS)
        intent = await ledger.intend(verification(), signed(), "jilin-2018-05", 0.0)
        await ledger.conclude(intent, replace(verdict(), is_pending=True), pending(), is_last=False)
        other = await ledger.intend(verification("v-2"), signed("nonce-2"), "jilin-2018-05", 0.0)
    async with Store.open(tmp_path / "ledger.db") as store:
        assert await Ledger(store, clock, PSEUDONYMS).close_lost("stopped") == 2
    logs = standing.check(tmp_path / "ledger.db")
    assert standing.ends(logs) == {intent.entry_id: ["closed"], other.entry_id: ["closed"]}
