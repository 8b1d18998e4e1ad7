from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store import schema
from gateway.store.schema import StoreRefused
from gateway.store.sqlite import Store

NEXT = len(schema.shipped()) + 1


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def test_every_shipped_migration_is_on_record_with_its_sha256(connection: sqlite3.Connection) -> None:
    recorded = connection.execute("SELECT number, name, sha256 FROM migration").fetchall()
    folder = Path(schema.__file__).parent / "migrations"
    files = sorted(folder.glob("*.sql"))
    assert recorded == [(n, f.name, hashlib.sha256(f.read_bytes()).hexdigest()) for n, f in enumerate(files, 1)]


def test_a_changed_migration_refuses_to_open(path: Path, connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE migration SET sha256 = ? WHERE number = 1", ("0" * 64,))
    with pytest.raises(StoreRefused, match=r"0001_first_form\.sql changed"):
        Store.open(path)


def test_a_ledger_of_a_newer_gateway_refuses_to_open(path: Path, connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO migration (number, name, sha256) VALUES (9999, '9999_later.sql', '')")
    with pytest.raises(StoreRefused, match="newer gateway"):
        Store.open(path)


def test_a_ledger_without_history_refuses_to_open(path: Path, connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM migration")
    with pytest.raises(StoreRefused, match="no migration on record"):
        Store.open(path)


def test_what_a_store_lacks_is_found_and_applied(connection: sqlite3.Connection) -> None:
    later = schema.Migration(NEXT, "9999_later.sql", "22", "CREATE TABLE later (x INTEGER);")
    both = [*schema.shipped(), later]
    assert schema.pending(connection, both) == [later]
    with pytest.raises(StoreRefused, match=r"lacks 9999_later\.sql"):
        schema.require_current(connection, both)
    schema.apply(connection, [later])
    assert schema.pending(connection, both) == []
    assert connection.execute("SELECT COUNT(*) FROM later").fetchone() == (0,)


def test_a_migration_that_fails_half_way_leaves_nothing(connection: sqlite3.Connection) -> None:
    broken = schema.Migration(
        NEXT, "9999_broken.sql", "22", "CREATE TABLE half (x INTEGER); CREATE TABLE half (y INTEGER);"
    )
    with pytest.raises(sqlite3.OperationalError):
        schema.apply(connection, [broken])
    connection.execute("ROLLBACK")
    assert schema.pending(connection, [*schema.shipped(), broken]) == [broken]
    assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'half'").fetchone() is None


@pytest.mark.parametrize("names", [["0002_second.sql"], ["0001_a.sql", "0001_b.sql"], ["0001_a.sql", "0003_c.sql"]])
def test_migrations_count_from_one_without_a_gap(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("")
    with pytest.raises(StoreRefused, match="without a gap"):
        schema.shipped(tmp_path)


def test_other_files_in_the_folder_are_no_migrations(tmp_path: Path) -> None:
    for name in ("0001_a.sql", "README.md", "0002_b.sql~"):
        (tmp_path / name).write_text("")
    assert [migration.name for migration in schema.shipped(tmp_path)] == ["0001_a.sql"]
