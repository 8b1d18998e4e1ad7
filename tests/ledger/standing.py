"""Whether a ledger stands, told from its file alone: gaps, leaves, trees, stored subtrees, ends of intents, signed heads.

It reads by SQL of its own and folds every tree anew, so that it shares no reading code with what it checks.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.proofs import checkpoints, proving
from gateway.proofs.checkpoints import Checkpoint
from gateway.proofs.merkle import Edge, leaf_hash
from gateway.proofs.notes import NoteKey
from gateway.store.shards import SPAN


@dataclass(frozen=True)
class Log:
    """One shard as the file has it: what is left of each body, and every leaf hash."""

    number: int
    bodies: Sequence[bytes | None]
    leaves: Sequence[bytes]
    nodes: Mapping[tuple[int, int], bytes]
    size: int
    edge: bytes
    pruned: int
    checkpoint: bytes

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """As `proofs.proving` reads a tree."""
        if level == 0:
            return list(self.leaves[first : first + count])
        return [self.nodes[level, n] for n in range(first, first + count) if (level, n) in self.nodes]

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies if body is not None]

    @property
    def head(self) -> Checkpoint:
        """What a checkpoint over all of it would say, under no name."""
        return Checkpoint("-", self.size, Edge.read(self.size, self.edge).root)


def logs(path: Path) -> list[Log]:
    """Every shard, as one moment sees them. Fails where places have a gap."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        shards = connection.execute(
            "SELECT number, size, edge, pruned, checkpoint FROM shard ORDER BY number"
        ).fetchall()
        rows = connection.execute("SELECT place, body, leaf_hash FROM entry ORDER BY place").fetchall()
        nodes = connection.execute("SELECT shard, level, number, hash FROM node").fetchall()
    expected = [number * SPAN + seq for number, size, *_ in shards for seq in range(size)]
    assert [place for place, *_ in rows] == expected, "no gap, nothing twice, nothing behind the end"
    return [_log(shard, rows, nodes) for shard in shards]


def _log(shard: tuple[Any, ...], rows: Sequence[tuple[Any, ...]], nodes: Sequence[tuple[Any, ...]]) -> Log:
    number, size, edge, pruned, checkpoint = shard
    own = [row for row in rows if row[0] // SPAN == number]
    kept = {(level, at): found for where, level, at, found in nodes if where == number}
    return Log(number, [row[1] for row in own], [row[2] for row in own], kept, size, edge, pruned, bytes(checkpoint))


def check(path: Path, keys: Mapping[int, Sequence[NoteKey]] | None = None, *, are_bodies: bool = True) -> list[Log]:
    """Fails unless every tree stands, and its checkpoint with it where there are keys. `are_bodies`: JSON entries."""
    found = logs(path)
    for log in found:
        _tree_stands(log)
        if keys and log.checkpoint:
            signed = checkpoints.parse(log.checkpoint)
            signed.verify(keys[log.number])
            begins_with(log, signed.checkpoint)
    if are_bodies:
        ids = Counter(entry["entry_id"] for log in found for entry in log.entries)
        assert not [entry_id for entry_id, count in ids.items() if count > 1]
    return found


def _tree_stands(log: Log) -> None:
    for seq, (body, leaf) in enumerate(zip(log.bodies, log.leaves, strict=True)):
        assert leaf_hash(body) == leaf if body is not None else seq < log.pruned, f"entry {seq} of shard {log.number}"
    edge, completed = Edge().grown(log.leaves)
    assert edge.packed == log.edge
    assert {(node.level, node.number): node.hash for node in completed} == log.nodes
    assert proving.root_at(log.size, log.hashes) == edge.root


def begins_with(log: Log, older: Checkpoint) -> None:
    """Fails unless the log is what it was when that checkpoint was true, with more behind it, and can prove it."""
    assert older.size <= log.size, "it was rolled back"
    if older.size:
        proof = proving.consistency(older.size, log.size, log.hashes)
        proving.check_consistency(older.size, log.size, proof, older.root, log.head.root)


def ends(found: Sequence[Log]) -> dict[str, list[str]]:
    """Of every intent, by entry id: the kinds of what ended it."""
    ended: dict[str, list[str]] = {}
    entries = [entry for log in found for entry in log.entries]
    for entry in entries:
        if entry["kind"] == "intent":
            ended[entry["entry_id"]] = []
    for entry in entries:
        if entry["kind"] == "closed" or (entry["kind"] == "outcome" and entry["ends"]):
            ended[entry["intent"]].append(entry["kind"])
    return ended


def open_intents(path: Path) -> list[str]:
    """What the store itself holds for not ended."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return [intent for (intent,) in connection.execute("SELECT intent FROM open_intent")]
