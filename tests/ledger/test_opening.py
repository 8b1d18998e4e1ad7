"""A ledger that is not the one that was signed does not start; one that a crash left does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.ledger.opening import Mismatch
from gateway.proofs.merkle import Edge, leaf_hash
from gateway.store.sqlite import Store, StoreRefused
from tests.ledger import standing
from tests.ledger.asking import signed, verification
from tests.ledger.started import Place
from tests.security.rings import NOW, key

SIGNED, BEHIND = 300, 5
LAST = SIGNED + BEHIND - 1
FORGED = b'{"forged":true}'


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


async def refused(place: Place) -> str:
    with pytest.raises(Mismatch) as caught:
        async with place.started():
            pass
    with pytest.raises(Mismatch):  # the refusal let go of the shard, and mended nothing
        async with place.started():
            pass
    assert "ledger verify" in str(caught.value)
    assert "ledger restore" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("sql", "values", "why"),
    [
        ("UPDATE entry SET body = ? WHERE place = ?", (FORGED, LAST), f"the entry {LAST} is not what was written"),
        ("UPDATE entry SET body = NULL WHERE place = ?", (LAST,), f"the entry {LAST} has lost its body"),
        ("DELETE FROM entry WHERE place = ?", (LAST - 2,), f"the entry {LAST - 2} is missing"),
        ("DELETE FROM entry WHERE place = ?", (LAST,), f"it has {LAST} entries, and {LAST + 1} were written"),
        ("UPDATE entry SET leaf_hash = ? WHERE place = 270", (leaf_hash(FORGED),), "are not those that we signed"),
        ("UPDATE node SET hash = ? WHERE level = 8", (leaf_hash(FORGED),), "are not those that we signed"),
        ("DELETE FROM node WHERE level = 8", (), "stored hashes are missing"),
        ("UPDATE shard SET checkpoint = ?", (b"no note",), "shard 0 of the ledger"),
    ],
)
async def test_what_was_altered_is_told(place: Place, sql: str, values: tuple[object, ...], why: str) -> None:
    await place.written(SIGNED, BEHIND)
    place.altered(sql, *values)
    assert why in await refused(place)


async def test_an_edited_end_is_found_although_the_row_says_that_it_is_covered(place: Place) -> None:
    await place.written(SIGNED, BEHIND)
    place.altered("UPDATE entry SET body = ? WHERE place = ?", FORGED, LAST)
    place.altered("UPDATE shard SET covered = size")
    assert f"the entry {LAST} is not what was written" in await refused(place)


async def test_an_edge_of_other_hashes_is_told(place: Place) -> None:
    await place.written(SIGNED, BEHIND)
    size, edge = place.row("SELECT size, edge FROM shard")
    place.altered("UPDATE shard SET edge = ?", edge[:-32] + leaf_hash(FORGED))
    assert "its last entries are not those that were written" in await refused(place)
    place.altered("UPDATE shard SET edge = ?", edge + bytes(32))
    with pytest.raises(StoreRefused, match="one hash for each bit"):
        Store.open(place.path)
    assert len(edge) == 32 * size.bit_count()


async def test_an_entry_behind_the_end_is_told(place: Place) -> None:
    await place.written(SIGNED, BEHIND)
    place.altered(
        "INSERT INTO entry (place, entry_id, kind, body, leaf_hash) VALUES (?, 'x', 'act', ?, ?)",
        *(LAST + 1, FORGED, leaf_hash(FORGED)),
    )
    assert f"it has {LAST + 2} entries, and {LAST + 1} were written" in await refused(place)


async def test_a_file_that_was_rolled_back_is_told_by_the_kept_checkpoint(place: Place, tmp_path: Path) -> None:
    await place.written(3, 1)
    older = tmp_path / "older.db"
    shutil.copy(place.path, older)
    await place.written(4, 1)
    shutil.copy(older, place.path)
    assert "it has 4 entries, and a checkpoint that we signed has 8: it was rolled back" in await refused(place)


async def test_without_the_kept_checkpoint_a_roll_back_is_not_known_and_that_is_said(place: Place) -> None:
    await place.written(3, 1)
    shutil.rmtree(place.kept)
    with capture_logs() as logs:
        async with place.started() as life:
            assert life.store.edge.size == 4
    assert [each["event"] for each in logs] == ["checkpoint.copy_missing"]


async def test_another_history_of_the_same_size_is_told(place: Place, tmp_path: Path) -> None:
    await place.written(3, 0)
    other = tmp_path / "other"
    other.mkdir()
    forked = Place(other)
    forked.clock.now += 1
    await forked.written(3, 0)
    shutil.copy(forked.path, place.path)
    place.altered("UPDATE shard SET checkpoint = ?, covered = 0", b"")
    assert "its first 3 entries are not those that we signed" in await refused(place)


async def test_a_checkpoint_by_somebody_elses_key_or_of_another_shard_is_none(place: Place, tmp_path: Path) -> None:
    await place.written(3, 0)
    own = (place.kept / "0").read_bytes()
    place.ring = Place(_folder(tmp_path / "other")).ring
    assert "no key that is known here has signed it" in await refused(place)
    (place.kept / "0").write_bytes(own.replace(b"/audit/0", b"/audit/1"))
    await refused(place)


async def test_what_a_key_signed_that_was_revoked_since_does_not_stop_the_start(place: Place) -> None:
    await place.written(3, 1)
    (was,) = (each for each in place.ring.file.keys if each.use == "checkpoints")
    gone = was.model_copy(update={"state": "revoked", "revoked_at": NOW})
    place.rekeyed(gone, key(place.home, "second", "checkpoints"))
    async with place.started() as life:
        await life.checkpointer.sign()
    standing.check(place.path, {0: place.keys()})
    place.altered("UPDATE entry SET leaf_hash = ? WHERE place = 1", leaf_hash(FORGED))
    await refused(place)


async def test_the_shard_of_another_process_is_looked_at_too(place: Place) -> None:
    async with place.started() as first, place.started() as second:
        await first.acts(2)
        await second.acts(2)
        assert second.store.shard == 1
    place.altered("UPDATE entry SET body = ? WHERE place = ?", FORGED, (1 << 40) + 1)
    assert "shard 1 of the ledger: the entry 1 is not what was written" in await refused(place)


async def test_a_plain_crash_is_none_of_these_and_what_was_under_way_is_closed(place: Place, tmp_path: Path) -> None:
    left = Place(_folder(tmp_path / "left"))
    async with place.started() as life:
        await life.acts(SIGNED)
        await life.checkpointer.sign()
        intent = await life.ledger.intend(verification(), signed(), "jilin-2018-05", 0.0)
        await life.acts(BEHIND)
        for file in (place.path, place.path.with_name("ledger.db-wal")):  # what the disk holds when the machine dies
            shutil.copy(file, left.home / file.name)
    left.ring, left.clock = place.ring, place.clock
    with capture_logs() as logs:
        async with left.started() as life:
            assert life.store.edge.size == SIGNED + 1 + BEHIND + 1
    assert {"shard": 0, "count": 1, "event": "intents.closed", "log_level": "error"} in logs
    assert standing.ends(standing.check(left.path)) == {intent.entry_id: ["closed"]}
    async with left.started() as life:
        assert life.store.edge.size == SIGNED + 1 + BEHIND + 1, "once"


async def test_an_empty_ledger_starts(place: Place) -> None:
    async with place.started() as life:
        assert life.store.edge == Edge()


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
