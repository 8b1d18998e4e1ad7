from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from typer.testing import CliRunner

from gateway.commands.cli import app
from gateway.commands.ledger_words import MEANINGS
from gateway.ledger.flaws import Kind
from gateway.proofs import checkpoints, tlog_proof
from gateway.proofs.merkle import leaf_hash
from tests.ledger import audited
from tests.ledger.audited import ORIGIN, Audited, question


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    return audited.made(tmp_path_factory.mktemp("audited"))


@pytest.fixture
def ledger(original: Audited, tmp_path: Path) -> Audited:
    return original.copy(tmp_path)


def run(ledger: Audited, *arguments: str, **changed: Any) -> tuple[int, str]:
    pem = ledger.key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    key = {"id": "c-1", "use": "checkpoints", "alg": "ed25519", "state": "active", "public_key": pem.decode()}
    keys = ledger.path.with_name("keys.json")
    keys.write_text(json.dumps({"keys": [key | changed], "ledger": {"origin": ORIGIN, "witnesses": []}}))
    result = CliRunner().invoke(app, ["ledger", *arguments, "--ledger", str(ledger.path), "--keys", str(keys)])
    return result.exit_code, result.stdout


def test_verify_an_honest_ledger(ledger: Audited, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    for each in ledger.kept:
        (kept / each.source).write_bytes(each.note)
    code, text = run(ledger, "verify", "--checkpoint", str(kept))
    assert code == 0
    assert "账本完整，与签名一致" in text
    assert text.count("agrees with the kept checkpoint") == 3
    code, text = run(ledger, "verify", "--json")
    assert (code, json.loads(text)["verified"]) == (0, True)


def test_verify_says_what_is_wrong(ledger: Audited) -> None:
    ledger.by_hand("UPDATE entry SET body = x'7b7d' WHERE place = 21")
    code, text = run(ledger, "verify")
    assert code == 1
    assert "[body] shard 0 21: 正文与叶子散列不符" in text
    assert "  the body is not that of its leaf hash" in text
    code, text = run(ledger, "verify", "--json")
    (flaw, *_) = json.loads(text)["flaws"]
    assert (code, flaw["kind"], flaw["shard"], flaw["seq"]) == (1, "body", 0, 21)


def test_verify_where_nothing_is_signed(ledger: Audited) -> None:
    ledger.by_hand("UPDATE shard SET checkpoint = x'', covered = 0")
    code, text = run(ledger, "verify")
    assert code == 3
    assert "nothing proves it" in text


@pytest.mark.parametrize("changed", [{"state": "revoked"}, {"use": "answers"}, {"public_key": "x"}])
def test_a_key_that_does_not_count(ledger: Audited, changed: dict[str, str]) -> None:
    assert run(ledger, "verify", **changed)[0] == 2


def test_every_flaw_has_its_words() -> None:
    assert set(MEANINGS) == set(Kind)


def test_a_proof_is_one(ledger: Audited) -> None:
    code, text = run(ledger, "proof", "o-0100")
    assert code == 0
    assert len(text) < 2048
    body = ledger_body(ledger, "o-0100")
    checkpoint, _ = tlog_proof.parse(text.encode()).check(leaf_hash(body), ledger.key.named(f"{ORIGIN}/0"))
    assert checkpoint.size == 600


def ledger_body(ledger: Audited, entry_id: str) -> bytes:
    from gateway.store.snapshots import snapshot

    with snapshot(ledger.path) as opened:
        body = opened.found([entry_id])[entry_id].body
    assert body is not None
    return body


def test_no_proof(ledger: Audited) -> None:
    assert run(ledger, "proof", "nobody")[0] == 1
    ledger.by_hand("UPDATE shard SET covered = 10 WHERE number = 0")
    assert run(ledger, "proof", "o-0100", "--json")[0] == 3


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_export_is_a_log_of_tiles(ledger: Audited, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(ledger, "export", str(out))[0] == 0
    found = tree(out / "0")
    assert set(found) == {
        "checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2",
        "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88",
    }  # fmt: skip
    assert checkpoints.parse(found["checkpoint"]).checkpoint.size == 600
    bundle, hashes = found["tile/entries/001"], found["tile/0/001"]
    for at in range(0, len(hashes), 32):
        length = int.from_bytes(bundle[:2], "big")
        assert leaf_hash(bundle[2 : 2 + length]) == hashes[at : at + 32]
        bundle = bundle[2 + length :]
    assert bundle == b""


def test_the_next_export_writes_only_what_is_new(ledger: Audited, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(ledger, "export", str(out))
    ledger.write([each for number in range(300, 360) for each in question(number)], 0)
    code, text = run(ledger, "export", str(out), "--json")
    assert (code, json.loads(text)["shards"]) == (0, [{"shard": 0, "files": 6}, {"shard": 1, "files": 1}])
    again = tmp_path / "again"
    run(ledger, "export", str(again))
    kept = {"0/tile/1/000.p/2": (out / "0/tile/1/000.p/2").read_bytes()}
    assert tree(out) == tree(again) | kept


def test_an_export_of_another_history_is_refused(ledger: Audited, tmp_path: Path) -> None:
    out, other = tmp_path / "out", ledger.copy(tmp_path / "..")
    other.write(question(500, tail="b"), 0)
    ledger.write(question(500, tail="a"), 0)
    run(ledger, "export", str(out))
    assert run(other, "export", str(out))[0] == 2


def test_a_pruned_bundle_is_left_out(ledger: Audited, tmp_path: Path) -> None:
    ledger.by_hand("UPDATE entry SET body = NULL WHERE place < 256", "UPDATE shard SET pruned = 256 WHERE number = 0")
    assert run(ledger, "export", str(tmp_path / "out"))[0] == 0
    found = tree(tmp_path / "out" / "0")
    assert "tile/0/000" in found
    assert "tile/entries/000" not in found
    ledger.by_hand("UPDATE entry SET body = NULL WHERE place = 300")
    assert run(ledger, "export", str(tmp_path / "more"))[0] == 2
