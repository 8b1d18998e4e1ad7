"""A log and its witness for these tests: keys, a checkpoint over the reference leaves, and who signs what."""

from __future__ import annotations

from typing import Final

from gateway.proofs import notes
from gateway.proofs.checkpoints import Checkpoint
from gateway.proofs.merkle import Edge, leaf_hash
from gateway.proofs.notes import Kind, Line, NoteKey
from gateway.security import keys
from gateway.security.signatures import Signer
from tests.security.test_signatures import PRIVATE, PUBLIC

ORIGIN: Final = "gw.example/audit"
WITNESS: Final = "witness.example/w1"
AT: Final = 1795392000

LEAVES: Final = tuple(
    leaf_hash(bytes.fromhex(each))
    for each in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
)
"""Certificate Transparency's own eight."""

SIGNER: Final = keys.signer("test-key-ed25519", PRIVATE)
LOG: Final = notes.key_of_pem(ORIGIN, Kind.SIGNATURE, PUBLIC.decode())
BY_WITNESS: Final = notes.key_of_pem(WITNESS, Kind.COSIGNATURE, PUBLIC.decode())
"""RFC 9421's test key signs for both, as in the shared vectors."""


def head(size: int = 8, origin: str = ORIGIN) -> Checkpoint:
    return Checkpoint(origin, size, Edge().grown(LEAVES[:size])[0].root)


def pair(name: str, kind: Kind) -> tuple[Signer, NoteKey]:
    """A fresh key under a name."""
    private, public = keys.new_ed25519()
    return keys.signer("fresh", private), notes.key_of_pem(name, kind, public.decode())


def line(checkpoint: Checkpoint, key: NoteKey = LOG, signer: Signer = SIGNER) -> Line:
    return key.line(signer.sign(checkpoint.text))


def cosignature(checkpoint: Checkpoint, key: NoteKey = BY_WITNESS, signer: Signer = SIGNER, at: int = AT) -> Line:
    return key.line(signer.sign(notes.cosigned(checkpoint.text, at)), at)


def checkpoint_bytes(size: int = 8) -> bytes:
    """Signed by the log and its witness."""
    made = head(size)
    return made.signed(line(made), cosignature(made))
