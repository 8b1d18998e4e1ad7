"""Signs the head of this process's shard: within a second of its growing, or once 256 entries wait, whichever is first.

Nobody waits for it: a question is durable by the store alone. What a crash loses is the signature over the last second;
the next start signs it. A copy of each checkpoint goes to a folder beside the database, best on another disk: a database
that is behind its own checkpoints was rolled back, and does not start (`ledger.opening`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from gateway import errors
from gateway.clock import Clock
from gateway.contract.ring import RingFile
from gateway.logs import place_of
from gateway.proofs import notes
from gateway.proofs.checkpoints import Checkpoint
from gateway.proofs.merkle import Edge
from gateway.proofs.notes import NoteKey
from gateway.security.ring import CHECKPOINTS, Ring
from gateway.store import shards
from gateway.store.sqlite import Store

AFTER_ENTRIES: Final = 256
LOST_AFTER_SECONDS: Final = 120
"""No question is asked for so long (settings: at most 60 s): one without an outcome by then will have none."""

Signed = Callable[[Checkpoint, bytes], None]
"""Told of each new checkpoint, by its signed note. It must not wait for anything."""

_log = structlog.get_logger("gateway.ledger")


def origin_of(origin: str, shard: int) -> str:
    """The name of a shard's log: of its checkpoints, and of the key that signs them."""
    return f"{origin}/{shard}"


def note_keys(ring: RingFile, origin: str, *, and_revoked: bool = False) -> list[NoteKey]:
    """Every key whose checkpoints count under this name: a revoked one signed nothing that does for anybody but us."""
    return [
        notes.key_of_pem(origin, notes.Kind.SIGNATURE, key.public_key)
        for key in ring.keys
        if key.use == "checkpoints" and (and_revoked or key.state != "revoked")
    ]


class Checkpointer:
    """Of one store. `ring` gives the keys as they are now; `kept` is the folder of the copies."""

    def __init__(self, store: Store, clock: Clock, origin: str, ring: Callable[[], Ring], kept: Path) -> None:
        self._store = store
        self._clock = clock
        self._origin = origin_of(origin, store.shard)
        self._ring = ring
        self._kept, _ = copies(kept, store.shard)
        self.told: Signed = _nobody
        self._covered = 0
        self._is_failing = False
        self._is_signing = False

    @property
    def uncovered(self) -> int:
        """Entries that no checkpoint covers yet."""
        return self._store.edge.size - self._covered

    def grown(self, start: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        """Begins to sign, by `start`, where so many entries wait that the second is not waited for."""
        if self.uncovered >= AFTER_ENTRIES and not self._is_signing:
            start(self.sign())

    async def sign(self) -> None:
        """Signs the tree as it is now, unless that is done or under way. A trouble is logged once, and tried again."""
        if self._is_signing or not self.uncovered:
            return
        self._is_signing = True
        try:
            await self._sign(self._store.edge)
        finally:
            self._is_signing = False

    async def _sign(self, edge: Edge) -> None:
        try:
            checkpoint = Checkpoint(self._origin, edge.size, edge.root)
            note = await self._signed(checkpoint)
            now_ms = int(self._clock.unix() * 1000)
            await self._store.write(
                partial(
                    shards.cover,
                    number=self._store.shard,
                    size=edge.size,
                    checkpoint=note,
                    signed_ms=now_ms,
                )
            )
            await asyncio.to_thread(keep, self._kept, note)
        except (errors.GatewayError, OSError) as error:
            if not self._is_failing:
                _log.error("checkpoint.failed", error=place_of(error), uncovered=self.uncovered)
            self._is_failing = True
            return
        self._covered, self._is_failing = edge.size, False
        self.told(checkpoint, note)

    async def _signed(self, checkpoint: Checkpoint) -> bytes:
        ring = self._ring()
        holder = ring.holders.get(CHECKPOINTS)
        if holder is None:
            raise errors.SignerDown("no key signs checkpoints now")
        (pem,) = (key.public_key for key in ring.file.keys if key.id == holder.keyid)
        key = notes.key_of_pem(self._origin, notes.Kind.SIGNATURE, pem)
        made = holder.sign(checkpoint.text)
        return checkpoint.signed(key.line(made if isinstance(made, bytes) else await made))


def copies(kept: Path, shard: int) -> tuple[Path, Path]:
    """Where the folder of copies holds a shard's newest checkpoint, and the newest that a witness cosigned."""
    return kept / str(shard), kept / f"{shard}.cosigned"


def _nobody(_: Checkpoint, __: bytes) -> None:
    """Where nobody is to be told."""


def keep(path: Path, note: bytes) -> None:
    """Replaces a kept checkpoint as a whole. It is not synced: after a power cut an older one is there, which proves less."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    aside = path.with_name(f".{path.name}")
    aside.write_bytes(note)
    aside.replace(path)
