"""A shard as C2SP tlog-tiles: the files that its newest checkpoint needs, and writing them so that none is ever half there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from gateway.errors import GatewayError
from gateway.proofs import checkpoints, proving, tiles
from gateway.proofs.checkpoints import Checkpoint
from gateway.proofs.notes import NoteKey
from gateway.store.shards import Shard
from gateway.store.snapshots import Snapshot

__all__ = ["ExportRefused", "File", "NoteKey", "files", "write"]


class ExportRefused(GatewayError):
    """These files would not be one log with those that are there, or the ledger lacks what they need."""


class File(NamedTuple):
    """One file, where it lies below the log's folder, how many entries it brings, and the folder that it makes useless."""

    path: str
    data: bytes
    entries: int = 0
    superseded: str | None = None


def files(snapshot: Snapshot, shard: Shard, before: Checkpoint | None) -> Iterator[File]:
    """What the newest checkpoint needs beyond the one that was exported `before`; that checkpoint comes last.

    Bundles of pruned entries are left out, as the format allows below a minimum index. Raises ExportRefused.
    """
    read = partial(snapshot.hashes, shard.number)
    said = checkpoints.parse(shard.checkpoint).checkpoint
    since = before.size if before is not None else 0
    if before is not None and (before.origin, proving.root_at(since, read)) != (said.origin, before.root):
        raise ExportRefused("the folder holds another log, or a later one: this ledger does not go on from it")
    if proving.root_at(said.size, read) != said.root:
        raise ExportRefused("the ledger is not the one that was signed: `ledger verify` says more")
    for tile in tiles.tiles(said.size, since):
        hashes = read(8 * tile.level, tile.first, tile.width)
        yield File(tile.path, tiles.tile_bytes(hashes), 0, tile.superseded)
        if tile.level == 0 and not tiles.is_pruned(tile, shard.pruned):
            yield _bundle(snapshot, shard, tile)
    yield File(tiles.CHECKPOINT, shard.checkpoint)


def _bundle(snapshot: Snapshot, shard: Shard, tile: tiles.Tile) -> File:
    bodies = [body for body, _ in snapshot.leaves(shard.number, tile.first, tile.width)]
    there = [body for body in bodies if body is not None]
    if len(there) < tile.width:
        raise ExportRefused(f"entries from {tile.first} on have lost their bodies: `ledger verify` says more")
    path = tile.entries_path
    superseded = f"{path}.p" if tile.width == tiles.WIDTH else None
    return File(path, tiles.bundle_bytes(there), tile.width, superseded)


def write(folder: Path, made: Iterable[File], seen: Callable[[int], None]) -> int:
    """Writes each file whole, the checkpoint last: after a crash the one before it counts. Gives how many."""
    count = 0
    for file in made:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}")
        aside.write_bytes(file.data)
        aside.replace(path)
        if file.superseded is not None:
            shutil.rmtree(folder / file.superseded, ignore_errors=True)
        seen(file.entries)
        count += 1
    return count
