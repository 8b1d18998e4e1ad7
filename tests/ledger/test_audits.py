"""What somebody does to the file by hand, and what an audit says about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.ledger.auditing import Kept
from gateway.proofs.checkpoints import Checkpoint
from gateway.store.schema import StoreRefused
from gateway.store.shards import SPAN
from gateway.store.snapshots import snapshot
from tests.ledger import audited
from tests.ledger.audited import ORIGIN, Audited, Key, question


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    return audited.made(tmp_path_factory.mktemp("audited"))


@pytest.fixture
def ledger(original: Audited, tmp_path: Path) -> Audited:
    return original.copy(tmp_path)


def test_an_honest_ledger_has_no_flaw(ledger: Audited) -> None:
    told: list[tuple[str, int]] = []
    seen: list[int] = []

    def stage(name: str, total: int):
        told.append((name, total))
        return seen.append

    audit = ledger.audit(stage)
    assert audit.flaws.found == []
    assert [(shard.size, shard.covered) for shard in audit.shards] == [(600, 600), (3, 3)]
    assert audit.agreed == ("kept-0", "kept-100", "kept-1")
    assert audit.unsigned == ()
    assert told == [("tree", 603), ("meanings", 603)]
    assert sum(seen) == 2 * 603


EDITS = {
    "an entry deleted": (["DELETE FROM entry WHERE place = 300"], {"missing", "no_intent"}),
    "the last entries deleted": (["DELETE FROM entry WHERE place BETWEEN 590 AND 600"], {"missing", "never_ended"}),
    "a body edited": (
        ["UPDATE entry SET body = CAST(replace(body, 'i-0007', 'i-0008') AS BLOB) WHERE place = 21"],
        {"body", "columns", "ended_twice"},
    ),
    "a body replaced by text": (["UPDATE entry SET body = 'x' WHERE place = 21"], {"body", "unreadable"}),
    "a body taken out": (["UPDATE entry SET body = NULL WHERE place = 301"], {"unpruned"}),
    "two entries swapped": (
        [
            "UPDATE entry SET place = -1 WHERE place = 10",
            "UPDATE entry SET place = 10 WHERE place = 11",
            "UPDATE entry SET place = 11 WHERE place = -1",
        ],
        {"node", "edge", "rewritten", "fork", "answer"},
    ),
    "an entry doubled behind the end": (
        ["INSERT INTO entry SELECT 600, 'copy', kind, body, leaf_hash FROM entry WHERE place = 599"],
        {"behind"},
    ),
    "an entry doubled over another": (
        [
            "DELETE FROM entry WHERE place = 11",
            "INSERT INTO entry SELECT 11, 'copy', kind, body, leaf_hash FROM entry WHERE place = 10",
        ],
        {"node", "edge", "rewritten", "fork", "columns", "never_ended", "answer"},
    ),
    "an entry in no shard": (
        [f"INSERT INTO entry SELECT {7 * SPAN}, 'copy', kind, body, leaf_hash FROM entry WHERE place = 1"],
        {"stray"},
    ),
    "a body with its leaf hash": (
        ["UPDATE entry SET body = CAST(replace(body, '0007', '0008') AS BLOB) WHERE place = 22",
         "UPDATE entry SET leaf_hash = leaf(body) WHERE place = 22"],
        {"node", "edge", "rewritten", "fork", "columns", "evidence_hash"},
    ),
    "the same in the tail": (
        ["UPDATE entry SET body = CAST(body || ' ' AS BLOB) WHERE place = 599",
         "UPDATE entry SET leaf_hash = leaf(body) WHERE place = 599"],
        {"edge", "rewritten", "fork"},
    ),
    "a node": (["UPDATE node SET hash = zeroblob(32) WHERE shard = 0 AND number = 1"], {"node"}),
    "a node deleted": (["DELETE FROM node WHERE shard = 0 AND number = 0"], {"node_missing"}),
    "a node too many": (["INSERT INTO node VALUES (0, 16, 0, zeroblob(32))"], {"node_extra"}),
    "the edge": (["UPDATE shard SET edge = zeroblob(length(edge)) WHERE number = 0"], {"edge"}),
    "the edge cut": (["UPDATE shard SET edge = x'00' WHERE number = 0"], {"edge"}),
    "the checkpoint taken out": (["UPDATE shard SET checkpoint = x'' WHERE number = 0"], {"checkpoint"}),
    "the checkpoint's size": (["UPDATE shard SET covered = 599 WHERE number = 0"], {"checkpoint"}),
    "the checkpoint of another shard": (
        ["UPDATE shard SET checkpoint = (SELECT checkpoint FROM shard WHERE number = 0), covered = 600 WHERE number = 1"],
        {"checkpoint"},
    ),
    "the checkpoint's signature": (
        ["UPDATE shard SET checkpoint = CAST(replace(checkpoint, x'0A3630300A', x'0A3539390A') AS BLOB), covered = 599"
         " WHERE number = 0"],
        {"signature"},
    ),
    "an answer": (["UPDATE answer SET body = x'7b7d' WHERE verification_id = 'v-0007'"], {"answer"}),
    "an entry's id": (
        ["UPDATE entry SET entry_id = 'other' WHERE place = 22"], {"columns", "evidence_missing"},
    ),
    "pruned, and nobody said so": (
        ["UPDATE entry SET body = NULL WHERE place < 256", "UPDATE shard SET pruned = 256 WHERE number = 0"], {"unsaid"},
    ),
    "a trigger": (["CREATE TRIGGER t AFTER INSERT ON nonce BEGIN DELETE FROM entry WHERE place = 1; END"], {"form"}),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_edited_by_hand(ledger: Audited, edit: str) -> None:
    statements, kinds = EDITS[edit]
    ledger.by_hand(*statements)
    assert ledger.found() == kinds


def test_where_it_is_said_to_be(ledger: Audited) -> None:
    ledger.by_hand("DELETE FROM entry WHERE place IN (1, 2, 5, 400)", "UPDATE entry SET body = x'00' WHERE place = 402")
    flaws = ledger.audit().flaws.found
    assert [(flaw.seq, flaw.last) for flaw in flaws if flaw.kind == "missing"] == [(1, 2), (5, 5), (400, 400)]
    assert [(flaw.shard, flaw.seq) for flaw in flaws if flaw.kind == "body"] == [(0, 402)]


def test_a_shortened_table(ledger: Audited) -> None:
    """Cut to 256 with a right edge: everything agrees but what was signed."""
    ledger.by_hand(
        f"DELETE FROM answer WHERE place BETWEEN 256 AND {SPAN - 1}",
        f"DELETE FROM entry WHERE place BETWEEN 256 AND {SPAN - 1}",
        "DELETE FROM node WHERE number = 1",
        "UPDATE shard SET size = 256, edge = (SELECT hash FROM node) WHERE number = 0",
    )
    assert ledger.found() == {"cut", "rolled_back", "never_ended"}


def test_a_file_of_an_earlier_day(original: Audited, tmp_path: Path) -> None:
    """Everything in it is right, and signed. Only who kept a later checkpoint can tell."""
    earlier = audited.Audited(tmp_path / "earlier.db", original.key, [])
    audited.Store.create(earlier.path)
    earlier.write([each for number in range(100) for each in question(number)], 0)
    assert earlier.found() == set()
    earlier.kept = original.kept
    flaws = earlier.audit().flaws.found
    assert [(flaw.kind.value, flaw.shard, flaw.source) for flaw in flaws] == [
        ("rolled_back", 0, "kept-100"),
        ("rolled_back", 1, "kept-1"),
    ]


def test_two_histories_under_one_name(ledger: Audited, tmp_path: Path) -> None:
    other = ledger.copy(tmp_path / "..")
    theirs = other.write(question(500, tail="b"), 0)
    ledger.write(question(500, tail="a"), 0)
    assert ledger.found() == set()
    assert other.found() == set()
    ledger.kept = [*ledger.kept, Kept("theirs", theirs)]
    assert [(flaw.kind.value, flaw.source) for flaw in ledger.audit().flaws.found] == [("fork", "theirs")]


def test_checkpoints_that_say_nothing(ledger: Audited) -> None:
    stranger = Key(Ed25519PrivateKey.generate())
    ledger.kept = [
        Kept("noise", b"noise"),
        Kept("other log", ledger.key.signed(Checkpoint("gw.example/other/0", 1, bytes(32)))),
        Kept("other number", ledger.key.signed(Checkpoint(f"{ORIGIN}/00", 1, bytes(32)))),
        Kept("stranger", stranger.signed(Checkpoint(f"{ORIGIN}/0", 1, bytes(32)))),
    ]
    audit = ledger.audit()
    assert [flaw.kind.value for flaw in audit.flaws.found] == [
        "kept_unreadable", "kept_other", "kept_other", "kept_signature",
    ]  # fmt: skip
    assert audit.agreed == ()


def test_nothing_is_signed(ledger: Audited) -> None:
    ledger.by_hand("UPDATE shard SET checkpoint = x'', covered = 0 WHERE number = 1")
    audit = ledger.audit()
    assert audit.flaws.found == []
    assert audit.unsigned == (1,)


def test_no_more_of_a_kind_than_somebody_can_read(ledger: Audited) -> None:
    ledger.by_hand("UPDATE entry SET body = x'7b7d'")
    flaws = ledger.audit().flaws
    assert flaws.counts["body"] == 603
    assert len([flaw for flaw in flaws.found if flaw.kind == "body"]) == 200
    assert flaws.omitted == flaws.counts.total() - len(flaws.found) > 0


@pytest.mark.parametrize("content", [b"", b"not a ledger at all, but a file"])
def test_a_file_that_is_no_ledger(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(StoreRefused), snapshot(path):
        pass
    with pytest.raises(StoreRefused, match="not there"), snapshot(tmp_path / "nothing"):
        pass


def test_a_snapshot_cannot_write(ledger: Audited) -> None:
    with pytest.raises(StoreRefused, match="readonly"), snapshot(ledger.path) as opened:
        opened._connection.execute("DELETE FROM entry")
