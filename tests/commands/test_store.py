"""`gateway store migrate` and `gateway canaries`, on an installation of an earlier form and on one of today's."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.commands import scaffold
from gateway.commands.cli import app
from gateway.contract.folders import load_authorities, shipped
from gateway.proofs.merkle import leaf_hash
from gateway.security.pseudonyms import PERSON, Pseudonyms
from gateway.store import schema
from gateway.store.sqlite import Store, StoreRefused
from tests.ledger.asking import in_a_row
from tests.still import StillClock

NUMBER = "229901201206011035"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("store") / "home"
    folders = load_authorities(shipped())
    ports = {(name, channel): 1 for name, folder in folders.items() for channel in folder.contract.channels}
    scaffold.write(home, folders, scaffold.Addresses(8443, 9443, ports), StillClock(), 31)
    return home


def run(home: Path, *arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(app, [*arguments, "--home", str(home)], input=text)


def made_by_an_earlier_gateway(home: Path) -> Path:
    """The ledger as the first form had it, with an entry."""
    path = home / "ledger.sqlite3"
    path.unlink()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        schema.apply(connection, schema.shipped()[:1])
        connection.execute("INSERT INTO entry VALUES (0, 'e-0', 'intent', x'7b7d', ?)", (leaf_hash(b"{}"),))
    return path


def test_an_earlier_ledger_is_refused_then_brought_up_to_date_and_keeps_its_entries(home: Path):
    path = made_by_an_earlier_gateway(home)
    with pytest.raises(StoreRefused, match="run `gateway store migrate`"):
        Store.open(path)
    dry = run(home, "store", "migrate", "--dry-run", "--json")
    assert json.loads(dry.stdout) == {"would_apply": ["0002_limits.sql", "0003_shards.sql", "0004_calm.sql"]}
    assert "would apply 0003_shards.sql" in run(home, "store", "migrate", "--dry-run").stdout
    done = run(home, "store", "migrate", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"applied": ["0002_limits.sql", "0003_shards.sql", "0004_calm.sql"]}
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT entry_id FROM entry").fetchall() == [("e-0",)]
        assert schema.pending(connection, schema.shipped()) == []
        assert connection.execute("SELECT size, edge FROM shard").fetchall() == [(1, leaf_hash(b"{}"))]
    again = run(home, "store", "migrate")
    assert (again.exit_code, again.stdout) == (0, "nothing to do: the ledger is current\n")


@pytest.mark.parametrize("content", [None, b"", b"not a database, but long enough to look like one" * 40])
def test_only_a_ledger_is_migrated(tmp_path: Path, content: bytes | None):
    path = tmp_path / "ledger.db"
    if content is not None:
        path.write_bytes(content)
    for refuses in (Store.migrate, Store.missing):
        with pytest.raises(StoreRefused, match="ledger"):
            refuses(path)
    assert (path.read_bytes() if path.exists() else None) == content


def test_canaries_are_made_with_the_installations_key(home: Path):
    key = Pseudonyms.read("epoch-1", (home / "keys" / "pseudonyms-epoch-1.key").read_bytes())
    ends_in_x = next(each.citizen_id for each in in_a_row(100) if each.citizen_id.endswith("X"))
    made = run(home, "canaries", text=f"{NUMBER}\n\n {ends_in_x.lower()} \n")
    assert made.exit_code == 0, made.output
    assert made.stdout.splitlines() == [key.of(PERSON, number) for number in (NUMBER, ends_in_x)]
    assert json.loads(run(home, "canaries", "--json", text=NUMBER).stdout) == {"canaries": [key.of(PERSON, NUMBER)]}


@pytest.mark.parametrize("wrong", ["229901201206011030", "12345", "测试子"])
def test_what_is_no_number_is_named_by_its_line_only(home: Path, wrong: str):
    made = run(home, "canaries", text=f"{NUMBER}\n{wrong}\n")
    assert made.exit_code == 2
    assert "line 2 is not an identity number" in made.output
    assert wrong not in made.output + str(made.exception)
