"""All witnesses of this process's shard: they see its newest head together, and what they cosigned is kept.

Checkpoints come every second, and a witness is asked every few: a newer head takes the place of one that waits. Nobody
waits for this, and nothing here can stop a checkpoint. The cosigned one goes to `<shard>.cosigned` beside the copies of
the checkpoints, and into the shard's row as long as that still holds the same head (decision 18).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.ledger.checkpointing import copies, keep
from gateway.ledger.cosigning import Witnessed
from gateway.logs import place_of
from gateway.proofs import checkpoints
from gateway.proofs.checkpoints import Checkpoint, Signed
from gateway.proofs.notes import Line, Note
from gateway.store import shards
from gateway.store.sqlite import Store

EVERY_SECONDS: Final = 3.0
"""From the beginning of one round to that of the next."""

_log = structlog.get_logger("gateway.witness")


class Witnesses:
    """Of one store. `start` owns what runs beside; `kept` is the folder of the copies."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        kept: Path,
        start: Callable[[Coroutine[Any, Any, None]], object],
        asked: Sequence[Witnessed],
    ) -> None:
        self._store, self._clock, self._start, self._asked = store, clock, start, asked
        _, self._path = copies(kept, store.shard)
        self._newest: Signed | None = None
        self._shown: Signed | None = None
        """The head of the last round; `_lines` are those under it."""
        self._lines: dict[Witnessed, Line] = {}
        self._is_asking = False
        self._not_before = float("-inf")

    def told(self, _: Checkpoint, note: bytes) -> None:
        """There is a new head: the next round shows it."""
        self._newest = checkpoints.parse(note)

    async def look(self) -> None:
        """Begins a round where one is due: a witness has not cosigned the newest head, and none is under way."""
        is_done = self._shown is self._newest and len(self._lines) == len(self._asked)
        now = self._clock.monotonic()
        if self._newest is None or is_done or self._is_asking or now < self._not_before:
            return
        self._is_asking, self._not_before = True, now + EVERY_SECONDS
        self._start(self._round(self._newest))

    async def _round(self, newest: Signed) -> None:
        try:
            if newest is not self._shown:
                self._shown, self._lines = newest, {}
            asked = [each for each in self._asked if each not in self._lines]
            found = zip(asked, await asyncio.gather(*(each.cosign(newest) for each in asked)), strict=True)
            new = {each: line for each, line in found if line is not None}
            if new:
                self._lines |= new
                await self._keep(Note(newest.note.text, (*newest.note.lines, *self._lines.values())))
        finally:
            self._is_asking = False

    async def _keep(self, note: Note) -> None:
        # A crash here loses lines, which the witnesses give again under the next head.
        cosigned = partial(shards.cosign, number=self._store.shard, text=note.text, checkpoint=note.encode())
        try:
            await asyncio.to_thread(keep, self._path, note.encode())
            await self._store.write(cosigned)
        except (GatewayError, OSError) as error:
            _log.error("cosigned.unkept", error=place_of(error))
