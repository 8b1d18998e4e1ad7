"""What the ledger makes of limits: entries, alarms, and when a case is bound. Hostile inputs H49 and H50."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from gateway import errors, model
from gateway.ledger.ledger import Ledger
from gateway.ledger.watch import Watch
from gateway.store.sqlite import Store
from tests.ledger.asking import CHILD, FATHER, PSEUDONYMS, StillClock, in_a_row, signed, verdict, verification
from tests.paths.margins import LINES

STATUSES = list(model.Status)


@dataclass
class Desk:
    """A ledger whose watch remembers, and a consumer who asks."""

    ledger: Ledger
    store: Store
    clock: StillClock
    beyond: list[tuple[str, str]] = field(default_factory=list)
    sighted: list[str] = field(default_factory=list)
    asked: int = 0

    async def ask(self, subject: model.Person = CHILD, limits: model.Limits = model.USUAL_LIMITS, **more: Any) -> Any:
        """The intent, or the code of the refusal."""
        self.asked += 1
        question = verification(f"v-{self.asked}", subject=subject, **{"guardian": None, **more})
        try:
            return await self.ledger.intend(question, signed(f"n-{self.asked}", limits), "jilin-2018-05", 0.0)
        except errors.Limited as error:
            return error.code

    async def entries(self, kind: str) -> list[dict[str, Any]]:
        rows = await self.store.read(lambda c: c.execute("SELECT body FROM entry ORDER BY place").fetchall())
        return [content for (body,) in rows if (content := json.loads(body))["kind"] == kind]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    Store.create(tmp_path / "ledger.db")
    clock = StillClock()
    async with Store.open(tmp_path / "ledger.db") as store:
        canary = frozenset({PSEUDONYMS.of("person", in_a_row(8)[7].citizen_id)})
        desk = Desk(Ledger(store, clock, PSEUDONYMS), store, clock)
        watch = Watch(canary, lambda *told: desk.beyond.append(told), desk.sighted.append)
        desk.ledger = Ledger(store, clock, PSEUDONYMS, watch)
        yield desk


async def test_h49_a_thousand_numbers_in_a_row_one_a_minute_are_stopped(desk: Desk):
    """At the usual limits: 500 people within a day, however slowly; then nobody new, and the operators know."""
    before, taken = len(LINES), []
    for number, person in enumerate(in_a_row(1000)):
        if isinstance(await desk.ask(person, case_number=f"case-{number}"), model.Intent):
            taken.append(number)
        desk.clock.now += 60
    assert taken == list(range(500))
    assert desk.beyond == [("intake", "subject_budget")] * 500
    alarms = [json.loads(line) for line in LINES[before:] if "consumer.over_budget" in line]
    assert {each["consumer"] for each in alarms} == {"intake"}
    assert len(alarms) == 500
    assert set(alarms[0]) == {"event", "level", "timestamp", "consumer"}
    assert await desk.ask(in_a_row(1)[0]) != "subject_budget", "somebody known may be asked about again"


async def test_the_guardian_is_asked_about_as_well_and_counts(desk: Desk):
    people, few = in_a_row(5), model.Limits(subjects_per_day=3)
    told = [await desk.ask(limits=few, guardian=guardian) for guardian in (None, *people, people[0])]
    assert [each if isinstance(each, str) else "taken" for each in told] == (
        ["taken"] * 3 + ["subject_budget"] * 3 + ["taken"]
    )
    assert await desk.ask(FATHER, few, guardian=people[1]) == "subject_budget"


async def test_the_last_place_of_a_budget_is_not_for_two(desk: Desk):
    subject, guardian, other = in_a_row(3)
    few = model.Limits(subjects_per_day=2)
    assert isinstance(await desk.ask(other, few), model.Intent)
    assert await desk.ask(subject, few, guardian=guardian, case_number="another") == "subject_budget"
    assert isinstance(await desk.ask(subject, few, guardian=replace(subject), case_number="another"), model.Intent)


async def test_each_name_tried_for_one_number_costs_one_and_another_way_to_write_it_none(desk: Desk):
    few = model.Limits(subjects_per_day=3)
    same = ("阿依·测试", "阿依•测试", " 阿依． 测试 ")
    tried = (*same, "测试甲", "测试乙", "测试丙", *same)
    told = [await desk.ask(replace(CHILD, name=name), few) for name in tried]
    assert [each == "subject_budget" for each in told] == [False] * 5 + [True] + [False] * 3


async def test_h49_slower_still_takes_no_more_than_the_budget_a_day(desk: Desk):
    taken = 0
    for person in in_a_row(600)[::2]:  # one in ten minutes for two days, and 60 a day are allowed
        few = model.Limits(subjects_per_day=60)
        taken += isinstance(await desk.ask(person, few, case_number=f"case-{desk.asked}"), model.Intent)
        desk.clock.now += 600
    assert taken <= 3 * 60  # 50 hours touch three budgets
    assert taken >= 2 * 60


async def test_h50_a_canary_is_answered_as_anybody_and_only_operators_know(desk: Desk):
    before = len(LINES)
    canary = in_a_row(8)[7]
    ordinary = await desk.ask(in_a_row(1)[0], case_number="case-1")
    watched = await desk.ask(canary, case_number="case-2")
    assert type(watched) is type(ordinary) is model.Intent
    assert desk.sighted == [], "the answer does not wait for the alarm"
    await asyncio.sleep(0)  # noqa: TID251 - the loop's next round
    assert desk.sighted == ["intake"]
    (line,) = (json.loads(line) for line in LINES[before:] if "canary" in line)
    assert line.pop("timestamp")
    assert line == {
        "event": "canary.asked_about", "level": "warning", "consumer": "intake", "entry_id": watched.entry_id,
    }  # fmt: skip
    assert [set(each) for each in await desk.entries("intent")] == [set((await desk.entries("intent"))[0])] * 2


async def test_a_canary_named_as_guardian_is_noticed_too(desk: Desk):
    question = replace(verification(), guardian=in_a_row(8)[7])
    await desk.ledger.intend(question, signed(), "jilin-2018-05", 0.0)
    await asyncio.sleep(0)  # noqa: TID251
    assert desk.sighted == ["intake"]


async def test_a_flood_is_one_entry_a_minute_with_a_number(desk: Desk):
    slow = model.Limits(per_minute=1, burst=1)
    assert isinstance(await desk.ask(limits=slow), model.Intent)
    for _ in range(30):
        assert await desk.ask(limits=slow) == "rate_limited"
        desk.clock.now += 1
    assert [entry["count"] for entry in await desk.entries("limited")] == [1]
    desk.clock.now += 30
    assert isinstance(await desk.ask(limits=slow), model.Intent)
    assert await desk.ask(limits=slow) == "rate_limited"
    first, second = await desk.entries("limited")
    assert (first["count"], first["since"], second["count"]) == (1, None, 30)
    assert second["since"] == first["limited_at"] == "2018-05-02T00:00:00.000Z"
    assert desk.beyond == [("intake", "rate_limited")] * 31
    assert await desk.entries("refusal") == []


async def test_reads_and_refusals_spend_the_same_rate(desk: Desk):
    three = model.Limits(per_minute=1, burst=3)
    assert isinstance(await desk.ask(limits=three), model.Intent)
    await desk.ledger.read("intake", signed("read", three), "v-1")
    await desk.ledger.refused("intake", signed("refused", three), "scope")
    for again in (
        desk.ledger.read("intake", signed("read-2", three), "v-1"),
        desk.ledger.refused("intake", signed("refused-2", three), "scope"),
    ):
        with pytest.raises(errors.OverRate):
            await again
    assert len(await desk.entries("refusal")) == 1


async def test_the_rate_is_known_from_the_last_transaction_even_a_refused_one(desk: Desk):
    one = model.Limits(per_minute=1, burst=1)
    assert desk.ledger.arrival("intake") is None
    await desk.ask(limits=one)
    known = desk.ledger.arrival("intake")
    assert known is not None
    other = Ledger(desk.store, desk.clock, PSEUDONYMS)
    with pytest.raises(errors.OverRate):
        await other.read("intake", signed("x", one), "v-1")
    assert other.arrival("intake") == known


@pytest.mark.parametrize("status", STATUSES)
async def test_only_what_tells_about_somebody_binds_a_case(desk: Desk, status: model.Status):
    first, second = in_a_row(2)
    intent = await desk.ask(first)
    finding = model.Finding("household_registry", "query", status)
    said = verdict(intent.verification.verification_id)
    said = replace(said, judgements=(replace(said.judgements[0], sources=(finding,)),))
    await desk.ledger.conclude(intent, said, b"{}")
    refused = await desk.ask(second) == "case_bound"
    assert refused == (status in ("answered", "no_record", "subject_mismatch", "ambiguous"))
    assert isinstance(await desk.ask(first), model.Intent), "the same person may be asked about again"


async def test_no_person_or_case_stands_in_the_limits_in_clear(desk: Desk):
    intent = await desk.ask(guardian=FATHER)
    await desk.ledger.conclude(intent, verdict(), b"{}")
    kept = ""
    for table in ("account", "subject", "binding"):
        kept += repr(await desk.store.read(lambda c, t=table: c.execute(f"SELECT * FROM {t}").fetchall()))
    assert PSEUDONYMS.of("person", CHILD.citizen_id) in kept
    for secret in (CHILD.citizen_id, CHILD.name, FATHER.citizen_id, "JL2018050200123"):
        assert secret not in kept
