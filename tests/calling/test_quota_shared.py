"""One quota for every process on a store, over restarts, crashes and whatever order their leases are written in."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.calling.quota import Account, Accounts, OutOfCalls, quota
from gateway.calling.tasks import Tasks
from gateway.model import Check, Finding, Intent
from gateway.store.quotas import WINDOW
from gateway.store.sqlite import Store
from tests.calling.counting import Leases, account, database
from tests.calling.doubles import check, finding, intent, turns
from tests.still import StillClock

HOUR, ON_THE_WAY = 3600.0, 60.0
"""No call is longer on its way than an attempt may last."""
QUOTA = 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "ledger.db"
    Store.create(made)
    return made


@dataclass
class Wire:
    """Notes when it was asked, and answers."""

    clock: StillClock
    sent: list[float] = field(default_factory=list)

    async def __call__(self, intent: Intent, check: Check) -> Finding:
        self.sent.append(self.clock.unix())
        return finding()

    def is_within(self, most: int) -> bool:
        """No hour, wherever it begins, has more: at our door, nor at theirs should the first call be late there."""
        apart = HOUR + ON_THE_WAY
        return all(later - first >= apart for first, later in zip(self.sent, self.sent[most:], strict=False))


class Process:
    """One that asks, and may be gone in the middle of anything."""

    def __init__(self, connection: sqlite3.Connection, tasks: Tasks, wire: Wire) -> None:
        self._connection, self._tasks, self._wire = connection, tasks, wire
        self.asking: list[asyncio.Future[Finding] | asyncio.Future[None]] = []
        self.start()

    def start(self) -> None:
        """Anew, without a memory. What the last one had asked the store for may still be written."""
        for each in self.asking:
            each.cancel()
        self.leases = Leases(self._connection)
        self.account: Account = account(self.leases, self._tasks, self._wire.clock, QUOTA)

    def ask(self) -> None:
        self.asking.append(asyncio.ensure_future(quota(self.account)(self._wire)(intent(), check())))

    async def do(self, what: str) -> None:
        if what == "ask":
            self.ask()
        elif what == "look":
            self.asking.append(asyncio.ensure_future(self.account.look(0)))
        elif what == "restart":
            self.start()
        elif what == "hold":
            self.leases.gate = asyncio.Event()
        elif what == "go" and self.leases.gate is not None:
            self.leases.gate.set()
        else:
            self.leases.is_lost = what == "lose"
        await turns(8)


STEPS = st.one_of(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["ask", "ask", "ask", "ask", "look", "restart", "hold", "go", "lose", "find"]),
    ),
    st.sampled_from([1.0, 59.0, 60.0, 61.0, 1770.0, 3541.0, 3599.0, 3659.0]),
)


@settings(max_examples=200)
@given(steps=st.lists(STEPS, min_size=5, max_size=60))
def test_no_hour_ever_has_more_than_the_quota(steps: list[tuple[int, str] | float]) -> None:
    asyncio.run(_played(steps))


async def _played(steps: list[tuple[int, str] | float]) -> None:
    clock = StillClock()
    wire = Wire(clock)
    with closing(database()) as connection:
        async with Tasks(close_seconds=0.0) as tasks:
            processes = [Process(connection, tasks, wire) for _ in range(2)]
            for step in steps:
                if isinstance(step, float):
                    clock.move(step)
                else:
                    await processes[step[0]].do(step[1])
            for process in processes:
                process.start()
                await asyncio.gather(*process.asking, return_exceptions=True)
            assert wire.is_within(QUOTA)
            clock.move(WINDOW * 60)
            before = len(wire.sent)
            for process in processes * QUOTA:
                await process.do("ask")
            assert len(wire.sent) == before + QUOTA, "nor is any of it lost for longer than that"


async def ask_until_spent(drawn: Account, wire: Wire) -> None:
    with_quota = quota(drawn)(wire)
    try:
        while True:
            await with_quota(intent(), check())
    except OutOfCalls:
        return


async def test_two_processes_on_one_file_make_exactly_the_quota_and_no_more_after_a_restart(path: Path):
    clock = StillClock()
    wire = Wire(clock)
    async with Store.open(path) as one, Store.open(path) as two, Tasks() as tasks:
        both = [Accounts(store, tasks, clock) for store in (one, two)]
        await asyncio.gather(*(ask_until_spent(each.opened("a", "share", 200), wire) for each in both))
        assert len(wire.sent) == 200
        for accounts in both:
            await accounts.look()
            assert [each.left for each in accounts.all] == [0]
    async with Store.open(path) as again, Tasks() as tasks:
        await ask_until_spent(Accounts(again, tasks, clock).opened("a", "share", 200), wire)
        assert len(wire.sent) == 200
        clock.move(WINDOW * 60)
        await ask_until_spent(Accounts(again, tasks, clock).opened("a", "share", 200), wire)
    assert len(wire.sent) == 400


async def test_who_ends_gives_back_and_who_crashes_loses_the_rest_of_its_lease(path: Path):
    clock = StillClock()
    wire = Wire(clock)
    async with Store.open(path) as store, Tasks() as tasks:
        for is_crash in (False, True):
            accounts = Accounts(store, tasks, clock)
            await quota(accounts.opened("a", "share", 500))(wire)(intent(), check())
            if not is_crash:
                await accounts.close()
        await ask_until_spent(Accounts(store, tasks, clock).opened("a", "share", 500), wire)
    assert len(wire.sent) == 500 - 9


async def test_what_ended_leases_left_over_goes_back_by_itself(path: Path):
    clock = StillClock()
    wire = Wire(clock)
    async with Store.open(path) as store, Tasks() as tasks:
        accounts = Accounts(store, tasks, clock)
        drawn = accounts.opened("a", "share", 500)
        await quota(drawn)(wire)(intent(), check())
        clock.move(60)
        await accounts.look()
        assert drawn.left == 499
        await ask_until_spent(Accounts(store, tasks, clock).opened("a", "share", 500), wire)
    assert len(wire.sent) == 500
