"""Backups, and what putting one back does to the logs: a shard that lost its end is closed, and a new one says what was lost.

Witnesses and holders of receipts may have seen the end that the backup lacks. Writing on under the old name would be a
second history of it, a fork; so all goes on in a shard whose number was never used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway import clock as clocks
from gateway.clock import Clock
from gateway.contract.ring import RingFile
from gateway.ledger import acts, entries
from gateway.ledger.checkpointing import note_keys, origin_of
from gateway.ledger.opening import Mismatch, check_shard, kept_notes
from gateway.proofs import checkpoints
from gateway.proofs.lines import Malformed
from gateway.proofs.notes import NotSigned
from gateway.security.signatures import SKEW_SECONDS
from gateway.store import copies, shards
from gateway.store.copies import Seen
from gateway.store.shards import Connection


@dataclass(frozen=True, slots=True)
class Logs:
    """What is known of a ledger beside its file: the name, the keys that count, and where the checkpoints are kept."""

    origin: str
    ring: RingFile
    kept: Path


@dataclass(frozen=True, slots=True)
class Restored:
    """`sizes` of the shards that came back, by number; the `lost` checkpoints that were ahead; where it goes on."""

    sizes: Mapping[int, int]
    lost: Mapping[int, Sequence[bytes]]
    shard: int
    replaced: Path


def back_up(path: Path, target: Path, logs: Logs, seen: Seen) -> dict[int, int]:
    """Copies the ledger and checks every shard of the copy; gives their sizes. Raises StoreRefused, Mismatch: none is left."""
    notes = kept_notes(logs.kept)  # before: what is signed while the copy is made is not in it
    with copies.copied(path, target, seen) as connection:
        for shard in (found := shards.read(connection)):
            check_shard(connection, shard.number, logs.origin, logs.ring, notes)
    return {shard.number: shard.size for shard in found}


def restore(backup: Path, path: Path, logs: Logs, clock: Clock, who: str, why: str, seen: Seen) -> Restored:
    """Puts `backup` in the place of the ledger at `path`. No process may have it open, and none can begin meanwhile.

    Raises StoreRefused, ShardHeld, Mismatch (the backup is not of this ledger): nothing was replaced.
    """
    now, notes = clock.unix(), kept_notes(logs.kept)
    stamp = clocks.from_unix(now).strftime("%Y%m%dT%H%M%S.%f")
    replaced = path.with_name(f"{path.name}.replaced-{stamp}")
    used = copies.numbers(path) | set(notes)
    with ExitStack() as locks, copies.put_back(backup, path, replaced, seen) as connection:
        found = shards.read(connection)
        number = max(used | {shard.number for shard in found}, default=-1) + 1
        locks.enter_context(copies.nobody_else(path, range(number)))  # until the new file is in place
        lost = _lost(connection, logs, notes)
        held = shards.take(connection, path, number)
        locks.callback(held.release)
        result = Restored({each.number: each.size for each in found}, lost, number, replaced)
        entry = entries.leaf(_act(clock, result, who, why), now)
        # Signatures may be dated a little ahead of our clock: of those before, nobody knows which were used.
        copies.begin_again(connection, held, int(now) + SKEW_SECONDS, entry)
    return result


def _lost(connection: Connection, logs: Logs, notes: Mapping[int, Sequence[bytes]]) -> dict[int, list[bytes]]:
    """The kept checkpoints that are ahead of the backup; every shard is checked against those that are not."""
    sizes = {shard.number: shard.size for shard in shards.read(connection)}
    lost: dict[int, list[bytes]] = {}
    for number, note in ((number, note) for number, each in notes.items() for note in each):
        try:
            signed = checkpoints.parse(note)
            signed.verify(note_keys(logs.ring, origin_of(logs.origin, number), and_revoked=True))
        except (Malformed, NotSigned) as error:
            raise Mismatch(
                f"{logs.kept / str(number)} is no checkpoint of ours ({error}): nothing was replaced"
            ) from error
        if signed.checkpoint.size > sizes.get(number, 0):
            lost.setdefault(number, []).append(note)
    for number in sizes:
        ours = {number: [note for note in notes.get(number, ()) if note not in lost.get(number, ())]}
        check_shard(connection, number, logs.origin, logs.ring, ours)
    return lost


def _act(clock: Clock, restored: Restored, who: str, why: str) -> entries.Content:
    details: dict[str, Any] = {
        "sizes": {str(number): size for number, size in restored.sizes.items()},
        "lost": {str(number): [note.decode() for note in notes] for number, notes in restored.lost.items()},
        "replaced": restored.replaced.name,
    }
    return acts.act(clock.identifier(), acts.RESTORED, who, details, clock.unix(), why)
