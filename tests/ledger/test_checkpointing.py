"""The head is signed soon, by the key of now, whatever went wrong before; nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway import errors, watching
from gateway.ledger.checkpointing import AFTER_ENTRIES
from gateway.proofs import checkpoints
from gateway.proofs.checkpoints import Checkpoint
from gateway.proofs.notes import NotSigned
from gateway.security.ring import CHECKPOINTS
from tests.ledger import standing
from tests.ledger.asking import StillClock
from tests.ledger.started import Place, Started
from tests.security.rings import NOW, key
from tests.store.storing import no_file_grows_beyond


@dataclass
class Signer:
    """A holder behind a wire: it is down until it is `up`, and waits until it may answer."""

    keyid: str
    inner: Any
    up: bool = True
    asked: int = 0
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    alg: str = "ed25519"

    def ready(self) -> None:
        """As a holder says it."""

    async def sign(self, data: bytes) -> bytes:
        self.asked += 1
        if not self.up:
            raise errors.SignerDown("the signer is down")
        await self.may_answer.wait()
        made: bytes = self.inner.sign(data)
        return made


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
async def life(place: Place) -> AsyncIterator[Started]:
    async with place.started() as started:
        yield started


def far(place: Place, *, up: bool = True) -> Signer:
    """From now on the key for checkpoints is held by it."""
    inner = place.ring.holders[CHECKPOINTS]
    signer = Signer(inner.keyid, inner, up)
    place.ring = replace(place.ring, holders={**place.ring.holders, CHECKPOINTS: signer})
    signer.may_answer.set()
    return signer


def head(place: Place) -> Checkpoint:
    """The newest checkpoint in the database, after it was checked with the tree."""
    (log,) = standing.check(place.path, {0: place.keys()})
    return checkpoints.parse(log.checkpoint).checkpoint


async def test_all_that_is_there_is_signed_at_the_time_of_the_clock(place: Place, life: Started) -> None:
    await life.acts(3)
    assert life.checkpointer.uncovered == 3
    place.clock.now += 0.25
    await life.checkpointer.sign()
    assert (head(place).size, head(place).origin) == (3, "gw.example/audit/0")
    assert place.row("SELECT covered, signed_at FROM shard") == (3, int(place.clock.now * 1000))
    assert (place.kept / "0").read_bytes() == place.row("SELECT checkpoint FROM shard")[0]
    assert life.checkpointer.uncovered == 0


async def test_what_comes_is_signed_in_the_next_second(place: Place, life: Started) -> None:
    assert watching.EVERY_SECONDS <= 1
    sizes: list[int] = []

    async def another() -> None:
        sizes.append(head(place).size)
        await life.acts(2)
        if len(sizes) == 3:
            raise asyncio.CancelledError

    started_at = place.clock.now
    await life.acts(2)
    with pytest.raises(asyncio.CancelledError):
        await watching.watch((life.checkpointer.sign, another), place.clock)
    assert sizes == [2, 4, 6]
    assert place.clock.now == pytest.approx(started_at + 3 * watching.EVERY_SECONDS)


async def test_so_many_entries_are_not_made_to_wait_for_the_second(place: Place, life: Started) -> None:
    begun: list[Coroutine[Any, Any, None]] = []
    await life.acts(AFTER_ENTRIES - 1)
    life.checkpointer.grown(begun.append)
    assert begun == []
    await life.acts(1)
    life.checkpointer.grown(begun.append)
    (signing,) = begun
    await signing
    assert head(place).size == AFTER_ENTRIES
    life.checkpointer.grown(begun.append)
    assert len(begun) == 1


async def test_one_head_is_signed_at_a_time_and_none_twice(place: Place, life: Started) -> None:
    signer = far(place)
    signer.may_answer.clear()
    await life.acts(AFTER_ENTRIES)
    signing = asyncio.ensure_future(life.checkpointer.sign())
    while not signer.asked:
        await asyncio.wait([signing], timeout=0)
    await life.acts(1)
    life.checkpointer.grown(_never)
    await life.checkpointer.sign()
    signer.may_answer.set()
    await signing
    assert (signer.asked, head(place).size, life.checkpointer.uncovered) == (1, AFTER_ENTRIES, 1)
    for _ in range(2):
        await life.checkpointer.sign()
    assert (signer.asked, head(place).size) == (2, AFTER_ENTRIES + 1)


async def test_a_signer_that_is_down_holds_up_nobody_and_is_asked_again(place: Place, life: Started) -> None:
    signer = far(place, up=False)
    with capture_logs() as logs:
        for _ in range(3):
            await life.acts(2)
            await life.checkpointer.sign()
    assert [each["event"] for each in logs] == ["checkpoint.failed"], "told once"
    assert (signer.asked, life.checkpointer.uncovered) == (3, 6)
    assert place.row("SELECT checkpoint, covered FROM shard") == (b"", 0)
    signer.up = True
    await life.checkpointer.sign()
    assert head(place).size == 6
    signer.up = False
    await life.acts(1)
    with capture_logs() as logs:
        await life.checkpointer.sign()
    assert len(logs) == 1, "a new trouble is told anew"


async def test_without_a_key_nothing_is_signed_and_the_next_one_signs_all(place: Place, life: Started) -> None:
    whole = place.ring
    place.ring = replace(whole, holders={})
    await life.acts(2)
    with capture_logs() as logs:
        await life.checkpointer.sign()
    assert len(logs) == 1
    place.ring = whole
    await life.checkpointer.sign()
    assert head(place).size == 2


async def test_a_full_disk_is_got_over(place: Place, life: Started) -> None:
    await life.acts(2)
    with no_file_grows_beyond(place.path.with_name("ledger.db-wal").stat().st_size), capture_logs() as logs:
        await life.checkpointer.sign()
        with pytest.raises(errors.Unwritable):
            await life.acts(1)
    assert [each["event"] for each in logs] == ["checkpoint.failed"]
    assert (life.checkpointer.uncovered, place.row("SELECT covered FROM shard")) == (2, (0,))
    await life.acts(1)
    await life.checkpointer.sign()
    assert head(place).size == 3


async def test_a_copy_that_cannot_be_written_is_tried_again(place: Place, life: Started) -> None:
    place.kept.write_bytes(b"a file where the folder must be")
    await life.acts(1)
    with capture_logs() as logs:
        await life.checkpointer.sign()
    assert len(logs) == 1
    assert (head(place).size, life.checkpointer.uncovered) == (1, 1), "signed, and yet not done"
    place.kept.unlink()
    await life.checkpointer.sign()
    assert checkpoints.parse((place.kept / "0").read_bytes()).checkpoint == head(place)


async def test_a_copy_is_replaced_as_a_whole_by_the_newest(place: Place, life: Started) -> None:
    for size in (1, 2, 3):
        await life.acts(1)
        await life.checkpointer.sign()
        assert checkpoints.parse((place.kept / "0").read_bytes()).checkpoint.size == size
    assert [file.name for file in place.kept.iterdir()] == ["0"]


async def test_the_new_key_signs_from_the_next_head_on(place: Place, life: Started) -> None:
    await life.acts(1)
    await life.checkpointer.sign()
    older = (place.kept / "0").read_bytes()
    (was,) = (each for each in place.ring.file.keys if each.use == "checkpoints")
    retiring = was.model_copy(update={"state": "retiring", "until": NOW})
    place.rekeyed(retiring, key(place.home, "second", "checkpoints"))
    await life.acts(1)
    await life.checkpointer.sign()
    first, second = place.keys()
    newer = checkpoints.parse((place.kept / "0").read_bytes())
    newer.verify([second])
    with pytest.raises(NotSigned):
        newer.verify([first])
    checkpoints.parse(older).verify([first])
    assert head(place).size == 2


async def test_who_wants_to_know_is_told_of_each(place: Place) -> None:
    told: list[tuple[Checkpoint, bytes]] = []
    async with place.started(lambda checkpoint, note: told.append((checkpoint, note))) as life:
        for _ in range(2):
            await life.acts(1)
            await life.checkpointer.sign()
    assert [checkpoint.size for checkpoint, _ in told] == [1, 2]
    assert [checkpoints.parse(note).checkpoint for _, note in told] == [checkpoint for checkpoint, _ in told]


async def test_a_new_process_signs_what_the_last_one_left(place: Place) -> None:
    await place.written(2, 2)
    async with place.started() as life:
        await life.checkpointer.sign()
    assert head(place).size == 4


async def test_a_clock_that_stands_or_goes_back_stops_nothing(place: Place, life: Started) -> None:
    assert isinstance(place.clock, StillClock)
    for step in (0, -3600, 0):
        place.clock.now += step
        await life.acts(1)
        await life.checkpointer.sign()
        assert life.checkpointer.uncovered == 0
    assert head(place).size == 3


def _never(signing: Coroutine[Any, Any, None]) -> None:
    signing.close()
    pytest.fail("it is being signed already")
