"""Opening the ledger: what was signed must still be there, and what was begun is ended, before anybody asks.

Of every shard that nobody holds: the newest checkpoint and its kept copy are signed by us and are heads of the tree
that is here; the entries behind the checkpoint hash to their leaves, and these to the edge. Else Mismatch: the process
does not start, because whatever it wrote would stand on ground that somebody moved. `gateway ledger verify` then looks
at every entry, and `gateway ledger restore` brings a backup in on purpose.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog

from gateway.contract.ring import RingFile
from gateway.errors import GatewayError
from gateway.ledger.checkpointing import note_keys, origin_of
from gateway.ledger.ledger import Ledger
from gateway.proofs import checkpoints, proving
from gateway.proofs.lines import Malformed
from gateway.proofs.merkle import Edge, leaf_hash
from gateway.proofs.notes import NoteKey, NotSigned
from gateway.proofs.proving import ProofRefused
from gateway.settings import command_name
from gateway.store import shards
from gateway.store.shards import Connection, Reading, ShardHeld
from gateway.store.sqlite import Store

RESTORED: Final = "restored"
"""The act by which a backup was put back."""

_log = structlog.get_logger("gateway.ledger")


class Mismatch(GatewayError):
    """The ledger is not the one that was signed: it does not start. The text says which shard, and how to go on."""


async def opened(path: Path, origin: str, ring: RingFile, kept: Path, ledger: Callable[[Store], Ledger]) -> Store:
    """The store, checked, with every question that was under way when its process ended closed as unknown.

    Raises StoreRefused; Mismatch.
    """
    store = Store.open(path)
    try:
        await _begin(store, origin, ring, kept, ledger)
        for shard in await store.read(shards.read):
            if shard.closed:
                await _closed(store, shard.number, origin, ring, kept, ledger)
            elif shard.number != store.shard:
                await _tidy(path, shard.number, origin, ring, kept, ledger)
    except BaseException:
        await store.close()
        raise
    return store


async def _tidy(
    path: Path, number: int, origin: str, ring: RingFile, kept: Path, ledger: Callable[[Store], Ledger]
) -> None:
    """The same for a shard that another process left, unless one writes it now."""
    try:
        store = Store.open(path, shard=number)
    except ShardHeld:
        return
    try:
        await _begin(store, origin, ring, kept, ledger)
    finally:
        await store.close()


async def _closed(
    store: Store, number: int, origin: str, ring: RingFile, kept: Path, ledger: Callable[[Store], Ledger]
) -> None:
    """The same for a shard that nobody writes any more: what it left open is closed in ours."""
    await store.read(lambda connection: check_shard(connection, number, origin, ring, kept_notes(kept)))
    await ledger(store).close_lost("stopped", shard=number)


async def _begin(store: Store, origin: str, ring: RingFile, kept: Path, ledger: Callable[[Store], Ledger]) -> None:
    notes = kept_notes(kept)
    await store.read(lambda connection: check_shard(connection, store.shard, origin, ring, notes))
    if store.shard not in notes and store.edge.size:
        _log.warning("checkpoint.copy_missing", shard=store.shard)
    closed = await ledger(store).close_lost("stopped")
    if closed:
        _log.error("intents.closed", shard=store.shard, count=closed)


def kept_notes(kept: Path) -> dict[int, bytes]:
    """The kept copies of checkpoints, by shard."""
    files = [file for file in kept.iterdir() if file.name.isdecimal()] if kept.is_dir() else []
    return {int(file.name): file.read_bytes() for file in files}


def check_shard(connection: Connection, number: int, origin: str, ring: RingFile, notes: Mapping[int, bytes]) -> None:
    """One shard against its checkpoint and the kept one, unless a restore wrote down that it gave that up. Raises Mismatch."""
    tree = Reading(connection, number)
    kept = [notes[number]] if number in notes else []
    if tree.shard.closed:
        given_up = lost(connection, number)
        kept = [note for note in kept if note not in given_up]
    # A revoked key, too: what it signed proves nothing to others, but a tree that differs from it was altered all the same,
    # and the last checkpoint before the revocation must not keep us from starting, and signing it anew.
    check(tree, note_keys(ring, origin_of(origin, number), and_revoked=True), kept)


def lost(connection: Connection, number: int) -> set[bytes]:
    """The checkpoints of a shard that were ahead of a backup when it was put back: the first entry since then says so."""
    found = set()
    for body in shards.first_bodies(connection):
        content = json.loads(body)
        if content.get("act") == RESTORED and str(number) in content["details"]["lost"]:
            found.add(str(content["details"]["lost"][str(number)]).encode())
    return found


def check(tree: Reading, keys: Sequence[NoteKey], kept: Sequence[bytes]) -> None:
    """One shard against its checkpoint and the copies of it. Raises Mismatch."""
    own = (tree.shard.checkpoint,) if tree.shard.checkpoint else ()
    try:
        sizes = [_head_size(checkpoints.parse(note), tree, keys) for note in (*own, *kept)]
        _tail_stands(tree, max(sizes, default=0))
    except (Malformed, NotSigned, ProofRefused, Mismatch) as error:
        raise Mismatch(_told(tree.shard.number, str(error))) from error


def _head_size(signed: checkpoints.Signed, tree: Reading, keys: Sequence[NoteKey]) -> int:
    """How many entries it is the head of. Raises Mismatch where it is none of this tree."""
    signed.verify(keys)
    said, size = signed.checkpoint, tree.shard.size
    if said.origin != keys[0].name:
        raise Mismatch("a checkpoint is of another log")
    if said.size > size:
        raise Mismatch(f"it has {size} entries, and a checkpoint that we signed has {said.size}: it was rolled back")
    if proving.root_at(said.size, tree.hashes) != said.root:
        raise Mismatch(f"its first {said.size} entries are not those that we signed")
    return said.size


def _tail_stands(tree: Reading, seq: int) -> None:
    """From there on, which is what was signed: the row's own word for it is as easily edited as an entry."""
    shard = tree.shard
    for number, body, leaf in tree.leaves(seq):
        if number != seq:
            raise Mismatch(f"the entry {seq} is missing")
        if body is None and number >= shard.pruned:
            raise Mismatch(f"the entry {seq} has lost its body")
        if body is not None and leaf_hash(body) != leaf:
            raise Mismatch(f"the entry {seq} is not what was written")
        seq += 1
    if seq != shard.size:
        raise Mismatch(f"it has {seq} entries, and {shard.size} were written")
    if proving.root_at(shard.size, tree.hashes) != Edge.read(shard.size, shard.edge).root:
        raise Mismatch("its last entries are not those that were written")


def _told(number: int, why: str) -> str:
    return (
        f"shard {number} of the ledger: {why}. Nothing was started. `{command_name()} ledger verify` shows more; if a backup"
        f" was put back on purpose, `{command_name()} ledger restore` brings it in"
    )
