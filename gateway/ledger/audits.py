"""A whole audit: the trees, their heads, what the entries say of each other, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.ledger import acts, auditing, meanings
from gateway.ledger.auditing import Believed, Seen, Tree
from gateway.ledger.flaws import Flaws, Kind
from gateway.store.shards import Shard
from gateway.store.snapshots import Snapshot

Stage = Callable[[str, int], Seen]
"""Told what is looked at now, and of how many entries; gives whom to tell of each."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What was looked at, and what was found."""

    shards: tuple[Shard, ...]
    flaws: Flaws
    agreed: tuple[str, ...]
    """The kept checkpoints that are heads of this ledger."""

    @property
    def unsigned(self) -> tuple[int, ...]:
        """Shards with entries of which nothing is signed: nobody but this file says that they are right."""
        return tuple(shard.number for shard in self.shards if shard.size and not shard.covered)


def audit(snapshot: Snapshot, believed: Believed, stage: Stage) -> Audit:
    """Looks at everything, and goes on after a flaw."""
    flaws, shards = Flaws(), snapshot.shards()
    if not snapshot.has_own_form():
        flaws.add(Kind.FORM)
    if strays := snapshot.strays([shard.number for shard in shards]):
        flaws.add(Kind.STRAY, None, None, strays)
    total = sum(shard.size for shard in shards)
    seen = stage("tree", total)
    trees = [auditing.grown(snapshot, shard, flaws, seen) for shard in shards]
    for tree in trees:
        auditing.heads(tree, believed, flaws)
    # A kept checkpoint that a restore wrote down as lost is no roll-back; its shard is closed.
    firsts = [row.body for shard in shards for row in snapshot.rows(shard.number, 0, 1)]
    given_up = {note for body in firsts for notes in acts.given_up(body).values() for note in notes}
    kept = tuple(each for each in believed.kept if each.note not in given_up)
    agreed = auditing.against_kept(trees, replace(believed, kept=kept), flaws)
    said = meanings.Meanings(flaws)
    seen = stage("meanings", total)
    for shard in shards:
        meanings.read(snapshot, shard, said, seen)
    said.finish(snapshot)
    meanings.answers(snapshot, flaws)
    for tree in trees:
        _require_said(tree, said.said.get(tree.shard.number, 0), flaws)
    return Audit(tuple(shards), flaws, tuple(agreed))


def _require_said(tree: Tree, said: int, flaws: Flaws) -> None:
    """Bodies are gone, and nobody wrote down that they were pruned."""
    bare = min(tree.bare_until, tree.shard.pruned)
    if bare > said:
        flaws.add(Kind.UNSAID, tree.shard.number, said, bare - 1)
