"""A person's history at the ledger's own door: pages, delays, epochs, pruning; and what is never in it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import errors, model
from gateway.ledger.accesses import Access, NoSuchCursor, Page, Wish
from gateway.ledger.ledger import Ledger
from gateway.ledger.watch import Watch
from gateway.security.epochs import TAKEN_UP_SECONDS, Epochs, Living
from gateway.security.pseudonyms import CASE, PERSON
from gateway.store.sqlite import Store
from tests.ledger.asking import (
    CASE_NUMBER,
    CHILD,
    FATHER,
    OPERATOR,
    PSEUDONYMS,
    StillClock,
    in_a_row,
    signed,
    verdict,
    verification,
)
from tests.ledger.test_epochs import epochs

DAY = 86400
BASIS = model.Ground((model.LegalBasis("依据", "the law"),))
DELAYED = replace(BASIS, disclose_after_days=30)
ROOMY = model.Limits(100_000, 100_000, 100_000)


@dataclass
class Portal:
    """A ledger, whoever asks, and a consumer that shows histories."""

    store: Store
    clock: StillClock = field(default_factory=StillClock)
    now: list[Epochs] = field(default_factory=lambda: [epochs("active")])
    sighted: list[str] = field(default_factory=list)
    done: int = 0

    def __post_init__(self) -> None:
        watch = Watch(frozenset({PSEUDONYMS.of(PERSON, FATHER.citizen_id)}), lambda *_: None, self.sighted.append)
        self.ledger = Ledger(self.store, self.clock, Living(lambda: self.now[0]), watch)

    async def ask(self, subject: model.Person = CHILD, ground: model.Ground = BASIS, **more: Any) -> model.Intent:
        self.done += 1
        asked = verification(f"v-{self.done}", subject=subject, case_number=f"case-{self.done}", **more)
        proof = signed(f"n-{self.done}", ROOMY)
        return await self.ledger.intend(replace(asked, ground=ground), proof, "jilin-2018-05", 0.0)

    async def view(self, person: model.Person = CHILD, limits: model.Limits = ROOMY, **more: Any) -> Page:
        self.done += 1
        wish = Wish(person.citizen_id, **more)
        return await self.ledger.accesses.view("portal", signed(f"n-{self.done}", limits), BASIS, wish)

    async def write(self, statement: str, *values: Any) -> None:
        await self.store.write(lambda connection: connection.execute(statement, values))


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[Portal]:
    Store.create(home / "ledger.db")
    async with Store.open(home / "ledger.db") as store:
        yield Portal(store)


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[Portal]:
    async with opened(tmp_path) as here:
        yield here


def ids(page: Page) -> list[str]:
    return [each.entry_id for each in page.accesses]


async def test_a_subject_sees_who_asked_and_why_and_a_guardian_only_their_part(portal: Portal) -> None:
    intent = await portal.ask(guardian=FATHER)
    (seen,) = (await portal.view(CHILD, case_numbers=("case-1", "another"))).accesses
    expected = Access(
        intent.entry_id, "asked", "2018-05-02T00:00:00.000Z", "intake", [{"zh": "依据", "en": "the law"}], "subject", "open",
        "229901000000", "exit_entry_application", PSEUDONYMS.of(CASE, "case-1"), "case-1", ["guardianship_proof"],
    )  # fmt: skip
    assert seen == expected
    (seen,) = (await portal.view(FATHER, case_numbers=(CASE_NUMBER,))).accesses
    assert seen == replace(expected, role="guardian", case_number=None)
    told = repr(seen)
    for other in (CHILD.citizen_id, CHILD.name, OPERATOR.id, OPERATOR.name, PSEUDONYMS.of(PERSON, CHILD.citizen_id)):
        assert other not in told


async def test_the_view_is_an_entry_that_the_next_view_shows(portal: Portal) -> None:
    assert (await portal.view()).accesses == ()
    portal.clock.now += 1
    (seen,) = (await portal.view()).accesses
    assert (seen.what, seen.consumer, seen.role, seen.outcome) == ("viewed", "portal", "subject", "answered")
    assert seen.at == "2018-05-02T00:00:00.000Z"
    assert (await portal.view(FATHER)).accesses == ()


async def test_what_became_of_it(portal: Portal) -> None:
    answered, lost = await portal.ask(guardian=None), await portal.ask(guardian=None)
    await portal.ledger.conclude(answered, verdict(answered.verification.verification_id), b"{}")
    portal.clock.now += 300
    await portal.ledger.close_lost("unwritten", portal.clock.now - 200)
    await portal.ask(guardian=None)
    assert [each.outcome for each in (await portal.view()).accesses] == ["open", "unknown", "answered"]
    assert lost.entry_id in ids(await portal.view())


async def test_a_view_spends_nonce_rate_and_people(portal: Portal) -> None:
    few = model.Limits(per_minute=60, burst=60, subjects_per_day=2)
    first, second, third = in_a_row(3)
    for person in (first, second, first):
        await portal.view(person, few)
    with pytest.raises(errors.OverBudget):
        await portal.view(third, few)
    with pytest.raises(errors.Replayed):
        await portal.ledger.accesses.view("portal", signed("n-1"), BASIS, Wish(first.citizen_id))
    with pytest.raises(errors.OverRate):
        await portal.view(first, model.Limits(per_minute=1, burst=1))
    assert portal.ledger.arrival("portal") is not None


async def test_who_looks_at_a_canarys_history_is_noticed(portal: Portal) -> None:
    await portal.view(FATHER)
    await asyncio.sleep(0)  # noqa: TID251 - the loop's next round
    assert portal.sighted == ["portal"]


async def test_a_cursor_is_its_persons_and_spends_nothing_where_it_is_wrong(portal: Portal) -> None:
    theirs = await portal.ask(FATHER, guardian=None)
    delayed = await portal.ask(CHILD, DELAYED, guardian=None)
    for cursor in (theirs.entry_id, delayed.entry_id, "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(NoSuchCursor):
            await portal.view(cursor=cursor)
    assert portal.ledger.arrival("portal") is None


async def test_what_is_delayed_is_not_there_until_its_day(portal: Portal) -> None:
    without = await portal.view(FATHER, limit=2)
    hidden = [await portal.ask(FATHER, DELAYED, guardian=None) for _ in range(300)]
    assert await portal.view(FATHER, limit=1) == replace(without, accesses=(await portal.view(FATHER)).accesses[1:])
    portal.clock.now += 30 * DAY - 1
    assert set(ids(await portal.view(FATHER, limit=100))).isdisjoint(each.entry_id for each in hidden)
    portal.clock.now += 1
    page = await portal.view(FATHER, limit=100)
    assert {each.entry_id for each in hidden}.issuperset(ids(page)[5:])
    assert page.next is not None


async def test_two_epochs_and_one_of_them_destroyed(portal: Portal) -> None:
    old = await portal.ask(guardian=None)
    portal.now[0] = epochs("former", "active")
    new = await portal.ask(guardian=None)
    page = await portal.view(case_numbers=("case-1",))
    assert (ids(page), page.complete_since) == ([new.entry_id, old.entry_id], None)
    assert [each.case_number for each in page.accesses] == [None, "case-1"]
    both = portal.now[0]
    portal.now[0] = Epochs(both.file, {"e2": both.keyed["e2"]})
    page = await portal.view()
    assert old.entry_id not in ids(page)
    assert new.entry_id in ids(page)
    assert page.complete_since == both.file.epochs[1].since.timestamp() + TAKEN_UP_SECONDS


async def test_what_was_pruned_is_said(portal: Portal) -> None:
    old = await portal.ask(guardian=None)
    portal.clock.now += 10
    kept = await portal.ask(guardian=None)
    assert (await portal.view(cursor=kept.entry_id)).complete_since is None
    await portal.write("UPDATE entry SET body = NULL WHERE entry_id = ?", old.entry_id)
    await portal.write("UPDATE shard SET pruned = 1")
    page = await portal.view()
    assert (ids(page)[-1], page.complete_since) == (kept.entry_id, old.asked_at + 1)
    with pytest.raises(NoSuchCursor):
        await portal.view(cursor=old.entry_id)


async def test_every_shard_is_searched(portal: Portal, tmp_path: Path) -> None:
    first = await portal.ask(guardian=None)
    async with Store.open(tmp_path / "ledger.db") as store:
        other = Portal(store, replace(portal.clock, now=portal.clock.now - 5, issued=1000), done=1000)
        second = await other.ask(guardian=None)
        third = await other.ask(guardian=None)
        assert ids(await portal.view()) == [first.entry_id, third.entry_id, second.entry_id]


STEPS = st.lists(st.sampled_from(["subject", "guardian", "other", "delayed", "tick"]), max_size=12)


@settings(max_examples=25, deadline=None)
@given(before=STEPS, meanwhile=st.lists(STEPS, min_size=1, max_size=4), limit=st.integers(1, 4))
def test_paging_never_loses_or_doubles(before: list[str], meanwhile: list[list[str]], limit: int) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as home:
            async with opened(Path(home)) as portal:
                await _paged(portal, before, meanwhile, limit)

    asyncio.run(run())


async def _paged(portal: Portal, before: list[str], meanwhile: list[list[str]], limit: int) -> None:
    expected = (await _steps(portal, before))[::-1]
    seen: list[str] = []
    cursor, turn = None, 0
    while turn == 0 or cursor is not None:
        page = await portal.view(limit=limit, cursor=cursor)
        seen += ids(page)
        assert len(page.accesses) == limit or page.next is None, "every page but the last is full"
        assert page.next in (None, seen[-1] if seen else None), "a cursor is made of what was shown"
        await _steps(portal, meanwhile[turn % len(meanwhile)])
        cursor, turn = page.next, turn + 1
    assert seen == expected


async def _steps(portal: Portal, steps: list[str]) -> list[str]:
    """What is done; gives the entries about the child that may be seen, oldest first."""
    visible = []
    for step in steps:
        if step == "tick":
            portal.clock.now += 1
        elif step == "delayed":
            await portal.ask(CHILD, DELAYED, guardian=None)
        elif step == "other":
            await portal.ask(FATHER, guardian=None)
        else:
            about = (CHILD, None) if step == "subject" else (FATHER, CHILD)
            visible.append((await portal.ask(about[0], guardian=about[1])).entry_id)
    return visible
