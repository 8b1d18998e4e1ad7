"""C2SP tlog-proof (c2sp.org/tlog-proof): that an entry is in a log, in one file that is checked with public keys alone."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.proofs import checkpoints, notes
from gateway.proofs.checkpoints import Checkpoint, Signed
from gateway.proofs.lines import MAX_HASHES, Malformed, decimal, hash_lines, read_hashes, unbase64
from gateway.proofs.notes import NoteKey, Signers
from gateway.proofs.proving import check_inclusion

HEADER: Final = b"c2sp.org/tlog-proof@v1"
MAX_EXTRA_BYTES: Final = 8 * 1024

_MAX_BYTES: Final = notes.MAX_BYTES + MAX_HASHES * 45 + 2 * MAX_EXTRA_BYTES


@dataclass(frozen=True, slots=True)
class TlogProof:
    """Where an entry is, the way from its leaf to the head of the tree, and the checkpoint that signs the head."""

    index: int
    hashes: tuple[bytes, ...]
    """From the leaf's sibling up."""
    signed: Signed
    extra: bytes = b""
    """Nobody signs it: whatever it says, it proves nothing."""

    def encode(self) -> bytes:
        """The file's bytes, those that `parse` reads."""
        extra = b"extra %b\n" % b64encode(self.extra) if self.extra else b""
        index = b"index %d\n" % self.index
        return HEADER + b"\n" + extra + index + hash_lines(self.hashes) + b"\n" + self.signed.note.encode()

    def check(
        self, leaf_hash: bytes, log: Sequence[NoteKey], witnesses: Sequence[NoteKey] = ()
    ) -> tuple[Checkpoint, Signers]:
        """The checkpoint that covers the entry of this leaf hash, and whose lines on it verify.

        Raises NotSigned like `Signed.verify`, and ProofRefused: the entry is not there.
        """
        signers = self.signed.verify(log, witnesses)
        checkpoint = self.signed.checkpoint
        check_inclusion(leaf_hash, self.index, checkpoint.size, self.hashes, checkpoint.root)
        return checkpoint, signers


def parse(data: bytes) -> TlogProof:
    """A whole proof, and nothing behind it. Raises Malformed."""
    if len(data) > _MAX_BYTES:
        raise Malformed(f"a proof has at most {_MAX_BYTES} bytes")
    head, found, signed = data.partition(b"\n\n")
    header, *rows = head.split(b"\n")
    if not found or header != HEADER or not rows:
        raise Malformed(f"a proof begins with the line {HEADER.decode()}; an empty line stands before its checkpoint")
    extra = unbase64(_after(rows.pop(0), "extra ")) if rows[0].startswith(b"extra ") else b""
    if not rows or len(extra) > MAX_EXTRA_BYTES:
        raise Malformed(f"a proof has an index, and at most {MAX_EXTRA_BYTES} bytes beside it")
    index = decimal(_after(rows[0], "index "))
    return TlogProof(index, read_hashes(rows[1:]), checkpoints.parse(signed), extra)


def _after(line: bytes, word: str) -> str:
    text = line.decode("ascii", "replace")
    if not text.startswith(word) or len(text) == len(word):
        raise Malformed(f"a line that begins with {word.strip()!r} is missing or says nothing")
    return text[len(word) :]
