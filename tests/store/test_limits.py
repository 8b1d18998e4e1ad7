"""Rates, budgets and bound cases, as one process decides and as several on one file do."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

from gateway.errors import CaseBound, OverBudget, OverRate, Replayed
from gateway.model import USUAL_LIMITS, Limits
from gateway.store import commits, limits
from gateway.store.limits import BOUND_DAYS, Binding, Spending
from gateway.store.sqlite import Store
from gateway.store.tables import Addition
from tests.store.storing import NOW, asked, claim, entry, entry_ids, select, together

HOUR, DAY = 3600, 86400
FEW = Limits(per_minute=5, burst=5)
NARROW = Limits(per_minute=6000, burst=6000, subjects_per_day=3)


async def outcome(store: Store, addition: Addition) -> Any:
    (found,) = await asyncio.gather(store.add(addition), return_exceptions=True)
    return type(found) if isinstance(found, Exception) else "taken"


def answered(case: str, subject: str, *, at: float = NOW, consumer: str = "intake") -> Addition:
    return Addition(binding=Binding(consumer, case, subject, at))


async def test_one_consumers_questions_of_one_batch_are_counted_one_by_one(store: Store) -> None:
    results = await together(store, *(store.add(asked(str(n), limits=FEW)) for n in range(8)))
    assert [isinstance(each, OverRate) for each in results] == [False] * 5 + [True] * 3
    assert results[5].retry_after_seconds == 12
    assert results[5].arrival == results[4]
    assert await entry_ids(store) == [f"entry-{n}" for n in range(5)]


async def test_consumers_of_one_batch_pay_for_themselves(store: Store) -> None:
    work = [store.add(asked(f"{name}-{n}", consumer=name, limits=FEW)) for n in range(6) for name in ("a", "b")]
    assert [type(each) for each in await together(store, *work)] == [int] * 10 + [OverRate] * 2


async def test_what_is_refused_for_its_rate_spends_and_writes_nothing(store: Store) -> None:
    one = Limits(per_minute=1, burst=1)
    assert await outcome(store, asked("a", limits=one)) == "taken"
    before = await select(store, "SELECT * FROM account")
    assert await outcome(store, asked("b", limits=one)) is OverRate
    assert await select(store, "SELECT * FROM account") == before
    assert await select(store, "SELECT nonce FROM nonce") == [("nonce-a",)]
    assert await select(store, "SELECT subject FROM subject") == [("a",)]
    assert await outcome(store, asked("b", limits=one, at=NOW + 60)) == "taken"


async def test_a_replay_costs_its_victim_nothing(store: Store) -> None:
    assert await outcome(store, asked("a", limits=FEW)) == "taken"
    for _ in range(10):
        assert await outcome(store, asked("a", limits=FEW)) is Replayed
    assert await outcome(store, asked("b", limits=FEW)) == "taken"


async def test_asking_about_the_same_person_again_costs_no_budget(store: Store) -> None:
    def about(name: str, number: int) -> Addition:
        spending = Spending("intake", NARROW, NOW, name, f"case-{name}", (name,))
        return Addition(claim(f"{name}-{number}"), entry(f"{name}-{number}"), spending=spending)

    for number in range(4):
        for name in "abc":
            assert await outcome(store, about(name, number)) == "taken"
    assert await outcome(store, about("d", 0)) is OverBudget
    assert await outcome(store, about("a", 9)) == "taken"


async def test_a_budget_is_kept_within_a_batch(store: Store) -> None:
    work = [store.add(asked(name, limits=NARROW)) for name in "abcde"]
    assert [type(each) for each in await together(store, *work)] == [int] * 3 + [OverBudget] * 2


async def test_two_questions_about_one_new_person_at_once_cost_one(store: Store) -> None:
    def about_a(number: int) -> Addition:
        spending = Spending("intake", NARROW, NOW, "a", "case-a", ("a",))
        return Addition(claim(str(number)), entry(str(number)), spending=spending)

    results = await together(store, *(store.add(about_a(number)) for number in range(5)))
    assert [type(each) for each in results] == [int] * 5
    assert store.counts.batches == 1, "nobody's key was there already"
    assert await select(store, "SELECT spent FROM account") == [(f'{{"{int(NOW) // HOUR}": 1}}',)]


async def test_a_flood_makes_the_disk_write_nothing(store: Store) -> None:
    for n in range(5):
        await store.add(asked(str(n), limits=FEW))
    before = await store.read(lambda connection: connection.total_changes)
    for n in range(5, 9):
        assert await outcome(store, asked(str(n), limits=FEW)) is OverRate
    assert await store.read(lambda connection: connection.total_changes) == before


async def test_another_consumer_has_its_own_budget_and_cases(store: Store) -> None:
    for name in "abc":
        assert await outcome(store, asked(name, limits=NARROW)) == "taken"
    await store.add(answered("case-a", "a"))
    assert await outcome(store, asked("d", limits=NARROW)) is OverBudget
    assert await outcome(store, asked("x", case="case-a", limits=NARROW, consumer="other")) == "taken"


async def test_a_budget_comes_back_a_day_after_it_was_spent_and_not_before(store: Store) -> None:
    late = NOW + HOUR - 1
    for name in "abc":
        assert await outcome(store, asked(name, limits=NARROW, at=late)) == "taken"
    (refusal,) = await asyncio.gather(store.add(asked("d", limits=NARROW, at=late)), return_exceptions=True)
    assert isinstance(refusal, OverBudget)
    assert refusal.retry_after_seconds == 24 * HOUR + 1
    assert await outcome(store, asked("e", limits=NARROW, at=late + 24 * HOUR)) is OverBudget
    assert await outcome(store, asked("f", limits=NARROW, at=late + 24 * HOUR + 1)) == "taken"


async def test_a_budget_that_was_made_smaller_says_when_there_is_room_again(store: Store) -> None:
    for hour, names in enumerate(("ab", "cd", "ef")):
        for name in names:
            assert await outcome(store, asked(name, at=NOW + hour * HOUR)) == "taken"
    at, three = NOW + 2 * HOUR, Limits(subjects_per_day=3)
    (refusal,) = await asyncio.gather(store.add(asked("g", limits=three, at=at)), return_exceptions=True)
    assert isinstance(refusal, OverBudget)
    assert refusal.retry_after_seconds == 24 * HOUR, "the second hour must pass out of the day, too"
    assert await outcome(store, asked("h", limits=three, at=at + 24 * HOUR - 1)) is OverBudget
    assert await outcome(store, asked("i", limits=three, at=at + 24 * HOUR)) == "taken"


async def test_a_clock_set_back_locks_nobody_out_of_their_budget(store: Store) -> None:
    for name in "abc":
        assert await outcome(store, asked(name, limits=NARROW, at=NOW + 365 * DAY)) == "taken"
    assert await outcome(store, asked("d", limits=NARROW)) == "taken"


async def test_a_read_spends_its_rate_and_no_more(store: Store) -> None:
    for n in range(5):
        assert await outcome(store, Addition(claim(str(n)), spending=Spending("intake", FEW, NOW))) == "taken"
    assert await outcome(store, Addition(claim("x"), spending=Spending("intake", FEW, NOW))) is OverRate
    assert await select(store, "SELECT * FROM subject") == []


async def test_what_counts_no_more_goes_in_small_bites_and_the_rest_stays(store: Store) -> None:
    old, later = commits.SWEEP_EVERY_CLAIMS * 5, NOW + (BOUND_DAYS + 1) * DAY
    for n in range(old):
        await store.add(asked(f"old-{n}"))
        await store.add(answered(f"case-{n}", str(n)))
    for n in range(20):
        await store.add(asked(f"live-{n}", at=later))
        await store.add(answered(f"live-{n}", str(n), at=later))
    left = []
    for n in range(commits.SWEEP_EVERY_CLAIMS * 4):
        await store.add(Addition(claim(f"later-{n}", at=later), spending=Spending("reader", USUAL_LIMITS, later + n)))
        left.append((await select(store, "SELECT COUNT(*) FROM subject"))[0][0])
    assert max(before - after for before, after in pairwise(left)) <= 4 * (commits.SWEEP_EVERY_CLAIMS + 1)
    assert await select(store, "SELECT COUNT(*) FROM subject WHERE subject LIKE 'old%'") == [(0,)]
    assert await select(store, "SELECT COUNT(*) FROM binding WHERE case_number LIKE 'case%'") == [(0,)]
    assert await select(store, "SELECT COUNT(*) FROM subject") == [(20,)]
    assert await select(store, "SELECT COUNT(*) FROM binding") == [(20,)]


def test_a_table_never_grows_far_beyond_what_counts(path: Path) -> None:
    """Two weeks of a hundred new people an hour."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        sweeper, largest = limits.Sweeper(), 0
        connection.execute("BEGIN")  # never committed: the disk is not what is asked about
        for hour in range(14 * 24):
            for half in range(2):
                rows = [("intake", f"{n * 7919 % 10007:05}-{hour}-{half}", int(NOW // HOUR) + hour) for n in range(50)]
                connection.executemany("INSERT INTO subject VALUES (?, ?, ?)", rows)
                sweeper.sweep(connection, NOW + hour * HOUR, 4 * 50)
            largest = max(largest, connection.execute("SELECT COUNT(*) FROM subject").fetchone()[0])
    assert 25 * 100 <= largest <= 25 * 100 * 4 / 3 + 200


async def test_limits_are_kept_across_a_reopening(path: Path) -> None:
    async with Store.open(path) as store:
        for name in "abc":
            await store.add(asked(name, limits=NARROW))
        await store.add(answered("case-a", "a"))
        await store.add(Addition(claim("slow"), spending=Spending("slow", Limits(1, 1), NOW)))
    async with Store.open(path) as store:
        assert await outcome(store, asked("d", limits=NARROW)) is OverBudget
        assert await outcome(store, asked("e", case="case-a")) is CaseBound
        assert await outcome(store, Addition(claim("y"), spending=Spending("slow", Limits(1, 1), NOW))) is OverRate
