"""The open checks of a unit: they come with an answer, keep their age, and go with the answer that settles them."""

from __future__ import annotations

from functools import partial

from gateway.store import checks, tables
from gateway.store.checks import Check, Left, Position
from gateway.store.sqlite import Store
from gateway.store.tables import Addition, AlreadyThere, Answer
from tests.store.storing import entry, together

UNIT = "229901000000"


def left(
    name: str, *materials: str, revision: int = 1, at_ms: int = 1000, unit: str = UNIT, consumer: str = "intake"
) -> Left:
    return Left(name, revision, consumer, unit, at_ms, dict.fromkeys(materials, "timeout"))


def answered(name: str, *materials: str, revision: int = 1, **more: int) -> Addition:
    answer = Answer(name, revision, "intake", b"{}")
    return Addition(
        entry=entry(f"{name}-{revision}"), answer=answer, left=left(name, *materials, revision=revision, **more)
    )


async def listed(
    store: Store, after: Position | None = None, limit: int = 50, consumer: str = "intake", unit: str = UNIT
) -> list[Check]:
    return await store.read(partial(checks.page, consumer=consumer, unit_code=unit, after=after, limit=limit))


async def test_they_are_listed_oldest_first_to_the_unit_that_asked(store: Store) -> None:
    await store.add(answered("v-2", "permit", at_ms=2000))
    await store.add(answered("v-1", "proof", "permit", at_ms=1000))
    whole = await listed(store)
    assert [each.position for each in whole] == [
        (1000, "v-1", "permit"),
        (1000, "v-1", "proof"),
        (2000, "v-2", "permit"),
    ]
    assert {each.reason for each in whole} == {"timeout"}
    assert await listed(store, unit="220201000000") == []
    assert await listed(store, consumer="somebody-else") == []


async def test_page_by_page_they_are_the_whole(store: Store) -> None:
    for number in range(5):
        await store.add(answered(f"v-{number}", "permit", "proof", at_ms=1000 + number // 2))
    pages: list[Check] = []
    while page := await listed(store, pages[-1].position if pages else None, limit=3):
        pages += page
    assert pages == await listed(store)
    assert len(pages) == 10


async def test_a_later_revision_settles_and_what_stays_open_keeps_its_age(store: Store) -> None:
    await store.add(answered("v-1", "permit", "proof", at_ms=1000))
    await store.add(answered("v-1", "proof", "insurance", revision=2, at_ms=5000))
    assert [each.position for each in await listed(store)] == [(1000, "v-1", "proof"), (5000, "v-1", "insurance")]
    assert await store.read(checks.count) == {"insurance": 1, "proof": 1}
    await store.add(answered("v-1", revision=3))
    assert await listed(store) == []
    assert await store.read(checks.count) == {}


async def test_a_revision_that_exists_changes_no_check(store: Store) -> None:
    await store.add(answered("v-1", "permit"))
    await store.add(answered("v-1", revision=2))
    result, _ = await together(
        store, store.add(answered("v-1", "permit", revision=2)), store.add(answered("v-2", "proof"))
    )
    assert isinstance(result, AlreadyThere)
    assert [each.position.verification_id for each in await listed(store)] == ["v-2"]


async def test_two_entries_of_one_addition_stand_in_their_order(store: Store) -> None:
    before = store.counts.entries
    await store.add(Addition(first=entry("named"), entry=entry("names"), answer=Answer("v-1", 1, "intake", b"{}")))
    rows = await store.read(
        lambda connection: connection.execute("SELECT entry_id FROM entry ORDER BY place").fetchall()
    )
    assert rows[-2:] == [("entry-named",), ("entry-names",)]
    assert store.counts.entries == before + 2
    newest = await store.read(partial(tables.newest_answer, verification_id="v-1", consumer="intake"))
    assert newest is not None
    assert newest[1] == "entry-names"
