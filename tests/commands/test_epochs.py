"""`gateway epochs` as a person runs it, what it leaves on the disk, and what the doctor says of it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from gateway import installation
from gateway.commands import acting
from gateway.commands.cli import app
from gateway.errors import BrokenFiles
from gateway.security.pseudonyms import PERSON
from gateway.store import shards
from gateway.store.sqlite import Store


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["epochs", *arguments, "--home", str(home)])


def listed(home: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(home, "list", "--json").stdout)["epochs"]
    return found


def doctor(home: Path) -> str:
    return CliRunner().invoke(app, ["doctor", "--home", str(home)]).output


def test_a_new_installation_has_one_epoch(home: Path) -> None:
    (only,) = listed(home)
    assert (only["epoch"], only["state"], only["key"]) == ("epoch-1", "active", "file:keys/pseudonyms-epoch-1.key")
    assert (home / "keys" / "pseudonyms-epoch-1.key").stat().st_mode & 0o777 == 0o600
    assert "epoch-1 active" in doctor(home)


def test_a_new_epoch_writes_and_the_one_before_is_looked_up(home: Path) -> None:
    before = installation.read(home).keys.pseudonyms.of(PERSON, "x")
    result = run(home, "new")
    assert (result.exit_code, "gateway canaries" in result.stdout) == (0, True), result.output
    assert [each["state"] for each in listed(home)] == ["former", "active"]
    after = installation.read(home).keys.pseudonyms
    assert after.every(PERSON, "x") == (after.of(PERSON, "x"), before)
    assert after.of(PERSON, "x").startswith("epoch-2:")


async def test_a_gateway_that_runs_has_it_at_its_next_look(home: Path) -> None:
    keys = installation.read(home).keys
    living = keys.pseudonyms
    assert run(home, "new").exit_code == 0
    assert await keys.epochs.poll()
    assert living.of(PERSON, "x").startswith("epoch-2:")
    result = await asyncio.to_thread(run, home, "destroy", "epoch-1", "--reason", "over", "--yes")
    assert result.exit_code == 0
    assert await keys.epochs.poll()
    assert len(living.every(PERSON, "x")) == 1


def test_destruction_takes_the_key_away_and_says_what_is_left_to_do(home: Path) -> None:
    secret = (home / "keys" / "pseudonyms-epoch-1.key").read_text().strip()
    run(home, "new")
    result = run(home, "destroy", "epoch-1", "--reason", "12 months are over", "--yes")
    assert result.exit_code == 0, result.output
    assert "every backup and snapshot of the key must be destroyed too" in result.stdout
    assert not (home / "keys" / "pseudonyms-epoch-1.key").exists()
    assert all(secret not in path.read_text("latin-1") for path in home.rglob("*") if path.is_file())
    (old, _) = listed(home)
    assert (old["state"], old["reason"], "destroyed_at" in old) == ("destroyed", "12 months are over", True)
    assert installation.read(home).keys.pseudonyms.under("epoch-1") is None
    assert run(home, "destroy", "epoch-1", "--reason", "again", "--yes").exit_code == 1


def test_what_cannot_be_destroyed_stays(home: Path) -> None:
    assert run(home, "destroy", "epoch-1", "--reason", "x", "--yes").exit_code == 1, "it is the active one"
    assert run(home, "destroy", "nothing", "--reason", "x", "--yes").exit_code == 1
    run(home, "new")
    assert run(home, "destroy", "epoch-1", "--reason", "x").exit_code == 2, "nobody can be asked"
    assert run(home, "destroy", "epoch-1", "--yes").exit_code == 2, "nobody said why"
    assert run(home, "new", "--id", "epoch-1").exit_code == 1
    assert run(home, "new", "--id", "../x").exit_code == 2
    assert [each["state"] for each in listed(home)] == ["former", "active"]
    assert (home / "keys" / "pseudonyms-epoch-1.key").exists()


def test_a_destruction_that_was_cut_short_is_seen_and_ended(home: Path) -> None:
    run(home, "new")
    key = home / "keys" / "pseudonyms-epoch-1.key"
    kept = key.read_bytes()
    run(home, "destroy", "epoch-1", "--reason", "over", "--yes")
    key.write_bytes(kept)
    assert "epoch-1 is destroyed, and its key is still at file:keys/pseudonyms-epoch-1.key" in doctor(home)
    assert run(home, "destroy", "epoch-1", "--yes").exit_code == 0
    assert not key.exists()
    assert listed(home)[0]["reason"] == "over"


def acts(home: Path) -> list[tuple[dict[str, Any], bool]]:
    """Every act of the destruction of an epoch, and whether its shard's checkpoint covers it."""
    with closing(sqlite3.connect(home / "ledger.sqlite3")) as connection:
        rows = connection.execute(
            "SELECT body, seq < covered FROM (SELECT *, place % (1 << 40) AS seq FROM entry)"
            " JOIN shard ON number = place >> 40 WHERE kind = 'act'"
        )
        found = [(json.loads(body), bool(is_covered)) for body, is_covered in rows]
    return [each for each in found if each[0]["act"] == "epoch_destroyed"]


def test_the_ledger_says_what_was_destroyed_why_and_by_whom(home: Path) -> None:
    run(home, "new")
    assert run(home, "destroy", "epoch-1", "--reason", "12 months are over", "--yes").exit_code == 0
    ((said, is_covered),) = acts(home)
    assert (said["details"], said["why"], said["who"]) == ({"epoch": "epoch-1"}, "12 months are over", acting.who())
    assert is_covered
    assert run(home, "destroy", "epoch-1", "--yes").exit_code == 1
    assert len(acts(home)) == 1
    assert CliRunner().invoke(app, ["ledger", "verify", "--home", str(home)]).exit_code == 0


async def test_it_is_written_beside_a_gateway_that_runs(home: Path) -> None:
    run(home, "new")
    async with Store.open(home / "ledger.sqlite3") as held:
        result = await asyncio.to_thread(run, home, "destroy", "epoch-1", "--reason", "over", "--yes")
        assert (result.exit_code, held.shard) == (0, 0), result.output
        assert [shard.number for shard in await held.read(shards.read) if shard.covered] == [1]
    assert len(acts(home)) == 1


def test_what_the_ledger_does_not_take_is_not_done(home: Path) -> None:
    run(home, "new")
    (home / "ledger.sqlite3").rename(home / "away")
    assert run(home, "destroy", "epoch-1", "--reason", "over", "--yes").exit_code == 2
    assert [each["state"] for each in listed(home)] == ["former", "active"]
    assert (home / "keys" / "pseudonyms-epoch-1.key").exists()


def test_a_key_that_is_gone_already_can_be_written_off(home: Path) -> None:
    run(home, "new")
    (home / "keys" / "pseudonyms-epoch-1.key").unlink()
    assert run(home, "destroy", "epoch-1", "--reason", "lost", "--yes").exit_code == 0
    assert [said["why"] for said, _ in acts(home)] == ["lost"]


def test_canaries_of_an_epoch_that_ends_are_told(home: Path) -> None:
    (home / "canaries.txt").write_text(f"epoch-1:{'a' * 32}\n")
    settings = home / "gateway.yaml"
    settings.write_text(f"{settings.read_text()}canaries: canaries.txt\n")
    assert "were made under" not in doctor(home)
    run(home, "new")
    assert "1 were made under epoch-1: they are seen until it is destroyed" in doctor(home)
    run(home, "destroy", "epoch-1", "--reason", "over", "--yes")
    assert "1 were made under epoch-1, which is destroyed: nobody sees them" in doctor(home)


def test_settings_as_they_were_are_told_how_to_write_it_now(home: Path) -> None:
    settings = home / "gateway.yaml"
    old = "  pseudonyms: {epoch: epoch-1, key: 'file:keys/p.key'}\n"
    settings.write_text(settings.read_text().replace("  epochs: keys/epochs.yaml\n", old))
    with pytest.raises(BrokenFiles, match="is a file of its own now: take it out here and write into keys/epochs"):
        installation.read(home)
