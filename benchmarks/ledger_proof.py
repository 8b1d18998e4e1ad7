"""How long a proof is in a tree of a million leaves: a whole C2SP tlog-proof with its checkpoint, checked as it would be."""

from __future__ import annotations

import time
from hashlib import sha256

from gateway.proofs import notes, proving, tlog_proof
from gateway.proofs.checkpoints import Checkpoint, parse
from gateway.proofs.merkle import STORED_EVERY, Edge
from gateway.proofs.tlog_proof import TlogProof
from gateway.security import keys

ORIGIN = "gw.example/audit/0"
WITNESSES = 2
_PROVED = 64


def measured(leaves: int) -> dict[str, float]:
    """Bytes of the longest of so many proofs, alone and with two witnesses' lines; CPU us to make and to check one."""
    stored: dict[int, list[bytes]] = {0: [sha256(b"%d" % number).digest() for number in range(leaves)]}
    edge, completed = Edge().grown(stored[0])
    for node in completed:
        stored.setdefault(node.level, []).append(node.hash)
    assert all(not level % STORED_EVERY for level in stored)
    checkpoint = Checkpoint(ORIGIN, leaves, edge.root)
    log, line = _signed(ORIGIN, checkpoint.text)
    cosigned = [_cosigned(f"witness-{number}.example", checkpoint.text) for number in range(WITNESSES)]
    alone, witnessed = checkpoint.signed(line), checkpoint.signed(line, *(each for _, each in cosigned))
    indexes = [0, leaves - 1, *range(1, leaves - 1, max(1, leaves // _PROVED))]
    before = time.process_time()
    paths = [tuple(proving.inclusion(index, leaves, _reader(stored))) for index in indexes]
    making = time.process_time() - before
    proofs = [TlogProof(index, path, parse(alone)).encode() for index, path in zip(indexes, paths, strict=True)]
    before = time.process_time()
    for index, proof in zip(indexes, proofs, strict=True):
        tlog_proof.parse(proof).check(stored[0][index], [log])
    checking = time.process_time() - before
    longest = max(zip(indexes, paths, strict=True), key=lambda each: len(each[1]))
    whole = TlogProof(*longest, parse(witnessed)).encode()
    tlog_proof.parse(whole).check(stored[0][longest[0]], [log], [key for key, _ in cosigned])
    return {
        "leaves": leaves,
        "bytes": max(map(len, proofs)),
        "hashes": len(longest[1]),
        "bytes_with_two_witnesses": len(whole),
        "make_us": round(making / len(indexes) * 1e6, 1),
        "check_us": round(checking / len(indexes) * 1e6, 1),
    }


def _reader(stored: dict[int, list[bytes]]) -> proving.Reader:
    return lambda level, first, count: stored[level][first : first + count]


def _signed(name: str, text: bytes) -> tuple[notes.NoteKey, notes.Line]:
    private, public = keys.new_ed25519()
    key = notes.key_of_pem(name, notes.Kind.SIGNATURE, public.decode())
    return key, key.line(_sign(private, text))


def _cosigned(name: str, text: bytes) -> tuple[notes.NoteKey, notes.Line]:
    private, public = keys.new_ed25519()
    key, at = notes.key_of_pem(name, notes.Kind.COSIGNATURE, public.decode()), 1_700_000_000
    return key, key.line(_sign(private, notes.cosigned(text, at)), at)


def _sign(private: bytes, text: bytes) -> bytes:
    made = keys.signer("k", private).sign(text)
    assert isinstance(made, bytes)
    return made
