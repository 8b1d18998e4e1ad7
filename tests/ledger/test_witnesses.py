from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.connectors import witnesses
from gateway.ledger.checkpointing import copies
from gateway.ledger.cosigning import Post, Witnessed
from gateway.ledger.witness import Held, Witness
from gateway.ledger.witnesses import Witnesses
from gateway.proofs import checkpoints, notes
from gateway.proofs.checkpoints import Checkpoint, Signed
from gateway.proofs.merkle import leaf_hash
from gateway.proofs.notes import Kind
from gateway.store import shards, tables
from gateway.store.sqlite import Store
from tests.ledger.test_witness import LOGS, SHARD
from tests.proofs.signing import AT, BY_WITNESS, SIGNER, pair
from tests.still import StillClock


class Log:
    """A shard that grows by one entry and is signed, as its checkpointer would; and rounds that run when a test says so."""

    def __init__(self, store: Store, folder: Path, *posts: Post) -> None:
        self.store, self.clock, self.kept = store, StillClock(), folder / "kept"
        self.waiting: list[Coroutine[Any, Any, None]] = []
        self.told: list[str] = []
        prove = witnesses.prover(store)
        told: Callable[[str, str], None] = lambda name, result: self.told.append(f"{name} {result}")  # noqa: E731
        names = (BY_WITNESS, pair("other", Kind.COSIGNATURE)[1])
        asked = [Witnessed(key, post, prove, self.clock, told) for key, post in zip(names, posts, strict=False)]
        self.witnesses = Witnesses(store, self.clock, self.kept, self.waiting.append, asked)

    async def grow(self) -> None:
        name = self.clock.identifier()
        entry = tables.Entry(name, "act", b"{}", leaf_hash(name.encode()), 0)
        await self.store.add(tables.Addition(entry=entry))
        head = Checkpoint(SHARD, self.store.edge.size, self.store.edge.root)
        key = notes.key_of(SHARD, Kind.SIGNATURE, LOGS["gw.example/audit"][0])
        note = head.signed(key.line(SIGNER.sign(head.text)))
        size = head.size
        await self.store.write(partial(shards.cover, number=0, size=size, checkpoint=note, signed_ms=0))
        self.witnesses.told(head, note)

    async def round(self) -> None:
        self.clock.move(3)
        await self.witnesses.look()
        while self.waiting:
            await self.waiting.pop()

    async def row(self) -> Signed:
        (shard,) = await self.store.read(shards.read)
        return checkpoints.parse(shard.checkpoint)

    def cosigned(self) -> Signed:
        return checkpoints.parse(copies(self.kept, 0)[1].read_bytes())


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    Store.create(tmp_path / "ledger")
    async with Store.open(tmp_path / "ledger") as store:
        yield store


def real(folder: Path, first: Callable[[], Coroutine[Any, Any, None]] | None = None) -> Post:
    """A witness; `first` happens while it is asked."""
    folder.mkdir(exist_ok=True)

    async def post(data: bytes) -> tuple[int, bytes]:
        with Held(folder) as held:
            answered = Witness(BY_WITNESS, SIGNER, LOGS, held).add(data, AT)
        if first is not None:
            await first()
        return answered.status, answered.body

    return post


async def gone(_: bytes) -> tuple[int, bytes]:
    raise TimeoutError


async def test_a_line_that_comes_late_is_kept_beside_a_row_that_moved_on(store: Store, tmp_path: Path) -> None:
    log = Log(store, tmp_path, real(tmp_path / "held", lambda: log.grow()))  # noqa: PLW0108 - there is no log yet
    await log.grow()
    await log.round()
    assert ((await log.row()).checkpoint.size, len((await log.row()).note.lines)) == (2, 1)
    assert (log.cosigned().checkpoint.size, len(log.cosigned().note.lines)) == (1, 2)
    await log.round()
    assert log.cosigned().checkpoint.size == 2, "the newer head took its turn"


async def test_one_witness_that_is_away_takes_no_line_from_the_other(store: Store, tmp_path: Path) -> None:
    log = Log(store, tmp_path, real(tmp_path / "held"), gone)
    await log.grow()
    for _ in range(3):
        await log.round()
    assert await log.row() == log.cosigned()
    assert len(log.cosigned().note.lines) == 2
    assert log.told.count("witness.example/w1 cosigned") == 1, "it is not asked again for what it gave"
    assert log.told.count("other absent") == 3


async def test_rounds_are_seconds_apart_and_one_at_a_time(store: Store, tmp_path: Path) -> None:
    log = Log(store, tmp_path, real(tmp_path / "held"))
    await log.witnesses.look()
    assert not log.waiting, "there is no head yet"
    await log.grow()
    await log.witnesses.look()
    log.clock.move(60)
    await log.witnesses.look()
    assert len(log.waiting) == 1
    await log.waiting.pop()
    await log.grow()
    await log.witnesses.look()
    assert len(log.waiting) == 1
    await log.waiting.pop()
    await log.grow()
    await log.witnesses.look()
    assert not log.waiting, "the last round began just now"


async def test_what_cannot_be_kept_stops_nothing(store: Store, tmp_path: Path) -> None:
    log = Log(store, tmp_path, real(tmp_path / "held"))
    (tmp_path / "kept").write_bytes(b"a file where the folder should be")
    await log.grow()
    await log.round()
    await log.grow()
    await log.round()
    assert log.told == ["witness.example/w1 cosigned"] * 2
