"""One small ledger with one verification in it, its receipt with and without proof, and the keys document that checks them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.proofs import canonical, receipts
from gateway.proofs.checkpoints import Checkpoint, parse
from gateway.proofs.merkle import Edge, leaf_hash
from gateway.proofs.notes import Kind, key_of_pem
from gateway.proofs.proving import inclusion
from gateway.proofs.receipt_contents import Entry
from gateway.proofs.tlog_proof import TlogProof
from gateway.security import keys

ORIGIN: Final = "gw.example/audit"
SHARD: Final = f"{ORIGIN}/0"
WITNESS: Final = "witness.example/w1"
QUESTION: Final = '{"case_number":"JL2018050200123","subject":{"name":"测试子"}}'.encode()
ANSWER: Final = b'{"verification_id":"v-1","revision":1}'
SEEN_AT: Final = 1795392004


def pem(pair: tuple[bytes, bytes]) -> str:
    return pair[1].decode()


def blinded(blind: bytes, data: bytes) -> str:
    return hashlib.sha256(blind + hashlib.sha256(data).digest()).hexdigest()


@dataclass
class Receipted:
    """Every part can be another one before `file` puts them together."""

    signer: tuple[bytes, bytes] = field(default_factory=keys.new_ed25519)
    log: tuple[bytes, bytes] = field(default_factory=keys.new_ed25519)
    witness: tuple[bytes, bytes] = field(default_factory=keys.new_ed25519)
    alg: str = "ed25519"
    blind: bytes | None = b"b" * 16
    intent: dict[str, Any] = field(default_factory=dict)
    outcome: dict[str, Any] = field(default_factory=dict)
    index: int = 2
    size: int = 5

    def entries(self) -> tuple[Entry, list[Entry], bytes]:
        intent = {
            "v": 2, "kind": "intent", "entry_id": "e-1", "verification_id": "v-1", "consumer": "intake", "keyid": "intake-1",
            "purpose": "exit_entry_application", "legal_basis": [{"zh": "护照法", "en": "Passport Law"}],
            "unit_code": "229901000000", "application_date": "2018-05-02", "asked_at": "2026-11-23T00:00:00.000Z",
            "request_digest": blinded(b"b" * 16, QUESTION),
        } | self.intent  # fmt: skip
        asked = Entry(canonical.written(intent), self.blind)
        call = {"v": 2, "kind": "evidence", "entry_id": "e-2", "intent": "e-1", "authority": "household_registry"}
        called = Entry(canonical.written(call), self.blind)
        source = {
            "authority": "household_registry", "channel": "query", "status": "answered", "attempts": 1, "elapsed_ms": 4,
            "request_grade": "B", "reply_grade": "A", "evidence": ["e-2"],
        }  # fmt: skip
        decided = {"material": "guardianship_proof", "decision": "confirmed", "reason": "registry_guardian"}
        outcome = {
            "v": 2, "kind": "outcome", "entry_id": "e-3", "verification_id": "v-1", "revision": 1, "intent": "e-1",
            "intent_hash": leaf_hash(asked.body).hex(), "evidence": {"e-2": leaf_hash(called.body).hex()},
            "policy": "jilin-2018-05", "as_of": "2018-05-02", "outcome": "complete",
            "answered_at": "2026-11-23T00:00:01.000Z", "body_sha256": hashlib.sha256(ANSWER).hexdigest(),
            "materials": [{**decided, "disposition": "waived", "sources": [source]}],
        } | self.outcome  # fmt: skip
        return asked, [called], canonical.written(outcome)

    def payload(self) -> bytes:
        asked, called, answered = self.entries()
        return receipts.payload(asked, called, answered, SHARD, self.index)

    def leaves(self) -> list[bytes]:
        others = [leaf_hash(b"%d" % number) for number in range(self.size)]
        others[self.index] = leaf_hash(self.entries()[2])
        return others

    def proof(self, origin: str = SHARD) -> bytes:
        leaves = self.leaves()
        edge, _ = Edge().grown(leaves)
        checkpoint = Checkpoint(origin, self.size, edge.root)
        ours = key_of_pem(origin, Kind.SIGNATURE, pem(self.log)).line(self.signed(self.log, checkpoint.text))
        stamped = b"cosignature/v1\ntime %d\n%b" % (SEEN_AT, checkpoint.text)
        seen = key_of_pem(WITNESS, Kind.COSIGNATURE, pem(self.witness)).line(
            self.signed(self.witness, stamped), SEEN_AT
        )
        hashes = inclusion(self.index, self.size, lambda level, first, count: leaves[first : first + count])
        return TlogProof(self.index, tuple(hashes), parse(checkpoint.signed(ours, seen))).encode()

    def signed(self, pair: tuple[bytes, bytes], data: bytes) -> bytes:
        return keys.signer("any", pair[0]).sign(data)

    def file(self, *, proved: bool = True, payload: bytes | None = None, proof: bytes | None = None) -> bytes:
        content = payload if payload is not None else self.payload()
        signature = self.signed(self.signer, receipts.to_sign(content))
        return receipts.file(content, "receipts-1", signature, (proof or self.proof()) if proved else None)

    def document(self, *, ledger: bool = True, log: dict[str, Any] | None = None, **more: Any) -> bytes:
        """The keys document; `more` is said of the key for receipts, `log` of that for checkpoints."""
        signer = {
            "id": "receipts-1",
            "use": "receipts",
            "alg": self.alg,
            "state": "active",
            "public_key": pem(self.signer),
        }
        heads = {"id": "log-1", "use": "checkpoints", "alg": "ed25519", "state": "active", "public_key": pem(self.log)}
        answers = {
            "id": "answers-1",
            "use": "answers",
            "alg": "ed25519",
            "state": "active",
            "public_key": pem(self.log),
        }
        named = {"origin": ORIGIN, "witnesses": [{"name": WITNESS, "public_key": pem(self.witness)}]}
        content = {"keys": [answers, signer | more, heads | (log or {})], **({"ledger": named} if ledger else {})}
        return json.dumps(content).encode()
