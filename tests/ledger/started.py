"""A ledger as `gateway serve` has it, without the gateway: ring, checkpoints and their copies; and how to start it again."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.ledger.checkpointing import Checkpointer, Signed, note_keys, origin_of
from gateway.ledger.ledger import Ledger
from gateway.ledger.opening import opened
from gateway.proofs.notes import NoteKey
from gateway.security.ring import Ring, RingReader
from gateway.store.sqlite import Store
from tests.ledger.asking import PSEUDONYMS, StillClock
from tests.security.rings import key, written

ORIGIN = "gw.example/audit"


@dataclass
class Started:
    """One life of a process that writes."""

    store: Store
    ledger: Ledger
    checkpointer: Checkpointer

    async def acts(self, count: int) -> None:
        """So many entries more."""
        for _ in range(count):
            await self.ledger.act("started", "gateway", {})


@dataclass
class Place:
    """A folder with a ledger, its keys, and the copies of its checkpoints."""

    home: Path
    clock: StillClock = field(default_factory=StillClock)
    ring: Ring = field(init=False)

    def __post_init__(self) -> None:
        Store.create(self.path)
        self.rekeyed(key(self.home, "first", "checkpoints"))

    @property
    def path(self) -> Path:
        return self.home / "ledger.db"

    @property
    def kept(self) -> Path:
        return self.home / "kept"

    def rekeyed(self, *checkpoints: Any) -> None:
        """From now on these are the keys for checkpoints."""
        written(self.home, key(self.home, "answers"), *checkpoints)
        self.ring = RingReader(self.home, "ring.yaml").read()

    def keys(self, shard: int = 0) -> list[NoteKey]:
        return note_keys(self.ring.file, origin_of(ORIGIN, shard))

    @asynccontextmanager
    async def started(self, *told: Signed) -> AsyncIterator[Started]:
        """Opened and checked; closed at the end, unsigned."""
        store = await opened(self.path, ORIGIN, self.ring.file, self.kept, self._ledger)
        async with store:
            yield Started(store, self._ledger(store), self.checkpointer(store, *told))

    def checkpointer(self, store: Store, *told: Signed) -> Checkpointer:
        made = Checkpointer(store, self.clock, ORIGIN, lambda: self.ring, self.kept)
        for each in told:
            made.told = each
        return made

    def _ledger(self, store: Store) -> Ledger:
        return Ledger(store, self.clock, PSEUDONYMS)

    async def written(self, signed: int, behind: int) -> None:
        """A life: so many entries under a checkpoint, and so many behind it."""
        async with self.started() as life:
            await life.acts(signed)
            await life.checkpointer.sign()
            await life.acts(behind)

    def altered(self, sql: str, *values: Any) -> None:
        """By hand, while nobody has it open."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            assert connection.execute(sql, values).rowcount == 1

    def row(self, sql: str) -> Any:
        with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchone()
