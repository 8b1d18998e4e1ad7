"""How long the ledger keeps what was asked and answered: once a day the bodies of older entries go, and their leaves stay.

Of each shard a prefix: from the first entry up to the first that is younger, or whose question has no end yet. Acts keep
their bodies: they say what was done to the ledger and nothing about anybody who applied.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from gateway import clock as clocks
from gateway.clock import Clock
from gateway.ledger.entries import ACT
from gateway.ledger.ledger import Ledger
from gateway.store import pruning, shards
from gateway.store.sqlite import Store
from gateway.store.turns import alone

DAY_SECONDS: Final = 86_400

_log = structlog.get_logger("gateway.ledger")


@dataclass(frozen=True, slots=True)
class Bite:
    """What one step did: `pruned` bodies went from a shard, whose bound will be `bound`."""

    shard: int
    bound: int
    pruned: int


class Pruned:
    """Takes the bodies of everything before `before` (Unix seconds), in steps that are short each."""

    def __init__(self, path: Path, store: Store, ledger: Ledger, who: str) -> None:
        self._path = path
        self._store = store
        self._ledger = ledger
        self._who = who

    async def bites(self, before: float) -> AsyncGenerator[Bite, None]:
        """A step each time it is asked for one; none while another process prunes. Raises Unwritable.

        A crash leaves a part undone, which the next run does, behind an act of its own.
        """
        with alone(self._path, "prune") as is_alone:
            for shard in await self._store.read(shards.read) if is_alone else ():
                async for bite in self._shard(shard, before):
                    yield bite

    async def _shard(self, shard: shards.Shard, before: float) -> AsyncGenerator[Bite, None]:
        end, oldest_kept = shard.pruned, clocks.uuid7(int(before * 1000), bytes(10))
        while True:
            looked = partial(pruning.reach, number=shard.number, first=end, before=oldest_kept)
            reached = await self._store.read(looked)
            if reached == end:
                break
            end = reached
            yield Bite(shard.number, end, 0)
        if end == shard.pruned:
            return
        # First the act: no body is ever missing of which nobody wrote down that it went.
        details = {"shard": shard.number, "before": end, "cutoff": clocks.rfc3339(before)}
        await self._ledger.act("pruned", self._who, details)
        for first in range(shard.pruned, end, pruning.BITE):
            last = min(end, first + pruning.BITE)
            taken = partial(pruning.take_out, number=shard.number, first=first, end=last, spared=ACT, named=named)
            yield Bite(shard.number, end, await self._store.write(taken))
        _log.info("ledger.pruned", shard=shard.number, count=end - shard.pruned)


class Daily:
    """Prunes once a day, a bite each time it is called: the first day begins at once."""

    def __init__(self, pruned: Pruned, clock: Clock, months: int) -> None:
        self._pruned = pruned
        self._clock = clock
        self._months = months
        self._next = clock.monotonic()
        self._bites: AsyncGenerator[Bite, None] | None = None

    async def step(self) -> None:
        """One bite, if it is time. Raises Unwritable: the rest is done the next day."""
        if self._bites is None:
            if self._clock.monotonic() < self._next:
                return
            self._next = self._clock.monotonic() + DAY_SECONDS
            self._bites = self._pruned.bites(cutoff(self._clock.unix(), self._months))
        try:
            await anext(self._bites)
        except BaseException as error:
            self._bites = None
            if not isinstance(error, StopAsyncIteration):
                raise

    async def close(self) -> None:
        """Leaves what is not done to the next process."""
        if self._bites is not None:
            await self._bites.aclose()


def cutoff(now: float, months: int) -> float:
    """The midnight at the counter so many months before the day of `now`; all in Unix seconds."""
    today = clocks.local_day(now)
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return midnight(date(year, month + 1, min(today.day, monthrange(year, month + 1)[1])))


def midnight(day: date) -> float:
    """When that day begins at the counter, in Unix seconds."""
    return datetime.combine(day, time(), clocks.CHINA).timestamp()


def named(body: bytes) -> pruning.Named:
    """What an entry's body names: nothing where it cannot be read."""
    try:
        content: Any = json.loads(body)
    except ValueError:
        return pruning.Named()
    if not isinstance(content, dict):
        return pruning.Named()
    people = (content.get("subject"), content.get("guardian"))
    verification_id, consumer, case = (content.get(name) for name in ("verification_id", "consumer", "case"))
    return pruning.Named(
        verification_id if isinstance(verification_id, str) else None,
        tuple(each for each in people if isinstance(each, str)),
        (consumer, case) if isinstance(consumer, str) and isinstance(case, str) else None,
    )
