"""What an operator does to the ledger is written into it: an entry, durable and signed, beside a gateway that may run."""

from __future__ import annotations

import os
import pwd
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gateway.clock import Clock
from gateway.contract.files import load
from gateway.errors import BrokenFiles, Problem
from gateway.installation import SETTINGS
from gateway.ledger.checkpointing import Checkpointer
from gateway.ledger.ledger import Ledger
from gateway.ledger.opening import opened
from gateway.security import own_keys
from gateway.security.epochs import EpochReader, Living
from gateway.security.pseudonyms import Pseudonyms
from gateway.security.ring import Ring
from gateway.settings import Settings
from gateway.store.sqlite import Store


async def act(home: Path, what: str, details: Mapping[str, Any], why: str, clock: Clock) -> None:
    """Writes an act of whoever runs this, under the first shard that is free. It is durable when this returns.

    Raises BrokenFiles, StoreRefused, Mismatch, Unwritable: nothing was written.
    """
    async with beside(home, clock) as (_, ledger):
        await ledger.act(what, who(), details, why)


@asynccontextmanager
async def beside(home: Path, clock: Clock) -> AsyncIterator[tuple[Store, Ledger]]:
    """The ledger of an installation, under the first shard that is free.

    A head that cannot be signed now is signed by the next process that takes the shard.
    Raises BrokenFiles, StoreRefused, Mismatch.
    """
    problems: list[Problem] = []
    settings, _ = load(home / SETTINGS, Settings, problems)
    watched = own_keys.read_ring(home, settings.keys, problems) if settings is not None else None
    if settings is None or watched is None or problems:
        raise BrokenFiles(problems)
    ring, kept, origin = watched.current, home / settings.audit.kept, settings.audit.origin

    # An act names nobody: the keys of the epochs are not read, because one may be gone that is to be written off.
    pseudonyms = Living(EpochReader(home, settings.keys.epochs).read)

    async with writing(home / settings.ledger, origin, kept, ring, pseudonyms, clock) as both:
        yield both


@asynccontextmanager
async def writing(
    path: Path, origin: str, kept: Path, ring: Ring, pseudonyms: Pseudonyms, clock: Clock
) -> AsyncIterator[tuple[Store, Ledger]]:
    """In a shard of its own where a gateway runs. What was written is signed at the end.

    Raises StoreRefused, Mismatch.
    """

    def ledger_on(store: Store) -> Ledger:
        return Ledger(store, clock, pseudonyms, unanswered=None)  # what was under way, the next gateway closes

    async with await opened(path, origin, ring.file, kept, ledger_on) as store:
        yield store, ledger_on(store)
        await Checkpointer(store, clock, origin, lambda: ring, kept).sign()


def who() -> str:
    """The account of the operating system that this runs under: not what the environment says."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
