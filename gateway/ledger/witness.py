"""The witness of a second department (c2sp.org/tlog-witness): it cosigns a log that only ever grows, and refuses forks.

What it holds of each log is one file: the newest checkpoint that it cosigned, ready to be handed to an auditor.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog

from gateway.errors import GatewayError
from gateway.proofs import checkpoints, notes, witnessing
from gateway.proofs.checkpoints import Checkpoint, Signed
from gateway.proofs.lines import Malformed
from gateway.proofs.merkle import EMPTY_ROOT
from gateway.proofs.notes import Kind, NoteKey, NotSigned
from gateway.proofs.proving import ProofRefused, check_consistency
from gateway.proofs.witnessing import Submission
from gateway.security.signatures import Signer, Verifier

_SHARD: Final = re.compile(r"(.+)/(0|[1-9][0-9]{0,5})", re.ASCII)
_TEXT: Final = "text/plain; charset=utf-8"
_log = structlog.get_logger("gateway.witness")


class Unheld(GatewayError):
    """What the witness holds cannot be used: another process has it, or a file in it is not what was written."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An HTTP answer."""

    status: int
    body: bytes = b""
    content_type: str = _TEXT


class Held:
    """A folder with one file for each origin. One process at a time has it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = -1

    def __enter__(self) -> Self:
        """Raises Unheld, OSError. The lock ends with the process."""
        self._lock = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise Unheld("another witness has this folder: two would cosign two histories") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._lock)

    def newest(self, origin: str) -> Signed | None:
        """None where nothing was ever cosigned. Raises Unheld: a file that cannot be read must not count as none."""
        try:
            signed = checkpoints.parse(self.path(origin).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, Malformed) as error:
            raise Unheld("a held checkpoint cannot be read") from error
        if signed.checkpoint.origin != origin:
            raise Unheld("a held checkpoint is of another log")
        return signed

    def replace(self, origin: str, data: bytes) -> None:
        """On the disk when it returns; whole, or as it was. Raises OSError."""
        path = self.path(origin)
        aside = path.with_suffix(".new")
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # A crash before this line leaves the older checkpoint, and no cosignature was given: the log submits again.
        aside.replace(path)
        os.fsync(self._lock)

    def path(self, origin: str) -> Path:
        """The file to hand to an auditor. Named by digest: an origin may hold what no file name can."""
        return self._folder / f"{sha256(origin.encode()).hexdigest()[:32]}.checkpoint"

    def all(self) -> list[Signed]:
        """Everything that is held, by origin. Raises Unheld."""
        try:
            found = [checkpoints.parse(path.read_bytes()) for path in self._folder.glob("*.checkpoint")]
        except (OSError, Malformed) as error:
            raise Unheld("a held checkpoint cannot be read") from error
        return sorted(found, key=lambda signed: signed.checkpoint.origin)


class Witness:
    """Answers submissions, one at a time: nothing is awaited between looking at what is held and replacing it."""

    def __init__(self, key: NoteKey, signer: Signer, logs: Mapping[str, Sequence[Verifier]], held: Held) -> None:
        """`logs`: by origin without the shard, the keys that sign its checkpoints."""
        self._key, self._signer, self._logs, self._held = key, signer, logs, held

    def add(self, body: bytes, now: int) -> Answered:
        """The answer to `POST /add-checkpoint` at `now` (Unix seconds). Raises Unheld, OSError: nothing was cosigned."""
        try:
            asked = witnessing.parse(body)
        except Malformed as error:
            return Answered(400, f"{error}\n".encode())
        checkpoint = asked.signed.checkpoint
        keys = self._keys_of(checkpoint.origin)
        if keys is None:
            return Answered(404, b"this log is not known here\n")
        try:
            asked.signed.verify(keys)
        except NotSigned as error:
            return Answered(403, f"{error}\n".encode())
        if asked.old > checkpoint.size:
            return Answered(400, b"the old size is above the checkpoint's\n")
        return self._refusal(asked) or Answered(200, self._cosigned(asked.signed, keys, now))

    def _keys_of(self, origin: str) -> list[NoteKey] | None:
        shard = _SHARD.fullmatch(origin)
        verifiers = self._logs.get(origin) or (self._logs.get(shard[1]) if shard else None)
        return [notes.key_of(origin, Kind.SIGNATURE, each) for each in verifiers] if verifiers else None

    def _refusal(self, asked: Submission) -> Answered | None:
        new, held = asked.signed.checkpoint, self._held.newest(asked.signed.checkpoint.origin)
        old = held.checkpoint if held is not None else Checkpoint(new.origin, 0, EMPTY_ROOT)
        size = Answered(409, witnessing.size_body(old.size), witnessing.SIZE_TYPE)
        if asked.old != old.size:
            if new.size < old.size:  # the log signed less than it once had: behind, or rolled back
                _log.warning("witness.smaller_submitted", name=new.origin, count=new.size)
            return size
        if new.size == old.size and new.root != old.root:
            _log.error("witness.fork_refused", name=new.origin, count=new.size)
            return size
        try:
            _require_grown(old, new, asked.proof)
        except ProofRefused as error:
            # The log signed it, and could not show that it grew out of what it signed before.
            _log.error("witness.fork_refused", name=new.origin, count=new.size)
            return Answered(422, f"{error}\n".encode())
        return None

    def _cosigned(self, signed: Signed, keys: Sequence[NoteKey], now: int) -> bytes:
        text = signed.note.text
        line = self._key.line(self._signer.sign(notes.cosigned(text, now)), now)
        by_log = [each.line for each in signed.verify(keys).verified]
        # Held before it is given: a crash in between loses a cosignature, which the log asks for again; never a size.
        self._held.replace(signed.checkpoint.origin, signed.checkpoint.signed(*by_log, line))
        return line.encode()


def _require_grown(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> None:
    if old.size:
        check_consistency(old.size, new.size, proof, old.root, new.root)
    elif proof or (not new.size and new.root != EMPTY_ROOT):
        raise ProofRefused("from an empty tree there is nothing to prove")
