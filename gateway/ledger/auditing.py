"""An audit of a whole ledger, from public keys alone: every body, every hash of every tree, every signed head.

It goes on after a flaw. What is found is held against what was stored beside it, so that each change is found where it was
made: a body against its leaf hash, 256 leaf hashes against the root that is kept of them, all of them against the edge, and
the edge and every earlier head against what the gateway signed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Final

from gateway.ledger.flaws import Flaws, Kind
from gateway.proofs import checkpoints, proving
from gateway.proofs.checkpoints import Signed
from gateway.proofs.lines import Malformed
from gateway.proofs.merkle import STORED_EVERY, Edge
from gateway.proofs.notes import NoteKey, NotSigned
from gateway.proofs.proving import ProofRefused, folded
from gateway.store.shards import Shard
from gateway.store.snapshots import Leaf, Snapshot

ROW: Final = 1 << STORED_EVERY
Seen = Callable[[int], None]
"""Told how many entries more were looked at."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint that somebody kept: the file's name and its bytes."""

    source: str
    note: bytes


@dataclass(frozen=True, slots=True)
class Believed:
    """What an auditor brings: the ledger's name, the keys that sign under a shard's name, and checkpoints of former days."""

    origin: str
    keys: Callable[[str], Sequence[NoteKey]]
    kept: Sequence[Kept] = ()

    def name(self, shard: int) -> str:
        """The origin of a shard."""
        return f"{self.origin}/{shard}"


@dataclass(slots=True)
class Tree:
    """One shard, recomputed from its leaf hashes. `levels` has the roots of full subtrees, None where leaves are missing."""

    shard: Shard
    leaves: proving.Reader
    levels: dict[int, list[bytes | None]] = field(default_factory=dict)
    bare_until: int = 0
    """Behind the last entry that has no body."""

    def read(self, level: int, first: int, count: int) -> list[bytes]:
        """As a `proving.Reader`."""
        if level == 0:
            return list(self.leaves(0, first, count))
        return [each for each in self.levels[level][first : first + count] if each is not None]

    def root_at(self, size: int) -> bytes | None:
        """None where entries are missing below."""
        try:
            return proving.root_at(size, self.read)
        except ProofRefused:
            return None


def grown(snapshot: Snapshot, shard: Shard, flaws: Flaws, seen: Seen) -> Tree:
    """Walks the shard once, in its order: bodies against leaf hashes, leaf hashes against what is kept of the tree."""
    tree = Tree(shard, partial(snapshot.hashes, shard.number))
    roots: list[bytes | None] = []
    kept = snapshot.nodes(shard.number, STORED_EVERY)
    for first in range(0, shard.size, ROW):
        count = min(ROW, shard.size - first)
        leaves = snapshot.leaves(shard.number, first, count)
        if len(leaves) == count:
            _bodies(leaves, tree, first, flaws)
            if count == ROW:
                roots.append(folded([leaf for _, leaf in leaves]))
        else:
            _gaps(snapshot, tree, first, first + count, flaws)
            if count == ROW:
                roots.append(
                    kept.get(first // ROW)
                )  # the one that was there: what stands beside it can still be checked
        seen(count)
    if behind := snapshot.behind(shard.number, shard.size):
        flaws.add(Kind.BEHIND, shard.number, shard.size, shard.size + behind - 1)
    _levels(snapshot, tree, roots, flaws)
    return tree


def _bodies(leaves: Sequence[Leaf], tree: Tree, first: int, flaws: Flaws) -> None:
    try:
        found = [sha256(b"\0" + body).digest() for body, _ in leaves]  # type: ignore[operator]  # None goes the long way
        if found == [leaf for _, leaf in leaves]:
            return
    except TypeError:
        pass
    for seq, (body, leaf) in enumerate(leaves, first):
        _body(tree, seq, body, leaf, flaws)


def _body(tree: Tree, seq: int, body: bytes | None, leaf: bytes, flaws: Flaws) -> None:
    if body is None:
        tree.bare_until = seq + 1
        if seq >= tree.shard.pruned:
            flaws.add(Kind.UNPRUNED, tree.shard.number, seq)
    elif not isinstance(body, bytes) or sha256(b"\0" + body).digest() != leaf:
        flaws.add(Kind.BODY, tree.shard.number, seq)


def _gaps(snapshot: Snapshot, tree: Tree, first: int, end: int, flaws: Flaws) -> None:
    """What is missing of a row, and the bodies of what is not."""
    expected = first
    for row in snapshot.rows(tree.shard.number, first, end - first):
        if row.seq > expected:
            flaws.add(Kind.MISSING, tree.shard.number, expected, row.seq - 1)
        _body(tree, row.seq, row.body, row.leaf_hash, flaws)
        expected = row.seq + 1
    if expected < end:
        flaws.add(Kind.MISSING, tree.shard.number, expected, end - 1)


def _levels(snapshot: Snapshot, tree: Tree, roots: list[bytes | None], flaws: Flaws) -> None:
    level, number = STORED_EVERY, tree.shard.number
    while True:
        kept, span = snapshot.nodes(number, level), 1 << level
        for at, root in enumerate(roots):
            stored = kept.pop(at, None)
            if stored is None:
                flaws.add(Kind.NODE_MISSING, number, at * span, (at + 1) * span - 1)
            elif stored != root and root is not None:
                flaws.add(Kind.NODE, number, at * span, (at + 1) * span - 1)
        for at in sorted(kept):
            flaws.add(Kind.NODE_EXTRA, number, at * span, (at + 1) * span - 1)
        if not roots:
            return
        tree.levels[level] = roots
        rows = [roots[at : at + ROW] for at in range(0, len(roots) - ROW + 1, ROW)]
        roots = [None if None in row else folded([each for each in row if each is not None]) for row in rows]
        level += STORED_EVERY


def heads(tree: Tree, believed: Believed, flaws: Flaws) -> None:
    """The edge and the stored checkpoint against the tree."""
    shard = tree.shard
    root = tree.root_at(shard.size)
    try:
        if root is not None and Edge.read(shard.size, shard.edge).root != root:
            raise ValueError("another root")
    except ValueError:
        flaws.add(Kind.EDGE, shard.number)
    if shard.checkpoint or shard.covered:
        _signed_head(tree, believed, flaws)


def _signed_head(tree: Tree, believed: Believed, flaws: Flaws) -> None:
    shard = tree.shard
    try:
        signed = checkpoints.parse(shard.checkpoint)
        if (signed.checkpoint.origin, signed.checkpoint.size) != (believed.name(shard.number), shard.covered):
            raise Malformed("of another log or size")
        signed.verify(believed.keys(believed.name(shard.number)))
    except (Malformed, NotSigned) as error:
        flaws.add(Kind.SIGNATURE if isinstance(error, NotSigned) else Kind.CHECKPOINT, shard.number)
        return
    said = signed.checkpoint
    if said.size > shard.size:
        flaws.add(Kind.CUT, shard.number, shard.size, said.size - 1)
    elif (root := tree.root_at(said.size)) is not None and root != said.root:
        flaws.add(Kind.REWRITTEN, shard.number, 0, said.size - 1)


def against_kept(trees: Sequence[Tree], believed: Believed, flaws: Flaws) -> list[str]:
    """Every kept checkpoint against the tree that it is a head of; gives the files that agree."""
    by_name = {believed.name(tree.shard.number): tree for tree in trees}
    agreed = []
    for kept in believed.kept:
        try:
            kind, shard, size = _against(checkpoints.parse(kept.note), by_name, believed)
        except Malformed:
            kind, shard, size = Kind.KEPT_UNREADABLE, None, 0
        if kind is None:
            agreed.append(kept.source)
        else:
            flaws.add(kind, shard, None, size - 1 if size else None, kept.source)
    return agreed


def _against(signed: Signed, trees: dict[str, Tree], believed: Believed) -> tuple[Kind | None, int | None, int]:
    said = signed.checkpoint
    shard = _shard_of(said.origin, believed.origin)
    if shard is None:
        return Kind.KEPT_OTHER, None, 0
    try:
        signed.verify(believed.keys(said.origin))
    except NotSigned:
        return Kind.KEPT_SIGNATURE, shard, 0
    tree = trees.get(said.origin)
    if tree is None or said.size > tree.shard.size:
        return Kind.ROLLED_BACK, shard, said.size
    root = tree.root_at(said.size)
    return Kind.FORK if root is not None and root != said.root else None, shard, said.size


def _shard_of(name: str, origin: str) -> int | None:
    number = name.removeprefix(f"{origin}/")
    is_ours = number != name and number.isascii() and number.isdecimal() and str(int(number)) == number
    return int(number) if is_ours else None
