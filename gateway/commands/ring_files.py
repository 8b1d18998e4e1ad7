"""Writes the ring's file: whole or not at all, one writer at a time; and new key files, which never replace any."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from gateway.contract.files import load
from gateway.contract.ring import RingFile
from gateway.errors import BrokenFiles, GatewayError, Problem
from gateway.security.ring import faults

_COMMENT = "# The gateway's own keys, written by `gateway keys`. Private halves are named here and never held.\n"


class Busy(GatewayError):
    """Another command is changing the ring."""


@contextmanager
def alone(path: Path) -> Iterator[Callable[[RingFile], None]]:
    """Nobody else changes the ring meanwhile; gives what writes it. Raises Busy.

    The lock is on the folder, not on the file, which is another one after each change; and it ends with the process.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield lambda ring: write(path, ring)
    except BlockingIOError as error:
        raise Busy("another command is changing the keys: wait for it") from error
    finally:
        os.close(folder)


def read(path: Path) -> RingFile:
    """The ring as it stands there: so what is shown or handed out is the public halves and nothing else. Raises BrokenFiles."""
    problems: list[Problem] = []
    file, document = load(path, RingFile, problems)
    problems += faults(file, document) if file is not None else ()
    if file is None or problems:
        raise BrokenFiles(problems)
    return file


def write(path: Path, ring: RingFile) -> None:
    """Puts the ring in place of the old one."""
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)  # of a command that ended here: its ring was never in force
    _create(aside, text(ring).encode())
    # A crash before this line leaves the old ring; after it, the new one.
    aside.replace(path)
    _sync(path.parent)


def text(ring: RingFile) -> str:
    """The file as a person reads it."""
    tree = {"keys": [key.model_dump(mode="json", exclude_none=True) for key in ring.keys]}
    return _COMMENT + yaml.dump(tree, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


def pair(folder: Path, stem: str, private: bytes, public: bytes) -> None:
    """Two new files, the private one for its owner alone; on the disk before anything names them. Raises FileExistsError."""
    _create(folder / f"{stem}.pem", private)
    _create(folder / f"{stem}.pub.pem", public, 0o644)
    _sync(folder)


def _create(path: Path, content: bytes, mode: int = 0o600) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """A new name is on the disk only once its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Dumper(yaml.SafeDumper):
    """Texts of several lines (PEM) as they are."""


def _lines(dumper: yaml.SafeDumper, value: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _lines)
