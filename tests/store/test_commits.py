from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, NoReturn

import pytest

from gateway import errors
from gateway.security.signatures import SKEW_SECONDS
from gateway.store import commits
from gateway.store.sqlite import Store
from gateway.store.tables import Addition, AlreadyThere
from tests.store.storing import NOW, answered, claim, entry, entry_ids, no_file_grows_beyond, question, select, together


class Declined(errors.GatewayError):
    """What an operation refuses with."""


def writes_then_refuses(connection: sqlite3.Connection) -> NoReturn:
    connection.execute("INSERT INTO nonce (keyid, nonce, expires) VALUES ('key-1', 'half', 1)")
    raise Declined("no")


def kinds(results: list[Any]) -> list[Any]:
    return [type(result) if isinstance(result, Exception) else result for result in results]


async def test_replays_do_not_spoil_their_batch(store: Store) -> None:
    await store.add(question("old"))
    replay = Addition(claim("old"), entry("never"))
    twin = Addition(claim("a"), entry("twin"))
    results = await together(store, *map(store.add, [question("a"), replay, question("b"), twin, Addition(claim("c"))]))
    assert kinds(results) == [None, errors.Replayed, None, errors.Replayed, None]
    assert await entry_ids(store) == ["entry-old", "entry-a", "entry-b"]
    assert store.counts.entries == 3
    assert store.counts.batches == 2


async def test_an_operation_that_refuses_undoes_its_own_writes_only(store: Store) -> None:
    work = [store.add(question("a")), store.write(writes_then_refuses), store.write(lambda _: "done")]
    assert kinds(await together(store, *work)) == [None, Declined, "done"]
    assert await select(store, "SELECT nonce FROM nonce") == [("nonce-a",)]
    assert store.counts.batches == 1
    assert store.healthy


async def test_a_fault_in_an_operation_is_its_callers(store: Store) -> None:
    results = await together(
        store, store.write(lambda _: 1 // 0), store.read(lambda _: int("x")), store.add(question("a"))
    )
    assert kinds(results) == [ZeroDivisionError, ValueError, None]
    assert store.healthy


async def test_a_key_that_exists_fails_alone(store: Store) -> None:
    await store.add(answered("v"))
    same_id = Addition(claim("z"), entry("v-1"))
    same_revision = Addition(entry=entry("other"), answer=answered("v").answer)
    work = map(store.add, [question("a"), same_id, same_revision, question("b"), question("a")])
    assert kinds(await together(store, *work)) == [None, AlreadyThere, AlreadyThere, None, errors.Replayed]
    assert await entry_ids(store) == ["entry-v-1", "entry-a", "entry-b"]
    await store.add(Addition(claim("z")))  # its nonce was not spent


async def test_a_key_that_exists_in_an_operation_fails_alone(store: Store) -> None:
    await store.add(Addition(claim("half")))
    taken = "INSERT INTO nonce (keyid, nonce, expires) VALUES ('key-1', 'nonce-half', 1)"
    results = await together(store, store.write(lambda c: c.execute(taken)), store.add(question("a")))
    assert kinds(results) == [AlreadyThere, None]
    assert store.counts.batches == 2


async def test_read_only_is_unwritable_and_recovers(store: Store) -> None:
    await store.add(question("1"))
    await store.read(lambda connection: connection.execute("PRAGMA query_only = ON"))
    work = map(store.add, [question("2"), question("1"), question("3")])
    assert kinds(await together(store, *work)) == [errors.Unwritable] * 3
    assert not store.healthy
    assert await entry_ids(store) == ["entry-1"], "what was acknowledged can still be read"
    await store.read(lambda connection: connection.execute("PRAGMA query_only = OFF"))
    await store.add(question("2"))
    assert store.healthy
    assert await entry_ids(store) == ["entry-1", "entry-2"]


async def test_a_full_database_is_unwritable_and_recovers(store: Store) -> None:
    full = "PRAGMA max_page_count = 40"
    await store.read(lambda connection: connection.execute(full))
    kept: list[str] = []

    async def fill() -> None:
        for n in range(100):
            await store.add(question(str(n), size=8000))
            kept.append(f"entry-{n}")

    with pytest.raises(errors.Unwritable, match="SQLITE_FULL"):
        await fill()
    assert 0 < len(kept) < 100
    assert await entry_ids(store) == kept
    await store.read(lambda connection: connection.execute("PRAGMA max_page_count = 4000"))
    await store.add(question(str(len(kept)), size=8000))  # its nonce was not spent by the failure
    assert await entry_ids(store) == [*kept, f"entry-{len(kept)}"]


async def test_a_write_the_kernel_refuses_is_unwritable_and_recovers(store: Store, path: Path) -> None:
    await store.add(question("1"))
    log = path.with_name(f"{path.name}-wal")
    with no_file_grows_beyond(log.stat().st_size + 6000):
        results = await together(store, *(store.add(question(str(n), size=9000)) for n in range(2, 6)))
        assert kinds(results) == [errors.Unwritable] * 4
        assert not store.healthy
    await store.add(question("2"))
    assert store.healthy
    assert await entry_ids(store) == ["entry-1", "entry-2"]


async def test_a_missing_table_fails_the_batch_and_not_the_thread(store: Store) -> None:
    await store.write(lambda connection: connection.execute("ALTER TABLE entry RENAME TO elsewhere"))
    assert (
        kinds(await together(store, *map(store.add, [question("1"), Addition(claim("2"))]))) == [errors.Unwritable] * 2
    )
    with pytest.raises(errors.Unwritable, match="cannot be read"):
        await entry_ids(store)
    await store.write(lambda connection: connection.execute("ALTER TABLE elsewhere RENAME TO entry"))
    await store.add(question("1"))
    assert await entry_ids(store) == ["entry-1"]


async def test_a_database_error_in_an_operation_fails_its_batch(store: Store) -> None:
    work = [store.add(question("1")), store.write(lambda connection: connection.execute("DELETE FROM nowhere"))]
    assert kinds(await together(store, *work)) == [errors.Unwritable] * 2
    await store.add(question("1"))
    assert await entry_ids(store) == ["entry-1"]


async def test_an_operation_left_in_a_transaction_does_not_stop_the_next(store: Store) -> None:
    await store.read(lambda connection: connection.execute("BEGIN"))  # a fault, of a reader
    await store.add(question("1"))
    assert await entry_ids(store) == ["entry-1"]


async def test_expired_nonces_go_in_small_bites_and_live_ones_stay(store: Store) -> None:
    old, live = commits.SWEEP_EVERY_CLAIMS * 4, 10
    later = NOW + 60 + SKEW_SECONDS + 1
    await together(store, *(store.add(Addition(claim(f"old-{n}"))) for n in range(old)))
    await together(store, *(store.add(Addition(claim(f"live-{n}", at=NOW + 30))) for n in range(live)))
    counts = []
    for n in range(commits.SWEEP_EVERY_CLAIMS * 3):
        await store.add(Addition(claim(f"new-{n}", at=later)))
        ((count,),) = await select(store, "SELECT COUNT(*) FROM nonce WHERE nonce LIKE 'nonce-old%'")
        counts.append(count)
    bites = [before - after for before, after in zip([old, *counts], counts, strict=False) if before > after]
    assert counts[-1] == 0
    assert max(bites) <= 2 * (commits.SWEEP_EVERY_CLAIMS + live)
    ((kept,),) = await select(store, "SELECT COUNT(*) FROM nonce WHERE nonce LIKE 'nonce-live%'")
    assert kept == live
