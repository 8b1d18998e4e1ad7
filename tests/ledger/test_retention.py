"""What was asked too long ago loses its body and what points to it; its place in the tree, and every proof, stays."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway import errors
from gateway.ledger import retention
from gateway.ledger.ledger import Ledger
from gateway.ledger.retention import Daily, Pruned
from gateway.proofs import proving
from gateway.store import pruning, shards
from gateway.store.sqlite import Store
from gateway.store.turns import alone
from tests.ledger.asking import PSEUDONYMS, StillClock, signed, verdict, verification

MAY = 1_525_219_200.0
YEAR = 366 * 86_400.0


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.db"
    Store.create(path)
    return path


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    async with Store.open(path) as store:
        yield store


@pytest.fixture
def ledger(store: Store, clock: StillClock) -> Ledger:
    return Ledger(store, clock, PSEUDONYMS)


async def answered(ledger: Ledger, name: str) -> None:
    intent = await ledger.intend(verification(name), signed(name), "jilin-2018-05", 77.5)
    await ledger.conclude(intent, verdict(name), f"answer to {name}".encode())


async def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = await store.read(lambda connection: connection.execute(sql).fetchall())
    return found


async def bodies(store: Store) -> list[str | None]:
    """Of every entry its kind, or None once its body went."""
    found = await rows(store, "SELECT kind, body FROM entry ORDER BY place")
    return [None if body is None else kind for kind, body in found]


def content(path: Path) -> bytes:
    return path.read_bytes()


async def prune(path: Path, store: Store, ledger: Ledger, before: float) -> list[retention.Bite]:
    return [bite async for bite in Pruned(path, store, ledger, "op").bites(before)]


async def test_what_is_old_goes_and_what_is_young_stays(path: Path, store: Store, ledger: Ledger, clock: StillClock):
    await answered(ledger, "v-old")
    clock.now += YEAR
    await answered(ledger, "v-young")
    await prune(path, store, ledger, MAY + 1)
    assert await bodies(store) == [None, None, "intent", "outcome", "act"]
    assert await ledger.answer("v-old", "intake") is None
    assert (await ledger.answer("v-young", "intake") or (b"",))[0] == b"answer to v-young"
    assert {place for (place,) in await rows(store, "SELECT place FROM about")} == {2}
    ((body,),) = await rows(store, "SELECT body FROM entry WHERE kind = 'act'")
    act = json.loads(body)
    assert (act["act"], act["who"]) == ("pruned", "op")
    assert act["details"] == {"shard": 0, "before": 2, "cutoff": "2018-05-02T00:00:01.000Z"}
    assert await rows(store, "SELECT pruned FROM shard") == [(2,)]


async def test_a_pruned_entry_is_still_proved(path: Path, store: Store, ledger: Ledger, clock: StillClock):
    await answered(ledger, "v-1")
    leaf = (await store.read(partial(shards.leaf_hashes, number=0, first=1, count=1)))[0]
    clock.now += YEAR
    await prune(path, store, ledger, clock.now)
    assert (await bodies(store))[:2] == [None, None]

    def prove(connection: Any) -> list[bytes]:
        return proving.inclusion(1, 3, shards.Reading(connection, 0).hashes)

    proof = await store.read(prove)
    proving.check_inclusion(leaf, 1, 3, proof, store.edge.root)


async def test_a_question_without_an_end_stays_and_so_does_what_came_after(
    path: Path, store: Store, ledger: Ledger, clock: StillClock
):
    await answered(ledger, "v-1")
    await ledger.intend(verification("v-2"), signed("v-2"), "jilin-2018-05", 77.5)
    await answered(ledger, "v-3")
    clock.now += YEAR
    await prune(path, store, ledger, clock.now)
    assert await bodies(store) == [None, None, "intent", "intent", "outcome", "act"]


async def test_the_act_is_written_before_a_body_goes(path: Path, store: Store, ledger: Ledger, clock: StillClock):
    await answered(ledger, "v-1")
    clock.now += YEAR
    bites = Pruned(path, store, ledger, "op").bites(clock.now)
    assert (await anext(bites)).pruned == 0
    assert await bodies(store) == ["intent", "outcome"]
    await bites.aclose()  # as a crash does between the two
    await ledger.act("pruned", "op", {"shard": 0, "before": 2})
    assert [bite.pruned for bite in await prune(path, store, ledger, MAY + 1)] == [0, 2]


async def test_acts_keep_their_bodies(path: Path, store: Store, ledger: Ledger, clock: StillClock):
    await ledger.act("started", "gateway", {})
    await answered(ledger, "v-1")
    clock.now += YEAR
    await prune(path, store, ledger, clock.now)
    assert await bodies(store) == ["act", None, None, "act"]
    assert await prune(path, store, ledger, MAY + 1) == [], "nothing is old that was not pruned"


async def test_a_bite_is_small_and_a_shard_that_another_process_holds_is_pruned_too(
    path: Path, store: Store, ledger: Ledger, clock: StillClock
):
    for number in range(130):
        await ledger.act("started", "gateway", {})
        await answered(ledger, f"v-{number}")
    clock.now += YEAR
    async with Store.open(path) as other:
        assert other.shard == 1
        bites = await prune(path, other, Ledger(other, clock, PSEUDONYMS), clock.now)
    assert [bite.pruned for bite in bites] == [0, 166, 94]
    assert set(await bodies(store)) == {None, "act"}
    await answered(ledger, "v-more")


async def test_while_another_process_prunes_nobody_else_does(path: Path, store: Store, ledger: Ledger):
    await answered(ledger, "v-1")
    with alone(path, "prune"):
        assert await prune(path, store, ledger, MAY + YEAR) == []
    assert await bodies(store) == ["intent", "outcome"]


async def test_nothing_of_it_is_left_in_the_file(path: Path, store: Store, ledger: Ledger, clock: StillClock):
    await answered(ledger, "v-1")
    await store.read(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    person = (await rows(store, "SELECT person FROM about"))[0][0].encode()
    assert person in content(path)
    clock.now += YEAR
    await prune(path, store, ledger, clock.now)
    await store.read(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    left = content(path)
    assert b"answer to v-1" not in left
    assert b'"asked_at"' not in left


async def test_once_a_day_a_bite_at_a_time(path: Path, store: Store, ledger: Ledger, clock: StillClock):
    await answered(ledger, "v-1")
    clock.now += YEAR
    daily = Daily(Pruned(path, store, ledger, "gateway"), clock, 12)
    await daily.step()
    assert await bodies(store) == ["intent", "outcome"]
    await daily.step()
    await daily.step()
    assert await bodies(store) == [None, None, "act"]
    clock.now += 86_399
    await answered(ledger, "v-2")
    clock.now += 1
    await daily.step()
    await daily.close()


async def test_a_day_that_failed_ends_and_the_next_one_prunes(
    path: Path, store: Store, ledger: Ledger, clock: StillClock
):
    await answered(ledger, "v-1")
    clock.now += YEAR
    daily = Daily(Pruned(path, store, ledger, "gateway"), clock, 12)
    await daily.step()
    await store.read(lambda connection: connection.execute("PRAGMA query_only = 1").fetchall())
    with pytest.raises(errors.Unwritable):
        await daily.step()
    await store.read(lambda connection: connection.execute("PRAGMA query_only = 0").fetchall())
    await daily.step()
    assert await bodies(store) == ["intent", "outcome"], "not before the next day"
    clock.now += 86_400
    for _ in range(3):
        await daily.step()
    assert await bodies(store) == [None, None, "act"]


@pytest.mark.parametrize(
    ("now", "months", "expected"),
    [
        (date(2018, 5, 2), 12, date(2017, 5, 2)),
        (date(2020, 2, 29), 12, date(2019, 2, 28)),
        (date(2018, 1, 31), 2, date(2017, 11, 30)),
        (date(2018, 12, 31), 1, date(2018, 11, 30)),
    ],
)
def test_months_are_those_of_the_counters_calendar(now: date, months: int, expected: date):
    assert retention.cutoff(retention.midnight(now) + 3600, months) == retention.midnight(expected)


def test_midnight_is_the_counters():
    assert retention.midnight(date(2018, 5, 2)) == MAY - 8 * 3600


@pytest.mark.parametrize("body", [b"\xff", b"[]", b"{}", b'{"verification_id":1,"subject":2}'])
def test_a_body_that_names_nothing_is_taken_out_too(body: bytes):
    assert retention.named(body) == pruning.Named()
