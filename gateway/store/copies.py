"""Copies of the ledger's file: made while a gateway writes it, and put back in its place when none does."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from gateway.store import schema, shards, tables
from gateway.store.schema import StoreRefused
from gateway.store.sqlite import BUSY_SECONDS, connect, require_ledger

_PAGES: Final = 2048
_BESIDE: Final = ("", "-wal", "-shm")
"""What makes one database: the log holds what is not in the file yet."""

Seen = Callable[[int, int], None]
"""Told how many pages are copied, and of how many."""


@contextmanager
def copied(source: Path, target: Path, seen: Seen) -> Iterator[sqlite3.Connection]:
    """A copy as the ledger stands at one moment. It is at `target` once the block ends well; nothing is there before.

    While it is made SQLite cannot fold the log into the file. Raises StoreRefused; nothing is ever copied over a file.
    """
    if target.exists():
        raise StoreRefused(f"{target} exists: nothing is copied over it")
    aside = target.with_name(f".{target.name}.part")
    with _filled(source, aside, seen) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, which can be read where nothing can be written
        yield copy
    try:
        os.link(aside, target)  # refuses, where a rename would replace
    except OSError as error:
        raise StoreRefused(f"{target} cannot be made: {error.strerror}") from error
    finally:
        aside.unlink()
    _sync(target.parent)


@contextmanager
def put_back(backup: Path, path: Path, replaced: Path, seen: Seen) -> Iterator[sqlite3.Connection]:
    """A copy of `backup` that takes the place of the ledger once the block ends well; the old one moves to `replaced`.

    Raises StoreRefused. A crash in the swap leaves no ledger at `path`, never half of one: do it again.
    """
    aside = path.with_name(f".{path.name}.part")
    with _filled(backup, aside, seen) as copy:
        copy.execute("PRAGMA journal_mode = WAL")
        yield copy
    if replaced.exists() or _beside(aside, "-wal").exists():
        raise StoreRefused(f"{replaced} exists, or the copy is in use: nothing was replaced")
    for end in _BESIDE:
        if _beside(path, end).exists():
            _beside(path, end).rename(_beside(replaced, end))
    aside.rename(path)
    _sync(path.parent)


def begin_again(connection: sqlite3.Connection, held: shards.Held, floor: int, entry: tables.Entry) -> None:
    """Closes every other shard, makes all signatures up to `floor` (Unix seconds) count as used, and writes the first entry."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE shard SET closed = 1 WHERE number <> ?", (held.number,))
    connection.execute("UPDATE meta SET floor = ? WHERE floor < ?", (floor, floor))
    tables.add(connection, held, [tables.Addition(entry=entry)])
    connection.execute("COMMIT")


def numbers(path: Path) -> set[int]:
    """The shards of the ledger at `path`, as far as it can be read, and those that were ever locked there."""
    found = {int(lock.name[6:]) for lock in shards.locks(path) if lock.name[6:].isdecimal()}
    if path.is_file():
        try:
            with closing(connect(path, BUSY_SECONDS)) as connection:
                found |= {shard.number for shard in shards.read(connection)}
        except sqlite3.Error:
            pass  # a backup is put back because the file is broken, too
    return found


@contextmanager
def _filled(source: Path, aside: Path, seen: Seen) -> Iterator[sqlite3.Connection]:
    if not source.is_file():
        raise StoreRefused(f"{source} is not there")
    for end in (*_BESIDE, "-journal"):
        _beside(aside, end).unlink(missing_ok=True)  # of one that was cut short
    try:
        os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(connect(aside, BUSY_SECONDS)) as copy:
            _copy(source, copy, seen)
            yield copy
    except BaseException as error:
        for end in (*_BESIDE, "-journal"):
            _beside(aside, end).unlink(missing_ok=True)
        if isinstance(error, sqlite3.Error):
            raise StoreRefused(f"{source} cannot be copied: {error}") from error
        raise


def _copy(source: Path, copy: sqlite3.Connection, seen: Seen) -> None:
    with closing(connect(source, BUSY_SECONDS)) as original:
        require_ledger(original, source)
        schema.require_current(original, schema.shipped())
        # One moment, held by us: else every batch that others write would begin the copy anew, without an end.
        original.execute("BEGIN")
        original.execute("SELECT floor FROM meta").fetchone()
        original.backup(copy, pages=_PAGES, progress=lambda _, left, total: seen(total - left, total))
        original.execute("ROLLBACK")


def _beside(path: Path, end: str) -> Path:
    return path.with_name(f"{path.name}{end}")


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
