"""`gateway ledger prune`, `backup` and `restore` as an operator gives them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.commands.cli import app
from gateway.ledger.ledger import Ledger
from gateway.store.sqlite import Store
from tests.ledger.asking import PSEUDONYMS, StillClock, signed, verdict, verification


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--home", str(home)])


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def asked(home: Path, *names: str) -> None:
    """Questions of 2018 with their answers."""

    async def ask() -> None:
        async with Store.open(home / "ledger.sqlite3") as store:
            ledger = Ledger(store, StillClock(issued=1000 * len(names)), PSEUDONYMS)
            for name in names:
                intent = await ledger.intend(verification(name), signed(name), "jilin-2018-05", 77.5)
                await ledger.conclude(intent, verdict(name), f"answer to {name}".encode())

    asyncio.run(ask())


def test_prune_takes_what_is_older_than_the_retention_and_signs_the_act(home: Path):
    asked(home, "v-1", "v-2")
    pruned = run(home, "ledger", "prune", "--json")
    assert pruned.exit_code == 0, pruned.output
    assert json.loads(pruned.stdout) == {"pruned": [{"shard": 0, "before": 4, "bodies": 4}]}
    ledger = home / "ledger.sqlite3"
    assert rows(ledger, "SELECT COUNT(*) FROM entry WHERE body IS NULL") == [(4,)]
    assert rows(ledger, "SELECT size, covered, pruned FROM shard") == [(5, 5, 4)]
    assert rows(ledger, "SELECT COUNT(*) FROM answer") == [(0,)]
    again = run(home, "ledger", "prune")
    assert (again.exit_code, "nothing is old enough" in again.stdout) == (0, True)


def test_prune_before_a_day_spares_that_day(home: Path):
    asked(home, "v-1")
    assert "nothing is old" in run(home, "ledger", "prune", "--before", "2018-05-02").stdout
    assert "2 bodies below entry 2" in run(home, "ledger", "prune", "--before", "2018-05-03").stdout


@pytest.mark.parametrize("day", ["2999-01-01", "soon"])
def test_prune_before_a_day_to_come_is_refused(home: Path, day: str):
    asked(home, "v-1")
    assert run(home, "ledger", "prune", "--before", day).exit_code == 2
    assert rows(home / "ledger.sqlite3", "SELECT COUNT(*) FROM entry WHERE body IS NULL") == [(0,)]
