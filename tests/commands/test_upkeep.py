"""`gateway ledger prune`, `backup` and `restore` as an operator gives them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.clock import SystemClock
from gateway.commands.cli import app
from gateway.errors import Replayed
from gateway.ledger.endings import nothing_known
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


def grown(home: Path, *names: str) -> None:
    """The same, and the head over it is signed and kept."""
    asked(home, *names)
    assert run(home, "ledger", "prune", "--before", "2000-01-01").exit_code == 0


def acted(home: Path) -> None:
    """An act, signed: no question, because what was signed in 2018 is a replay once a backup was put back."""

    async def act() -> None:
        async with Store.open(home / "ledger.sqlite3") as store:
            await Ledger(store, SystemClock(), PSEUDONYMS).act("started", "gateway", {})

    asyncio.run(act())
    grown(home)


def names(home: Path) -> list[str]:
    return sorted(path.name for path in home.iterdir())


def acts(home: Path) -> list[dict[str, Any]]:
    found = rows(home / "ledger.sqlite3", "SELECT body FROM entry WHERE kind = 'act' ORDER BY place")
    return [json.loads(body) for (body,) in found]


@pytest.fixture
def backup(home: Path, tmp_path: Path) -> Path:
    """Of the ledger before its last question."""
    grown(home, "v-1")
    made = run(home, "ledger", "backup", str(tmp_path / "backup"), "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["shards"] == [{"shard": 0, "entries": 2}]
    grown(home, "v-2", "v-3")
    return tmp_path / "backup"


def test_a_backup_is_one_file_for_its_owner_and_overwrites_nothing(home: Path, backup: Path):
    assert backup.stat().st_mode & 0o777 == 0o600
    before = backup.read_bytes()
    again = run(home, "ledger", "backup", str(backup))
    assert again.exit_code == 2
    assert "nothing is copied over it" in again.output
    assert backup.read_bytes() == before
    assert not [path.name for path in backup.parent.iterdir() if path.name.startswith(".")]


def test_a_backup_of_a_changed_ledger_is_not_kept(home: Path, tmp_path: Path):
    grown(home, "v-1")
    with closing(sqlite3.connect(home / "ledger.sqlite3", isolation_level=None)) as connection:
        connection.execute("UPDATE entry SET leaf_hash = zeroblob(32) WHERE place = 1")
    made = run(home, "ledger", "backup", str(tmp_path / "backup"))
    assert (made.exit_code, "shard 0 of the ledger" in made.output) == (2, True)
    assert not (tmp_path / "backup").exists()


async def test_a_backup_is_made_while_the_gateway_runs(home: Path, tmp_path: Path):
    await asyncio.to_thread(grown, home, "v-1")
    async with Store.open(home / "ledger.sqlite3") as store:
        ledger = Ledger(store, StillClock(issued=50), PSEUDONYMS)
        await ledger.act("started", "gateway", {})
        made = await asyncio.to_thread(run, home, "ledger", "backup", str(tmp_path / "backup"))
        assert "shard 0: 3 entries" in made.output
        await ledger.act("stopped", "gateway", {})


def test_a_file_put_back_by_hand_does_not_start(home: Path, backup: Path):
    (home / "ledger.sqlite3").write_bytes(backup.read_bytes())
    started = run(home, "ledger", "prune")
    assert started.exit_code == 2
    assert "it was rolled back" in started.output


def test_a_restored_ledger_starts_goes_on_in_a_new_shard_and_says_what_was_lost(home: Path, backup: Path):
    ledger = home / "ledger.sqlite3"
    lost = (home / "ledger.checkpoints" / "0").read_text()
    done = run(home, "ledger", "restore", str(backup), "--why", "the disk broke", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["shards"] == [{"shard": 0, "entries": 2, "signed": 6}]
    assert rows(Path(told["replaced"]), "SELECT COUNT(*) FROM entry") == [(6,)]
    assert rows(ledger, "SELECT number, size, closed FROM shard") == [(0, 2, 1), (told["goes_on_in"], 1, 0)]
    (act,) = acts(home)
    assert (act["act"], act["why"]) == ("restored", "the disk broke")
    assert act["details"]["sizes"] == {"0": 2}
    assert act["details"]["lost"] == {"0": [lost]}
    acted(home)  # it starts
    assert rows(ledger, "SELECT size, covered FROM shard WHERE closed = 0") == [(2, 2)]
    with pytest.raises(Replayed):
        asked(home, "v-9")
    verified = run(home, "ledger", "verify", "--json")
    assert json.loads(verified.stdout)["flaws"] == []
    (home / "ledger.checkpoints" / "0").write_text(lost.replace("6\n", "7\n", 1))
    assert run(home, "ledger", "prune").exit_code == 2, "only what was written down is excused"


def test_a_restored_ledger_rolled_back_again_does_not_start(home: Path, backup: Path):
    ledger = home / "ledger.sqlite3"
    assert run(home, "ledger", "restore", str(backup), "--why", "a test").exit_code == 0
    restored = ledger.read_bytes()
    acted(home)
    ledger.write_bytes(restored)
    assert "it was rolled back" in run(home, "ledger", "prune").output


def test_nothing_that_was_signed_before_can_be_used_after(home: Path, backup: Path):
    assert run(home, "ledger", "restore", str(backup), "--why", "a test").exit_code == 0
    ((floor,),) = rows(home / "ledger.sqlite3", "SELECT floor FROM meta")
    ((body,),) = rows(home / "ledger.sqlite3", "SELECT body FROM entry WHERE kind = 'act'")
    at = datetime.fromisoformat(json.loads(body)["at"]).timestamp()
    assert 4 <= floor - int(at) <= 5


def test_a_question_that_the_backup_left_open_is_closed_in_the_new_shard(home: Path, tmp_path: Path):
    async def ask() -> None:
        async with Store.open(home / "ledger.sqlite3") as store:
            await Ledger(store, StillClock(), PSEUDONYMS).intend(verification(), signed(), "jilin-2018-05", 77.5)

    asyncio.run(ask())
    assert run(home, "ledger", "backup", str(tmp_path / "backup")).exit_code == 0
    restored = run(home, "ledger", "restore", str(tmp_path / "backup"), "--why", "a test")
    assert "shard 0: 1 entries" in restored.output
    assert run(home, "ledger", "prune", "--before", "2000-01-01").exit_code == 0
    ledger = home / "ledger.sqlite3"
    assert rows(ledger, "SELECT COUNT(*) FROM open_intent") == [(1,)], "the commands have no policies to answer it by"
    asyncio.run(_started(ledger))
    assert rows(ledger, "SELECT kind FROM entry ORDER BY place") == [("intent",), ("act",), ("closed",)]
    assert rows(ledger, "SELECT revision FROM answer") == [(1,)], "its asker finds it under the id"
    assert rows(ledger, "SELECT COUNT(*) FROM open_intent") == [(0,)]


async def _started(ledger: Path) -> None:
    """What the next gateway does first with what a shard that nobody writes any more left open."""
    async with Store.open(ledger) as store:
        await Ledger(store, StillClock(), PSEUDONYMS, unanswered=nothing_known).close_lost("stopped", shard=0)


async def test_nothing_is_put_back_while_a_process_writes(home: Path, backup: Path):
    before = names(home)
    async with Store.open(home / "ledger.sqlite3"):
        refused = await asyncio.to_thread(run, home, "ledger", "restore", str(backup), "--why", "a test")
    assert (refused.exit_code, "stop it first" in refused.output) == (2, True)
    assert names(home) == before
    assert rows(home / "ledger.sqlite3", "SELECT COUNT(*) FROM entry") == [(6,)]


@pytest.mark.parametrize("content", [None, b"", b"not a database, but long enough to look like one" * 40])
def test_only_a_ledger_is_put_back(home: Path, tmp_path: Path, content: bytes | None):
    if content is not None:
        (tmp_path / "wrong").write_bytes(content)
    assert run(home, "ledger", "restore", str(tmp_path / "wrong"), "--why", "a test").exit_code == 2
    assert rows(home / "ledger.sqlite3", "SELECT COUNT(*) FROM shard") == [(0,)]


def test_a_backup_of_another_history_is_refused(home: Path, backup: Path):
    with closing(sqlite3.connect(backup, isolation_level=None)) as connection:
        connection.execute("UPDATE entry SET leaf_hash = zeroblob(32) WHERE place = 1")
    refused = run(home, "ledger", "restore", str(backup), "--why", "a test")
    assert (refused.exit_code, "not those that we signed" in refused.output) == (2, True)
    (home / "ledger.checkpoints" / "0").write_bytes(b"")
    assert "no checkpoint of ours" in run(home, "ledger", "restore", str(backup), "--why", "a test").output
    assert rows(home / "ledger.sqlite3", "SELECT COUNT(*) FROM entry") == [(6,)]


def test_a_ledger_that_is_broken_or_gone_is_replaced_too(home: Path, backup: Path):
    ledger = home / "ledger.sqlite3"
    ledger.write_bytes(b"broken" * 4000)
    assert run(home, "ledger", "restore", str(backup), "--why", "broken").exit_code == 0
    ledger.unlink()
    told = run(home, "ledger", "restore", str(backup), "--why", "gone")
    assert (told.exit_code, "at least 4 entries" in told.output) == (0, True)
    assert rows(ledger, "SELECT number, closed FROM shard") == [(0, 1), (2, 0)]
