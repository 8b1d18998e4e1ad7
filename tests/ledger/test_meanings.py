"""Entries that are rightly hashed and signed, and do not fit together: what only a gateway that errs can write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway import clock
from gateway.store.sqlite import Store
from gateway.store.tables import Addition
from tests.ledger.audited import START, Audited, Key, entry, question


@pytest.fixture
def ledger(tmp_path: Path) -> Audited:
    path = tmp_path / "ledger.db"
    Store.create(path)
    return Audited(path, Key(Ed25519PrivateKey.generate()), [])


def at(seconds: float) -> str:
    return clock.rfc3339(START + seconds)


def intent(name: str, seconds: float = 0) -> Addition:
    content = {"kind": "intent", "entry_id": name, "asked_at": at(seconds), "verification_id": f"v-{name}"}
    return Addition(entry=entry(content))


def end(name: str, of: Addition, kind: str = "outcome", **changed: Any) -> Addition:
    assert of.entry is not None
    content = {
        "kind": kind, "entry_id": name, "intent": of.entry.entry_id, "intent_hash": of.entry.leaf_hash.hex(),
        "revision": 1, "evidence": {},
    }  # fmt: skip
    return Addition(entry=entry(content | changed))


FIRST = intent("i-1")
LATER = intent("i-2", 121)
CASES: dict[str, tuple[list[Addition], set[str]]] = {
    "an outcome": ([FIRST, end("o-1", FIRST)], set()),
    "two revisions": ([FIRST, end("o-1", FIRST), end("o-2", FIRST, revision=2)], set()),
    "closed as unknown": ([FIRST, end("c-1", FIRST, "closed")], set()),
    "still open": ([FIRST, intent("i-2", 120)], set()),
    "never ended": ([FIRST, LATER], {"never_ended"}),
    "ended twice": ([FIRST, end("o-1", FIRST), end("c-1", FIRST, "closed")], {"ended_twice"}),
    "ended before it began": ([end("o-1", FIRST), FIRST], set()),
    "an end of nothing": ([end("o-1", FIRST)], {"no_intent"}),
    "an end of an end": ([FIRST, end("o-1", FIRST), end("o-2", end("o-1", FIRST))], {"no_intent", "ended_twice"}),
    "another hash": ([FIRST, end("o-1", FIRST, intent_hash="00" * 32)], {"intent_hash"}),
    "a call that is not there": ([FIRST, end("o-1", FIRST, evidence={"e-1": "00" * 32})], {"evidence_missing"}),
    "a call with another hash": (
        [FIRST, Addition(entry=entry({"kind": "evidence", "entry_id": "e-1", "intent": "i-1", "ended_at": at(0)})),
         end("o-1", FIRST, evidence={"e-1": "00" * 32})],
        {"evidence_hash"},
    ),
    "no time": ([Addition(entry=entry({"kind": "intent", "entry_id": "i-1"}))], {"unreadable"}),
    "calls that are no object": ([FIRST, end("o-1", FIRST, evidence=[1])], {"unreadable"}),
    "an older form": ([Addition(entry=entry({"kind": "outcome", "entry_id": "o-1", "v": 1}))], set()),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_entries_say_of_each_other(ledger: Audited, case: str) -> None:
    additions, kinds = CASES[case]
    ledger.write(additions)
    assert ledger.found() == kinds


def pruned(ledger: Audited, before: int) -> None:
    ledger.by_hand(
        f"UPDATE entry SET body = NULL WHERE place < {before}",
        f"DELETE FROM answer WHERE place < {before}",
        f"UPDATE shard SET pruned = {before}",
    )


def act(name: str, before: int) -> Addition:
    return Addition(
        entry=entry({"kind": "act", "entry_id": name, "act": "pruned", "details": {"shard": 0, "before": before}})
    )


def test_pruned_and_said_so(ledger: Audited) -> None:
    ledger.write([each for number in range(100) for each in question(number)] + [act("a-1", 256)])
    pruned(ledger, 256)
    assert ledger.found() == set()


def test_more_is_pruned_than_was_said(ledger: Audited) -> None:
    ledger.write([each for number in range(100) for each in question(number)] + [act("a-1", 255)])
    pruned(ledger, 256)
    assert [(flaw.kind.value, flaw.seq, flaw.last) for flaw in ledger.audit().flaws.found] == [("unsaid", 255, 255)]


def test_an_end_of_a_pruned_question_in_another_shard(ledger: Audited) -> None:
    ledger.write([each for number in range(100) for each in question(number)] + [act("a-1", 256)])
    pruned(ledger, 256)
    begun = question(0)[0]
    ledger.write([end("c-1", begun, "closed")])
    assert ledger.found() == set()
