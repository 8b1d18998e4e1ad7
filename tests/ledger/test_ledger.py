from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway import errors
from gateway.ledger import acts, entries
from gateway.ledger.ledger import KNOWN_FOR_SECONDS, UNKNOWN, Ledger
from gateway.proofs import canonical
from gateway.proofs.merkle import leaf_hash
from gateway.store.sqlite import Store
from gateway.store.tables import AlreadyThere
from tests.ledger.asking import (
    CASE_NUMBER,
    CHILD,
    FATHER,
    OPERATOR,
    PSEUDONYMS,
    StillClock,
    signed,
    verdict,
    verification,
)

BODY = b'{"verification_id":"v-1"}'


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    path = tmp_path / "ledger.db"
    Store.create(path)
    async with Store.open(path) as store:
        yield store


@pytest.fixture
def ledger(store: Store, clock: StillClock) -> Ledger:
    return Ledger(store, clock, PSEUDONYMS)


async def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = await store.read(lambda connection: connection.execute(sql).fetchall())
    return found


async def written(store: Store) -> list[dict[str, Any]]:
    """Every entry's content, each held against its row and its leaf hash."""
    contents = []
    for entry_id, kind, body, leaf in await rows(
        store, "SELECT entry_id, kind, body, leaf_hash FROM entry ORDER BY place"
    ):
        content = json.loads(body)
        assert (content["entry_id"], content["kind"]) == (entry_id, kind)
        assert canonical.written(content) == body
        assert leaf_hash(body) == leaf
        contents.append(content)
    return contents


def raw_files(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())


async def forbid_writing(store: Store, forbidden: bool) -> None:
    await store.read(lambda connection: connection.execute(f"PRAGMA query_only = {int(forbidden)}"))


async def test_a_question_is_durable_before_it_is_an_intent(ledger: Ledger, store: Store, clock: StillClock) -> None:
    intent = await ledger.intend(verification(), signed(), "jilin-2018-05", 77.5)
    assert (intent.policy, intent.asked_at, intent.deadline) == ("jilin-2018-05", clock.now, 77.5)
    assert intent.verification == verification()
    expected = entries.intent(intent.entry_id, intent, signed(), UNKNOWN, PSEUDONYMS)
    assert await written(store) == [json.loads(canonical.written(expected))]


async def test_an_answer_is_kept_with_its_proof(ledger: Ledger, store: Store) -> None:
    intent = await ledger.intend(verification(), signed(), "jilin-2018-05", 0.0)
    receipt = await ledger.conclude(intent, verdict(), BODY)
    _, outcome = await written(store)
    assert outcome["intent"] == intent.entry_id
    assert outcome["entry_id"] == receipt.entry_id
    assert leaf_hash(canonical.written(outcome)).hex() == receipt.entry_hash
    assert await ledger.answer("v-1", "intake") == (BODY, receipt)


async def test_the_newest_revision_is_answered_and_only_to_the_asker(ledger: Ledger) -> None:
    intent = await ledger.intend(verification(), signed(), "jilin-2018-05", 0.0)
    await ledger.conclude(intent, verdict(), BODY, is_last=False)
    later = await ledger.conclude(intent, verdict(revision=2), b"late")
    assert await ledger.answer("v-1", "intake") == (b"late", later)
    assert await ledger.answer("v-1", "somebody-else") is None
    assert await ledger.answer("v-2", "intake") is None


async def test_a_revision_is_concluded_once(ledger: Ledger, store: Store) -> None:
    intent = await ledger.intend(verification(), signed(), "jilin-2018-05", 0.0)
    receipt = await ledger.conclude(intent, verdict(), BODY)
    with pytest.raises(AlreadyThere):
        await ledger.conclude(intent, verdict(), b"other")
    assert await ledger.answer("v-1", "intake") == (BODY, receipt)
    assert len(await written(store)) == 2


async def test_a_nonce_is_used_once_whatever_for(ledger: Ledger, store: Store) -> None:
    await ledger.intend(verification(), signed("a"), "jilin-2018-05", 0.0)
    await ledger.read("intake", signed("b"), "v-1")
    await ledger.refused("intake", signed("c"), "not_granted")
    for nonce in "abc":
        with pytest.raises(errors.Replayed):
            await ledger.intend(verification("v-2"), signed(nonce), "jilin-2018-05", 0.0)
        with pytest.raises(errors.Replayed):
            await ledger.read("intake", signed(nonce), "v-1")
        with pytest.raises(errors.Replayed):
            await ledger.refused("intake", signed(nonce), "not_granted")
    assert [entry["kind"] for entry in await written(store)] == ["intent", "reading", "refusal"]


async def test_a_refusal_is_an_entry(ledger: Ledger, store: Store, clock: StillClock) -> None:
    await ledger.refused("intake", signed(), "not_granted")
    (entry,) = await written(store)
    assert entry == acts.refusal(entry["entry_id"], "intake", signed(), "not_granted", clock.now, PSEUDONYMS)


async def test_equal_questions_at_once_become_one_intent(ledger: Ledger, store: Store) -> None:
    asking = (ledger.intend(verification(), signed(), "jilin-2018-05", 0.0) for _ in range(5))
    results = await asyncio.gather(*asking, return_exceptions=True)
    assert sum(isinstance(result, errors.Replayed) for result in results) == 4
    assert len(await written(store)) == 1


async def test_nobody_stands_in_the_files_in_clear(ledger: Ledger, store: Store, tmp_path: Path) -> None:
    intent = await ledger.intend(verification(), signed(), "jilin-2018-05", 0.0)
    await ledger.conclude(intent, verdict(), BODY)
    await ledger.refused("intake", signed("other"), "not_granted")
    logged = raw_files(tmp_path)
    await store.close()
    folded = raw_files(tmp_path)
    pseudonym = PSEUDONYMS.of("person", CHILD.citizen_id).encode()
    assert pseudonym in logged, "what is written can be found in the log"
    assert pseudonym in folded, "and in the file"
    people = [CHILD.citizen_id, CHILD.name, FATHER.citizen_id, FATHER.name]
    for secret in [*people, OPERATOR.id, OPERATOR.name, CASE_NUMBER, "employment"]:
        assert secret.encode() not in logged + folded
        assert json.dumps(secret).strip('"').encode() not in logged + folded


async def test_an_unwritable_ledger_asks_and_answers_nothing(ledger: Ledger, store: Store, clock: StillClock) -> None:
    intent = await ledger.intend(verification(), signed(), "jilin-2018-05", 0.0)
    await forbid_writing(store, True)
    with pytest.raises(errors.Unwritable):
        await ledger.conclude(intent, verdict(), BODY)
    with pytest.raises(errors.Unwritable):
        await ledger.intend(verification("v-2"), signed("2"), "jilin-2018-05", 0.0)
    assert await ledger.answer("v-1", "intake") is None
    assert not await ledger.writable()
    await forbid_writing(store, False)
    clock.now += KNOWN_FOR_SECONDS
    assert await ledger.writable()
    await ledger.conclude(intent, verdict(), BODY)


async def test_readiness_writes_at_most_once_a_second(ledger: Ledger, clock: StillClock) -> None:
    assert await ledger.writable()
    assert ledger.counts.batches == 1
    assert await ledger.writable()
    clock.now += KNOWN_FOR_SECONDS / 2
    assert await ledger.writable()
    assert ledger.counts.batches == 1
    clock.now += KNOWN_FOR_SECONDS
    assert await ledger.writable()
    assert ledger.counts.batches == 2


async def test_readiness_notices_a_disk_that_filled_unasked(ledger: Ledger, store: Store, clock: StillClock) -> None:
    assert await ledger.writable()
    await forbid_writing(store, True)
    clock.now += KNOWN_FOR_SECONDS
    assert not await ledger.writable()


async def test_readiness_does_not_trust_what_failed_since(ledger: Ledger, store: Store) -> None:
    assert await ledger.writable()
    await forbid_writing(store, True)
    with pytest.raises(errors.Unwritable):
        await ledger.read("intake", signed(), "v-1")
    assert not await ledger.writable()


async def test_readiness_tries_a_disk_that_fails_no_more_often(ledger: Ledger, store: Store, clock: StillClock) -> None:
    await forbid_writing(store, True)
    assert not await ledger.writable()
    await forbid_writing(store, False)
    clock.now += KNOWN_FOR_SECONDS / 2
    assert not await ledger.writable()
    assert ledger.counts.batches == 0, "nothing was tried: it would have gone well"
    clock.now += KNOWN_FOR_SECONDS
    assert await ledger.writable()


async def test_a_closed_ledger_is_not_writable(ledger: Ledger, store: Store) -> None:
    await store.close()
    assert not await ledger.writable()
    with pytest.raises(errors.Unwritable):
        await ledger.read("intake", signed(), "v-1")


async def test_counts(ledger: Ledger) -> None:
    intent = await ledger.intend(verification(), signed(), "jilin-2018-05", 0.0)
    await ledger.conclude(intent, verdict(), BODY)
    await ledger.read("intake", signed("2"), "v-1")
    assert (ledger.counts.entries, ledger.counts.batches, ledger.counts.last_batch) == (3, 3, 1)


def test_sqlite_here_is_what_the_sql_needs() -> None:
    assert sqlite3.sqlite_version_info >= (3, 35)
