"""`gateway ledger prune`, `backup` and `restore`: what an operator does to the ledger, each but the backup an act in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from gateway import installation
from gateway.clock import SystemClock
from gateway.commands.acting import who, writing
from gateway.commands.ledger import Stages, progress
from gateway.commands.loops import run
from gateway.commands.screen import Exit, failures, say, say_json
from gateway.contract.files import load_or_raise
from gateway.contract.ring import RingFile
from gateway.errors import GatewayError
from gateway.installation import Installation
from gateway.ledger import restoring
from gateway.ledger.restoring import Logs
from gateway.ledger.retention import Pruned, cutoff, midnight
from gateway.proofs import checkpoints
from gateway.settings import Settings
from gateway.store.copies import Seen


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


def backup(home: Path, target: Path, as_json: bool) -> Exit:
    """Prints the sizes of the shards in the copy."""
    with failures():
        path, logs = _logs(home)
        with progress(as_json) as stage:
            sizes = restoring.back_up(path, target, logs, _pages(stage))
    if as_json:
        say_json({"backup": str(target), "shards": [{"shard": n, "entries": size} for n, size in sizes.items()]})
        return Exit.DONE
    say(f"已备份并核对：{target}\n  copied and checked: {target}")
    _say_sizes(sizes)
    return Exit.DONE


def restore(home: Path, source: Path, why: str, as_json: bool) -> Exit:
    """Prints what came back, what was lost, and where it goes on."""
    with failures():
        path, logs = _logs(home)
        with progress(as_json) as stage:
            done = restoring.restore(source, path, logs, SystemClock(), who(), why, _pages(stage))
    lost = {
        number: max(checkpoints.parse(note).checkpoint.size for note in notes) for number, notes in done.lost.items()
    }
    if as_json:
        rows = [{"shard": n, "entries": size, "signed": lost.get(n, size)} for n, size in done.sizes.items()]
        say_json({"shards": rows, "goes_on_in": done.shard, "replaced": str(done.replaced)})
        return Exit.DONE
    _say_sizes(done.sizes)
    for number, size in lost.items():
        count = size - done.sizes.get(number, 0)
        say(f"分片 {number}：至少丢失 {count} 条已签的条目")
        say(f"  shard {number}: at least {count} entries that were signed are lost; the ledger says so from now on")
    say(f"今后写入分片 {done.shard}；被替换的文件：{done.replaced}")
    say(f"  it goes on in shard {done.shard}; the file that was replaced is {done.replaced}")
    return Exit.DONE


def _say_sizes(sizes: Mapping[int, int]) -> None:
    for number, size in sizes.items():
        say(f"分片 {number}：{size} 条\n  shard {number}: {size} entries")


def _logs(home: Path) -> tuple[Path, Logs]:
    """The ledger's file, and what is known beside it. No private key is read."""
    settings = load_or_raise(home / installation.SETTINGS, Settings)
    ring = load_or_raise(home / settings.keys.ring, RingFile)
    return home / settings.ledger, Logs(settings.audit.origin, ring, home / settings.audit.kept)


def _pages(stage: Stages) -> Seen:
    """Shows the pages of a copy, whose number the first call tells."""
    copied = 0
    advance: Callable[[int], None] | None = None

    def seen(now: int, total: int) -> None:
        nonlocal copied, advance
        advance = advance or stage("copy", total)
        advance(now - copied)
        copied = now

    return seen


async def _prune(found: Installation, moment: float) -> dict[int, tuple[int, int]]:
    """By shard: the bound, and how many bodies went."""
    gone: dict[int, tuple[int, int]] = {}
    origin, own = found.settings.audit.origin, found.keys
    beside = writing(found.ledger_path, origin, found.kept, own.ring.current, own.pseudonyms, SystemClock())
    async with beside as (store, ledger):
        async for bite in Pruned(found.ledger_path, store, ledger, who()).bites(moment):
            gone[bite.shard] = bite.bound, gone.get(bite.shard, (0, 0))[1] + bite.pruned
    return gone
