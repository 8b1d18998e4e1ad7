"""The numbered migrations: package data, each on record with its SHA-256; a changed one refuses to open."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from gateway import errors

_FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


class StoreRefused(errors.GatewayError):
    """This file cannot be created or opened as a ledger; the text says what to do. Nothing in it was changed."""


@dataclass(frozen=True, slots=True, order=True)
class Migration:
    """One step of the schema. `sha256` is over the file's exact bytes, lower-case hex."""

    number: int
    name: str
    sha256: str
    sql: str


def shipped(folder: Traversable | None = None) -> list[Migration]:
    """The migrations this gateway brings, by number; they count from 1 without a gap."""
    folder = folder or resources.files("gateway.store") / "migrations"
    found = []
    for file in folder.iterdir():
        if match := _FILE_NAME.fullmatch(file.name):
            data = file.read_bytes()
            sha256 = hashlib.sha256(data).hexdigest()
            found.append(Migration(int(match[1]), file.name, sha256, data.decode()))
    found.sort()
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise StoreRefused("the gateway's migrations do not count from 1 without a gap: install it again")
    return found


def apply(connection: sqlite3.Connection, migrations: list[Migration]) -> None:
    """Runs each migration in a transaction of its own. A crash between two leaves the earlier ones done and recorded."""
    for migration in migrations:
        connection.executescript(f"BEGIN IMMEDIATE;\n{migration.sql}")  # leaves the transaction open
        row = (migration.number, migration.name, migration.sha256)
        connection.execute("INSERT INTO migration (number, name, sha256) VALUES (?, ?, ?)", row)
        connection.execute("COMMIT")


def require_current(connection: sqlite3.Connection, migrations: list[Migration]) -> None:
    """Raises StoreRefused for a store whose history is not exactly these migrations."""
    if missing := pending(connection, migrations):
        raise StoreRefused(f"the ledger lacks {missing[0].name}: run `gateway store migrate`")


def pending(connection: sqlite3.Connection, migrations: list[Migration]) -> list[Migration]:
    """Those that this store has not had yet. Raises StoreRefused where its history is not the one we ship."""
    recorded = connection.execute("SELECT number, name, sha256 FROM migration ORDER BY number").fetchall()
    if len(recorded) > len(migrations):
        raise StoreRefused("the ledger was written by a newer gateway: run that one")
    if not recorded:
        raise StoreRefused("the ledger has no migration on record: restore it from a backup")
    for (number, name, sha256), migration in zip(recorded, migrations, strict=False):
        if (number, sha256) != (migration.number, migration.sha256):
            raise StoreRefused(
                f"migration {name} changed since it was applied to this ledger: install the gateway that made it"
            )
    return migrations[len(recorded) :]
