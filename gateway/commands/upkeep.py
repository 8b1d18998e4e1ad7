"""What `gateway ledger prune` does; `restoring` has the copies."""

from __future__ import annotations

import os
import pwd
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from gateway import installation
from gateway.clock import SystemClock
from gateway.commands.loops import run
from gateway.commands.screen import Exit, failures, say, say_json
from gateway.errors import GatewayError
from gateway.installation import Installation
from gateway.ledger.checkpointing import Checkpointer
from gateway.ledger.ledger import Ledger
from gateway.ledger.opening import opened
from gateway.ledger.retention import Pruned, cutoff, midnight
from gateway.store.sqlite import Store


class TooYoung(GatewayError):
    """That day is not over: nothing was pruned."""


def prune(home: Path, before: date | None, as_json: bool) -> Exit:
    """Prints what went, by shard."""
    with failures():
        found = installation.read(home)
        now = SystemClock().unix()
        moment = cutoff(now, found.settings.audit.retention_months) if before is None else midnight(before)
        if moment > now:
            raise TooYoung("--before lies ahead: nothing was pruned")
        gone = run(_prune(found, moment))
    if as_json:
        rows = [{"shard": shard, "before": bound, "bodies": count} for shard, (bound, count) in gone.items()]
        say_json({"pruned": rows})
        return Exit.DONE
    for shard, (bound, count) in gone.items():
        say(f"分片 {shard}：已清除 {bound} 号之前的 {count} 条正文")
        say(f"  shard {shard}: {count} bodies below entry {bound} are gone")
    if not gone:
        say("没有过期的正文\n  nothing is old enough, or another process prunes now")
    return Exit.DONE


async def _prune(found: Installation, moment: float) -> dict[int, tuple[int, int]]:
    """By shard: the bound, and how many bodies went."""
    gone: dict[int, tuple[int, int]] = {}
    async with _ledger(found) as (store, ledger):
        async for bite in Pruned(found.ledger_path, store, ledger, operator()).bites(moment):
            gone[bite.shard] = bite.bound, gone.get(bite.shard, (0, 0))[1] + bite.pruned
    return gone


@asynccontextmanager
async def _ledger(found: Installation) -> AsyncIterator[tuple[Store, Ledger]]:
    """In a shard of its own where a gateway runs. What was written is signed at the end."""
    clock, audit, ring = SystemClock(), found.settings.audit, found.keys.ring

    def ledger_on(store: Store) -> Ledger:
        return Ledger(store, clock, found.keys.pseudonyms)

    kept = found.home / audit.kept
    store = await opened(found.ledger_path, audit.origin, ring.current.file, kept, ledger_on)
    try:
        yield store, ledger_on(store)
        await Checkpointer(store, clock, audit.origin, lambda: ring.current, kept).sign()
    finally:
        await store.close()


def operator() -> str:
    """The account on this machine that gave the command: what an act names as who did it."""
    return pwd.getpwuid(os.getuid()).pw_name
