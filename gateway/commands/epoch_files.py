"""Writes the file of the epochs, makes their keys, and destroys them."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from gateway.commands import ring_files
from gateway.contract.epochs import Epoch, EpochsFile
from gateway.contract.files import load
from gateway.errors import BrokenFiles, Problem
from gateway.security import pseudonyms
from gateway.security.epochs import faults

_COMMENT = "# The epochs of the ledger's pseudonyms, written by `gateway epochs`. Keys are named here and never held.\n"


def begin(home: Path, now: datetime) -> None:
    """The first epoch of a new installation, with its key."""
    write(home / "keys" / "epochs.yaml", EpochsFile(epochs=[made(home, "epoch-1", now)]))


def made(home: Path, name: str, now: datetime) -> Epoch:
    """A new epoch, which is active; its key is a file for its owner alone. Raises FileExistsError."""
    file = f"keys/pseudonyms-{name}.key"
    epoch = Epoch(epoch=name, state="active", key=f"file:{file}", since=now)
    ring_files.create(home / file, pseudonyms.new_key().encode() + b"\n")
    ring_files.sync(home / "keys")  # before anything names it: a crash here leaves a key that nothing was written under
    return epoch


def read(path: Path) -> EpochsFile:
    """The epochs as they stand there. Raises BrokenFiles."""
    problems: list[Problem] = []
    file, document = load(path, EpochsFile, problems)
    problems += faults(file, document) if file is not None else ()
    if file is None or problems:
        raise BrokenFiles(problems)
    return file


def write(path: Path, epochs: EpochsFile) -> None:
    """Puts the epochs in place of the old ones."""
    ring_files.replace(path, _COMMENT, epochs)


def key_file(home: Path, epoch: Epoch) -> Path | None:
    """The file of its key; None where the key is no file, and so not ours to destroy."""
    kind, _, name = epoch.key.partition(":")
    return home / name if kind == "file" else None


def destroy(path: Path) -> None:
    """Overwrites the key and takes its file away. A file system that keeps old blocks, or a copy, keeps the key all the same.

    A crash in between leaves a file that is no key any more, or the file: the epoch says that it is destroyed by then, so
    the command goes on when it is run again. Raises OSError.
    """
    handle = os.open(path, os.O_WRONLY)
    try:
        os.write(handle, os.urandom(os.fstat(handle).st_size))
        os.fsync(handle)
    finally:
        os.close(handle)
    path.unlink()
    ring_files.sync(path.parent)
