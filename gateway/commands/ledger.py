"""`gateway ledger verify`, `proof` and `export`: what anybody can check who has the file, or a copy, and the public keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rich.progress import Progress

from gateway.commands import ledger_text
from gateway.commands.ledger_files import Named, Unusable
from gateway.commands.screen import Exit, console, failures, say, say_json
from gateway.ledger import exporting
from gateway.ledger.audits import audit
from gateway.proofs import checkpoints, proving
from gateway.proofs.tlog_proof import TlogProof
from gateway.store.snapshots import snapshot


def verify(named: Named, checkpoint: Sequence[Path], as_json: bool) -> Exit:
    """Prints everything that is wrong. A flaw: `NO`; nothing signed that could prove a shard: `UNDETERMINED`."""
    with failures():
        path, believed = named.read(checkpoint)
        with snapshot(path) as opened, progress(as_json) as stage:
            found = audit(opened, believed, stage)
    if as_json:
        say_json(ledger_text.document(found))
    else:
        ledger_text.show(found)
    if found.flaws.counts:
        return Exit.NO
    return Exit.UNDETERMINED if found.unsigned else Exit.DONE


def proof(named: Named, entry_id: str, as_json: bool) -> Exit:
    """Prints the proof. No such entry: `NO`; no checkpoint covers it yet: `UNDETERMINED`."""
    with failures():
        path, believed = named.read()
        with snapshot(path) as opened:
            row = opened.found([entry_id]).get(entry_id)
            if row is None:
                ledger_text.say_no_proof("no_entry", as_json)
                return Exit.NO
            (shard,) = [each for each in opened.shards() if each.number == row.shard]
            if row.seq >= shard.covered:
                ledger_text.say_no_proof("uncovered", as_json)
                return Exit.UNDETERMINED
            hashes = proving.inclusion(row.seq, shard.covered, partial(opened.hashes, shard.number))
            made = TlogProof(row.seq, tuple(hashes), checkpoints.parse(shard.checkpoint))
            made.check(row.leaf_hash, believed.keys(believed.name(shard.number)))  # never hand out one that fails
    text = made.encode().decode()
    if as_json:
        say_json({"entry_id": entry_id, "shard": row.shard, "index": row.seq, "proof": text})
    else:
        say(text.removesuffix("\n"))
    return Exit.DONE


def export(named: Named, folder: Path, as_json: bool) -> Exit:
    """Writes what is new. Raises SystemExit where the folder holds another log."""
    with failures():
        path, believed = named.read()
        with snapshot(path) as opened, progress(as_json) as stage:
            shards = [shard for shard in opened.shards() if shard.covered]
            seen = stage("export", sum(shard.covered for shard in shards))
            written = {}
            for shard in shards:
                signed = checkpoints.parse(shard.checkpoint)
                signed.verify(believed.keys(believed.name(shard.number)))
                before = _exported(folder / str(shard.number), believed.keys(believed.name(shard.number)))
                files = exporting.files(opened, shard, before)
                written[shard.number] = exporting.write(folder / str(shard.number), files, seen)
    if as_json:
        say_json({"shards": [{"shard": number, "files": count} for number, count in written.items()]})
    else:
        ledger_text.say_exported(written)
    return Exit.DONE


def _exported(folder: Path, keys: Sequence[exporting.NoteKey]) -> checkpoints.Checkpoint | None:
    file = folder / "checkpoint"
    if not file.exists():
        return None
    signed = checkpoints.parse(file.read_bytes())
    signed.verify(keys)
    return signed.checkpoint


__all__ = ["Unusable", "export", "proof", "verify"]

Stages = Callable[[str, int], Callable[[int], None]]


@contextmanager
def progress(as_json: bool) -> Iterator[Stages]:
    """A bar in a terminal, and nothing elsewhere."""
    screen = console()
    if as_json or not screen.is_terminal:
        yield lambda name, total: lambda count: None
        return
    with Progress(console=screen, transient=True) as bar:

        def stage(name: str, total: int) -> Callable[[int], None]:
            task = bar.add_task(ledger_text.STAGES[name], total=total)
            return lambda count: bar.advance(task, count)

        yield stage
