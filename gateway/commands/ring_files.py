"""Writes the files of our own keys: whole or not at all, one writer at a time; and new keys, which never replace any."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from gateway.contract.files import FileModel, load
from gateway.contract.ring import RingFile
from gateway.errors import BrokenFiles, GatewayError, Problem
from gateway.security.ring import faults

_COMMENT = "# The gateway's own keys, written by `gateway keys`. Private halves are named here and never held.\n"


class Busy(GatewayError):
    """Another command is changing the ring."""


@contextmanager
def alone(path: Path) -> Iterator[Callable[[RingFile], None]]:
    """Nobody else changes the keys meanwhile; gives what writes the ring. Raises Busy."""
    with locked(path.parent):
        yield lambda ring: write(path, ring)


@contextmanager
def locked(keys: Path) -> Iterator[None]:
    """Nobody else changes the files of our own keys, which are all in this folder. Raises Busy.

    The lock is on the folder, not on the file, which is another one after each change; and it ends with the process.
    """
    folder = os.open(keys, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
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
    replace(path, _COMMENT, ring)


def replace(path: Path, comment: str, content: FileModel) -> None:
    """Puts a file in place of the old one, whole or not at all."""
    tree = content.model_dump(mode="json", exclude_none=True)
    text = comment + yaml.dump(tree, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)  # of a command that ended here: what it wrote was never in force
    create(aside, text.encode())
    # A crash before this line leaves the old file; after it, the new one.
    aside.replace(path)
    sync(path.parent)


def pair(folder: Path, stem: str, private: bytes, public: bytes) -> None:
    """Two new files, the private one for its owner alone; on the disk before anything names them. Raises FileExistsError."""
    create(folder / f"{stem}.pem", private)
    create(folder / f"{stem}.pub.pem", public, 0o644)
    sync(folder)


def create(path: Path, content: bytes, mode: int = 0o600) -> None:
    """A new file, for its owner alone where nothing else is said. Raises FileExistsError."""
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync(folder: Path) -> None:
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
