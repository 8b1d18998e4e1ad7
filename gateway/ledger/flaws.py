"""What can be wrong with a ledger, as a closed list; and what an audit found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

MOST: Final = 200
"""Of one kind that are kept with their place; the rest are counted."""


class Kind(StrEnum):
    """The tree, its signatures, then what the entries say of each other."""

    FORM = "form"
    STRAY = "stray"
    MISSING = "missing"
    BEHIND = "behind"
    BODY = "body"
    UNPRUNED = "unpruned"
    UNSAID = "unsaid"
    NODE = "node"
    NODE_MISSING = "node_missing"
    NODE_EXTRA = "node_extra"
    EDGE = "edge"
    CHECKPOINT = "checkpoint"
    SIGNATURE = "signature"
    CUT = "cut"
    REWRITTEN = "rewritten"
    KEPT_UNREADABLE = "kept_unreadable"
    KEPT_SIGNATURE = "kept_signature"
    KEPT_OTHER = "kept_other"
    ROLLED_BACK = "rolled_back"
    FORK = "fork"
    UNREADABLE = "unreadable"
    COLUMNS = "columns"
    NO_INTENT = "no_intent"
    INTENT_HASH = "intent_hash"
    EVIDENCE_MISSING = "evidence_missing"
    EVIDENCE_HASH = "evidence_hash"
    ENDED_TWICE = "ended_twice"
    NEVER_ENDED = "never_ended"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is not as it was written. `seq` and `last`: the entries that it is about, where it is about some."""

    kind: Kind
    shard: int | None = None
    seq: int | None = None
    last: int | None = None
    source: str | None = None
    """The file that it was found against: a checkpoint that was kept."""


@dataclass(slots=True)
class Flaws:
    """Everything that was found, in the order of finding; of one kind at most `MOST` with their place."""

    found: list[Flaw] = field(default_factory=list)
    counts: Counter[Kind] = field(default_factory=Counter)

    def add(
        self,
        kind: Kind,
        shard: int | None = None,
        seq: int | None = None,
        last: int | None = None,
        source: str | None = None,
    ) -> None:
        """Adds one."""
        self.counts[kind] += 1
        if self.counts[kind] <= MOST:
            self.found.append(Flaw(kind, shard, seq, last, source))

    @property
    def omitted(self) -> int:
        """How many were only counted."""
        return self.counts.total() - len(self.found)
