"""What the entries say of each other: every question ends once; an outcome names its question and calls by their hashes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from gateway.ledger.auditing import Seen
from gateway.ledger.entries import ACT, CLOSED, EVIDENCE, INTENT, MANUAL, OUTCOME
from gateway.ledger.flaws import Flaws, Kind
from gateway.store.shards import Shard
from gateway.store.snapshots import Row, Snapshot

PRUNED: Final = "pruned"
"""The act that says so: its details have `shard`, and `before`, the first entry that kept its body."""
OPEN_SECONDS: Final = 120
"""A question is answered within a minute; one that is older than the newest entry by this has lost its end."""
_AT_ONCE: Final = 1024
_SINCE: Final = 2
"""The version of entries that say all this."""


@dataclass(slots=True)
class Meanings:
    """What was read so far."""

    flaws: Flaws
    said: dict[int, int] = field(default_factory=dict)
    """By shard: below which number an act says that bodies were pruned."""
    open: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    """Intents without an end yet: shard, number, when."""
    loose: list[tuple[str, Row]] = field(default_factory=list)
    """Ends of intents that were not open: ended before, or of a shard that is still to come."""
    newest: str = ""

    def finish(self, snapshot: Snapshot) -> None:
        """After every shard: what never ended, and what ended twice."""
        twice = []
        for intent, row in self.loose:
            if self.open.pop(intent, None) is None:
                twice.append((intent, row))
        begun = snapshot.found([intent for intent, _ in twice])
        for intent, row in twice:
            if (first := begun.get(intent)) is not None and first.body is not None and _content(first) is not None:
                self.flaws.add(Kind.ENDED_TWICE, row.shard, row.seq)
        for shard, seq, at in self.open.values():
            if _seconds(self.newest) - _seconds(at) > OPEN_SECONDS:
                self.flaws.add(Kind.NEVER_ENDED, shard, seq)


def read(snapshot: Snapshot, shard: Shard, meanings: Meanings, seen: Seen) -> None:
    """One shard, in its order."""
    for first in range(0, shard.size, _AT_ONCE):
        rows = snapshot.rows(shard.number, first, min(_AT_ONCE, shard.size - first))
        contents = [(row, content) for row in rows if (content := _read(row, meanings)) is not None]
        named = snapshot.found(sorted({entry_id for _, content in contents for entry_id in _named(content)}))
        for row, content in contents:
            try:
                _links(row, content, named, meanings.flaws)
            except (TypeError, AttributeError):
                meanings.flaws.add(Kind.UNREADABLE, row.shard, row.seq)
        seen(min(_AT_ONCE, shard.size - first))


def answers(snapshot: Snapshot, flaws: Flaws) -> None:
    """Each answer that is kept for its asker against the outcome that proves it."""
    for verification_id, revision, body, shard, seq, outcome in snapshot.answers():
        content = _object(outcome) if outcome is not None else {}
        if content is None or (outcome is not None and not _is_of(content, verification_id, revision, body)):
            flaws.add(Kind.ANSWER, shard, seq)


def _is_of(content: Mapping[str, Any], verification_id: str, revision: int, body: bytes) -> bool:
    told = content.get("verification_id"), content.get("revision"), content.get("body_sha256")
    return told == (verification_id, revision, sha256(body).hexdigest())


def _read(row: Row, meanings: Meanings) -> Mapping[str, Any] | None:
    """The content, taken note of; None for one without a body, or of an older form, or that is none."""
    if row.body is None:
        return None
    content = _object(row.body)
    if content is None:
        meanings.flaws.add(Kind.UNREADABLE, row.shard, row.seq)
        return None
    if (content.get("entry_id"), content.get("kind")) != (row.entry_id, row.kind):
        meanings.flaws.add(Kind.COLUMNS, row.shard, row.seq)
    if not _is_current(content):
        return None
    try:
        _note(row, content, meanings)
    except (LookupError, TypeError, ValueError):
        meanings.flaws.add(Kind.UNREADABLE, row.shard, row.seq)
        return None
    return content


def _note(row: Row, content: Mapping[str, Any], meanings: Meanings) -> None:
    kind = content["kind"]
    if kind == INTENT:
        _seconds(content["asked_at"])
        meanings.open[content["entry_id"]] = row.shard, row.seq, content["asked_at"]
        meanings.newest = max(meanings.newest, content["asked_at"])
    elif kind == EVIDENCE:
        _seconds(content["ended_at"])
        meanings.newest = max(meanings.newest, content["ended_at"])
    elif kind == CLOSED or (kind == OUTCOME and content["revision"] == 1):
        if meanings.open.pop(content["intent"], None) is None:
            meanings.loose.append((content["intent"], row))
    elif kind == ACT and content["act"] == PRUNED:
        shard, before = int(content["details"]["shard"]), int(content["details"]["before"])
        meanings.said[shard] = max(meanings.said.get(shard, 0), before)


def _named(content: Mapping[str, Any]) -> Iterator[str]:
    """The entries that it names, by id."""
    if isinstance(intent := content.get("intent"), str):
        yield intent
    if content["kind"] == OUTCOME and isinstance(evidence := content.get("evidence"), dict):
        yield from evidence


def _links(row: Row, content: Mapping[str, Any], named: Mapping[str, Row], flaws: Flaws) -> None:
    if content["kind"] not in {EVIDENCE, MANUAL, OUTCOME, CLOSED}:
        return
    intent = named.get(content["intent"])
    if intent is None or intent.kind != INTENT:
        flaws.add(Kind.NO_INTENT, row.shard, row.seq)
    elif content["kind"] == OUTCOME and intent.leaf_hash.hex() != content.get("intent_hash"):
        flaws.add(Kind.INTENT_HASH, row.shard, row.seq)
    if content["kind"] == OUTCOME:
        for entry_id, leaf_hash in content.get("evidence", {}).items():
            call = named.get(entry_id)
            if call is None or call.kind not in {EVIDENCE, MANUAL}:
                flaws.add(Kind.EVIDENCE_MISSING, row.shard, row.seq)
            elif call.leaf_hash.hex() != leaf_hash:
                flaws.add(Kind.EVIDENCE_HASH, row.shard, row.seq)


def _content(row: Row) -> Mapping[str, Any] | None:
    content = _object(row.body)
    return content if content is not None and _is_current(content) else None


def _is_current(content: Mapping[str, Any]) -> bool:
    version = content.get("v")
    return isinstance(version, int) and version >= _SINCE


def _object(body: bytes | None) -> Mapping[str, Any] | None:
    try:
        content = json.loads(body or b"")
    except (ValueError, TypeError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
