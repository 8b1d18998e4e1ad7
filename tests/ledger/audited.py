"""A ledger of two shards with 200 questions, signed twice; and what an auditor brings who keeps the first checkpoints."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway import clock
from gateway.ledger.auditing import Believed, Kept
from gateway.ledger.audits import Audit, audit
from gateway.proofs import canonical
from gateway.proofs.checkpoints import Checkpoint
from gateway.proofs.merkle import leaf_hash
from gateway.proofs.notes import Kind, NoteKey
from gateway.store import shards
from gateway.store.snapshots import snapshot
from gateway.store.sqlite import Store
from gateway.store.tables import Addition, Answer, Entry

ORIGIN = "gw.example/audit"
START = 1_525_219_200.0
QUESTIONS = 200


@dataclass
class Key:
    """A key for checkpoints, known or not."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    def named(self, name: str) -> list[NoteKey]:
        return [NoteKey(name, Kind.SIGNATURE, self.public)]

    def signed(self, checkpoint: Checkpoint) -> bytes:
        (key,) = self.named(checkpoint.origin)
        return checkpoint.signed(key.line(self.private.sign(checkpoint.text)))


def entry(content: dict[str, Any], **more: Any) -> Entry:
    body = canonical.written({"v": 2, **content})
    return Entry(content["entry_id"], content["kind"], body, leaf_hash(body), **more)


def question(number: int, *, tail: str = "") -> list[Addition]:
    """An intent, a call and an outcome. With another `tail` it is another history."""
    at = clock.rfc3339(START + number * 3)
    name = f"{number:04}{tail}"
    asked = entry(
        {"kind": "intent", "entry_id": f"i-{name}", "asked_at": at, "verification_id": f"v-{name}"}, opens=f"v-{name}"
    )
    call = entry({"kind": "evidence", "entry_id": f"e-{name}", "intent": asked.entry_id, "ended_at": at})
    content = {
        "kind": "outcome", "entry_id": f"o-{name}", "intent": asked.entry_id, "intent_hash": asked.leaf_hash.hex(),
        "verification_id": f"v-{name}", "revision": 1, "body_sha256": sha256(name.encode()).hexdigest(),
        "evidence": {call.entry_id: call.leaf_hash.hex()},
    }  # fmt: skip
    answer = Answer(f"v-{name}", 1, "intake", name.encode())
    return [
        Addition(entry=asked),
        Addition(entry=call),
        Addition(entry=entry(content, closes=asked.entry_id), answer=answer),
    ]


async def write(path: Path, key: Key, additions: list[Addition], shard: int | None = None) -> bytes:
    """Adds them to one shard and signs it; gives the checkpoint."""
    async with Store.open(path, shard=shard) as store:
        for addition in additions:
            await store.add(addition)
        note = key.signed(Checkpoint(f"{ORIGIN}/{store.shard}", store.edge.size, store.edge.root))
        await store.write(partial(shards.cover, number=store.shard, size=store.edge.size, checkpoint=note, signed_ms=1))
        return note


@dataclass
class Audited:
    """One file, the key it is signed with, and the checkpoints that were kept on the way."""

    path: Path
    key: Key
    kept: list[Kept]

    def copy(self, folder: Path) -> Audited:
        target = folder / "ledger.db"
        shutil.copyfile(self.path, target)
        return Audited(target, self.key, self.kept)

    def write(self, additions: list[Addition], shard: int | None = None) -> bytes:
        return asyncio.run(write(self.path, self.key, additions, shard))

    def by_hand(self, *statements: str, values: tuple[Any, ...] = ()) -> None:
        """What somebody does who has the file and an editor for it."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.create_function("leaf", 1, leaf_hash)
            for statement in statements:
                connection.execute(statement, values)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def audit(self, stage: Callable[[str, int], Callable[[int], None]] | None = None) -> Audit:
        believed = Believed(ORIGIN, self.key.named, self.kept)
        with snapshot(self.path) as opened:
            return audit(opened, believed, stage or (lambda name, total: lambda count: None))

    def found(self) -> set[str]:
        """The kinds of what an audit finds."""
        return {flaw.kind.value for flaw in self.audit().flaws.found}


def made(folder: Path) -> Audited:
    path = folder / "made.db"
    Store.create(path)
    key = Key(Ed25519PrivateKey.generate())
    made = Audited(path, key, [])
    for first in (0, QUESTIONS // 2):
        additions = [each for number in range(first, first + QUESTIONS // 2) for each in question(number)]
        made.kept.append(Kept(f"kept-{first}", made.write(additions, 0)))
    asyncio.run(_second_shard(made))
    return made


async def _second_shard(made: Audited) -> None:
    async with Store.open(made.path, shard=0):
        made.kept.append(Kept("kept-1", await write(made.path, made.key, question(9_000))))
