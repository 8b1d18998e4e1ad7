"""Whose turn it is to write, among the processes on one file. SQLite's own waiting is a lottery that a busy process wins.

Two locks of the kernel: whoever waits for the turn holds the queue meanwhile. So the process that had its turn stands
behind the one that waits, and two under load write in alternation. A lock ends with its process, whatever ends it.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_LOOK_SECONDS: Final = 0.0002


class NoTurn(OSError):
    """Others wrote for as long as we would wait."""


class Turns:
    """Of one process, for one thread of it."""

    def __init__(self, path: Path, wait_seconds: float) -> None:
        self._queue = open_lock(path, "queue")
        self._turn = open_lock(path, "turn")
        self._looks = max(1, round(wait_seconds / _LOOK_SECONDS))
        self._pause = threading.Event()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Holds the turn. Raises NoTurn."""
        self._lock(self._queue)
        try:
            self._lock(self._turn)
        finally:
            fcntl.flock(self._queue, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(self._turn, fcntl.LOCK_UN)

    def _lock(self, lock: int) -> None:
        # Looking again and again, because a lock that is waited for has no deadline, and a stopped process may hold it.
        for _ in range(self._looks):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._pause.wait(_LOOK_SECONDS)
            else:
                return
        raise NoTurn("another process writes without an end")

    def close(self) -> None:
        """Nobody waits for us any more."""
        os.close(self._queue)
        os.close(self._turn)


@contextmanager
def alone(path: Path, what: str) -> Iterator[bool]:
    """Whether no other process does this now; until the end, none begins to."""
    lock = open_lock(path, what)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(lock)


def open_lock(path: Path, what: str) -> int:
    """A file to lock, in the folder of locks beside the database. It stays: a deleted one would be two."""
    folder = lock_folder(path)
    folder.mkdir(mode=0o700, exist_ok=True)
    return os.open(folder / what, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def lock_folder(path: Path) -> Path:
    """Where the locks of a database are."""
    return path.with_name(f"{path.name}-locks")
