"""C2SP add-checkpoint (c2sp.org/tlog-witness): what a log sends to its witness, and the witness's refusal by size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.proofs import checkpoints, notes
from gateway.proofs.checkpoints import Signed
from gateway.proofs.lines import MAX_HASHES, Malformed, decimal, hash_lines, read_hashes

PATH: Final = "/add-checkpoint"
SIZE_TYPE: Final = "text/x.tlog.size"
"""Of a refusal that says which size the witness holds."""
MAX_BYTES: Final = notes.MAX_BYTES + (MAX_HASHES + 1) * 45
"""Of a submission."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A new checkpoint, and the proof that its tree begins with the one of size `old`, the witness's last."""

    old: int
    proof: tuple[bytes, ...]
    signed: Signed

    def encode(self) -> bytes:
        """The request's body, which `parse` reads."""
        return b"old %d\n%b\n%b" % (self.old, hash_lines(self.proof), self.signed.note.encode())


def parse(data: bytes) -> Submission:
    """A whole body, and nothing behind it. Raises Malformed."""
    if len(data) > MAX_BYTES:
        raise Malformed(f"a submission has at most {MAX_BYTES} bytes")
    head, found, signed = data.partition(b"\n\n")
    first, *hashes = head.split(b"\n")
    if not found or not first.startswith(b"old "):
        raise Malformed("a submission is an old size, hashes, an empty line, and a checkpoint")
    old = decimal(first[4:].decode("ascii", "replace"))
    return Submission(old, read_hashes(hashes), checkpoints.parse(signed))


def size_body(size: int) -> bytes:
    """What a witness answers that holds another size than `old` said."""
    return b"%d\n" % size


def parse_size(body: bytes) -> int:
    """The size in such an answer. Raises Malformed."""
    if not body.endswith(b"\n"):
        raise Malformed("a size ends with a line feed")
    return decimal(body[:-1].decode("ascii", "replace"))
