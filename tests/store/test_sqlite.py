from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import uvloop

from gateway import errors
from gateway.store import lookups, tables
from gateway.store.sqlite import Store, StoreRefused
from gateway.store.turns import open_lock
from tests.store.storing import answered, entry_ids, no_file_grows_beyond, question, together


def test_create_refuses_what_exists_and_leaves_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "something"
    path.write_bytes(b"mine")
    with pytest.raises(StoreRefused, match="exists"):
        Store.create(path)
    assert path.read_bytes() == b"mine"


def test_create_says_when_the_folder_is_missing(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="cannot be made"):
        Store.create(tmp_path / "no" / "ledger.db")


def test_create_on_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    with no_file_grows_beyond(2000), pytest.raises(StoreRefused, match="cannot be set up"):
        Store.create(tmp_path / "ledger.db")
    assert list(tmp_path.iterdir()) == []
    Store.create(tmp_path / "ledger.db")


def test_a_new_store_is_one_file_for_its_owner_only(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_open_never_makes_a_ledger(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="gateway init"):
        Store.open(tmp_path / "ledger.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a database, but long enough to look like one" * 40])
def test_open_refuses_what_is_not_a_ledger(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(content)
    with pytest.raises(StoreRefused, match="ledger"):
        Store.open(path)
    assert path.read_bytes() == content


def test_open_refuses_a_file_that_cannot_be_written(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreRefused, match="locked"):
            Store.open(path, busy_seconds=0)


async def test_who_starts_in_the_same_moment_holds_a_shard_whose_row_is_not_there_yet(path: Path) -> None:
    lock = open_lock(path, "shard-0")
    fcntl.flock(lock, fcntl.LOCK_EX)
    async with Store.open(path) as store:
        assert store.shard == 1
    os.close(lock)
    async with Store.open(path) as store:
        assert store.shard == 0


async def test_every_commit_is_synced(store: Store) -> None:
    journal, synchronous = await store.read(
        lambda c: (c.execute("PRAGMA journal_mode").fetchone(), c.execute("PRAGMA synchronous").fetchone())
    )
    assert (journal, synchronous) == (("wal",), (2,))  # 2 is FULL


async def test_what_waits_together_is_committed_once(store: Store) -> None:
    statements: list[str] = []
    await store.read(lambda connection: connection.set_trace_callback(statements.append))
    before = store.counts
    results = await together(store, *(store.add(question(str(n))) for n in range(50)))
    assert results == [None] * 50
    assert statements.count("COMMIT") == 1
    assert store.counts.batches == before.batches + 1
    assert store.counts.last_batch == 50
    assert store.counts.entries == 50
    assert await entry_ids(store) == [f"entry-{n}" for n in range(50)]


async def test_a_nonce_stays_used_across_a_reopening(path: Path) -> None:
    async with Store.open(path) as store:
        await store.add(question("1"))
    async with Store.open(path) as store:
        with pytest.raises(errors.Replayed):
            await store.add(tables.Addition(question("1").claim, question("2").entry))
        await store.add(question("3"))
        assert await entry_ids(store) == ["entry-1", "entry-3"]


async def test_the_newest_answer_is_for_its_asker_only(store: Store) -> None:
    await store.add(answered("v", body=b"one"))
    await store.add(answered("v", body=b"two", revision=2))
    found = await store.read(lambda connection: lookups.newest_answer(connection, "v", "intake"))
    assert found == (b"two", "entry-v-2", b"h" * 32)
    assert await store.read(lambda connection: lookups.newest_answer(connection, "v", "other")) is None
    assert await store.read(lambda connection: lookups.newest_answer(connection, "w", "intake")) is None


async def test_close_finishes_what_was_submitted_and_leaves_one_file(path: Path) -> None:
    store = Store.open(path)
    adding = asyncio.gather(*(store.add(question(str(n))) for n in range(20)), store.close())
    await adding
    await store.close()
    assert sorted(path.parent.iterdir()) == [path, path.with_name("ledger.db-locks")]
    assert not [thread for thread in threading.enumerate() if thread.name == "store-writer"]
    with pytest.raises(errors.Unwritable, match="closed"):
        await store.add(question("late"))
    with pytest.raises(errors.Unwritable, match="closed"):
        await store.read(lookups.touch)
    async with Store.open(path) as store:
        assert len(await entry_ids(store)) == 20


async def test_close_folds_the_log_in_while_another_process_looks_on(path: Path) -> None:
    store = Store.open(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("SELECT COUNT(*) FROM entry").fetchone()
        await store.add(question("1"))
        log = path.with_name(f"{path.name}-wal")
        assert log.stat().st_size > 0
        await store.close()
        assert log.stat().st_size == 0
        assert other.execute("SELECT COUNT(*) FROM entry").fetchone() == (1,)


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_works_on_both_event_loops(path: Path, loop_factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def use() -> list[str]:
        async with Store.open(path) as store:
            await asyncio.gather(*(store.add(question(str(n))) for n in range(10)))
            with pytest.raises(errors.Replayed):
                await store.add(question("1"))
            return await entry_ids(store)

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        assert len(runner.run(use())) == 10
