"""C2SP checkpoints (c2sp.org/tlog-checkpoint): the head of a log's tree as a signed note."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.proofs import notes
from gateway.proofs.lines import MOST, Malformed, decimal, require_line, unbase64
from gateway.proofs.merkle import HASH_BYTES
from gateway.proofs.notes import Line, Note, NoteKey, NotSigned, Signers


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: under this name, so many entries, with this head. Raises Malformed for what cannot be."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()
    """Further lines, which nobody audits. Ours have none."""

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MOST:
            raise Malformed("a size is between 0 and 2**63 - 1")
        if len(self.root) != HASH_BYTES:
            raise Malformed("a root hash has 32 bytes")
        for row in (self.origin, *self.extensions):
            require_line(row)

    @property
    def text(self) -> bytes:
        """The bytes that are signed."""
        rows = (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{row}\n" for row in rows).encode()

    def signed(self, *lines: Line) -> bytes:
        """The checkpoint as it is handed out: with the log's line (`NoteKey.line` over `text`), then its witnesses'."""
        return Note(self.text, lines).encode()


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as it came: nothing in it is believed before `verify`."""

    checkpoint: Checkpoint
    note: Note

    def verify(self, log: Sequence[NoteKey], witnesses: Sequence[NoteKey] = ()) -> Signers:
        """Whose lines verify. Raises NotSigned: none is by a key of the log, or one by a known key does not verify."""
        signers = self.note.verify((*log, *witnesses))
        # A witness vouches for a tree that the log signed; without the log's own word there is nothing to vouch for.
        if not any(each.key in log for each in signers.verified):
            raise NotSigned("no key of the log that is known here has signed it")
        return signers


def parse(data: bytes) -> Signed:
    """A signed checkpoint, and nothing behind it. Raises Malformed."""
    note = notes.parse(data)
    return Signed(parse_text(note.text), note)


def parse_text(text: bytes) -> Checkpoint:
    """The text of a note as a checkpoint. Raises Malformed."""
    try:
        rows = text.decode().split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("a checkpoint is UTF-8") from error
    if len(rows) < 4 or rows.pop():
        raise Malformed("a checkpoint has at least three lines: origin, size and root hash")
    origin, size, root, *extensions = rows
    return Checkpoint(origin, decimal(size), unbase64(root), tuple(extensions))
