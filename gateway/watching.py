"""What was read from files, read anew when they change: no restart, and the last good reading stands until a better one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final, Generic, NoReturn, TypeVar

import structlog

from gateway.clock import Clock
from gateway.errors import BrokenFiles, Problem
from gateway.logs import place_of

EVERY_SECONDS: Final = 0.9
"""How often every process looks: a revocation is in force everywhere within a second and the time of one reading."""

T = TypeVar("T")
_log = structlog.get_logger("gateway.watching")


class Watched(Generic[T]):
    """One thing that files say. `stamp` is cheap and differs whenever `read` could give something else."""

    def __init__(self, read: Callable[[], T], stamp: Callable[[], object]) -> None:
        """Reads for the first time, and raises what `read` raises."""
        self._read = read
        self._stamp = stamp
        self._seen = stamp()  # before the reading: what changes in between is then seen by the next poll
        self.current: T = read()
        self.problems: tuple[Problem, ...] = ()
        """Why `current` is older than the files; empty when it is not."""

    async def poll(self) -> bool:
        """Reads anew if the stamp is another than before, and says whether it did. One caller at a time.

        Never raises: what cannot be read is in `problems`, `current` stays, and the next poll tries again. The files are
        read in a thread, because a slow disk must not hold up the questions that are under way.
        """
        try:
            found = await asyncio.to_thread(self._look)
        except BrokenFiles as error:
            self.problems = tuple(error.problems)
        except Exception as error:  # whatever it is, the next poll must come: a watch that ends is a revocation lost
            self.problems = (Problem("", 1, 1, f"cannot be read: {place_of(error)}"),)
        else:
            if found is None:
                return False
            # Here and not in the thread, so that nothing changes between two lines of whoever uses it.
            (self.current, self._seen), self.problems = found, ()
        return True

    def _look(self) -> tuple[T, object] | None:
        """What the files say now and their stamp; None where they are as they were."""
        seen = self._stamp()
        return None if seen == self._seen and not self.problems else (self._read(), seen)


def files(folder: Path) -> list[Path]:
    """The YAML files of a folder by name, but for hidden ones: editors' own, and what is written aside to be moved in.

    Raises OSError.
    """
    return sorted(path for path in folder.iterdir() if path.suffix == ".yaml" and not path.name.startswith("."))


def stamp(folder: Path) -> object:
    """Of those files: name, time, size and inode. None when the folder, or a file in it, cannot be looked at."""
    try:
        return tuple(stamp_of(path) for path in files(folder))
    except OSError:
        return None


def stamp_of(file: Path) -> object:
    """The same of one file. Raises OSError."""
    found = file.stat()
    return file.name, found.st_mtime_ns, found.st_size, found.st_ino


def stamp_again(file: Path, *, was_good: bool) -> object:
    """The same for `Watched`. After a reading that was not good no two are equal: what could not be read is tried again."""
    if not was_good:
        return object()
    try:
        return stamp_of(file)
    except OSError:
        return None


async def watch(polls: Sequence[Callable[[], Awaitable[object]]], clock: Clock) -> NoReturn:
    """Polls again and again, until it is cancelled. One that fails stops neither the others nor the next round."""
    while True:
        await clock.sleep(EVERY_SECONDS)
        for poll in polls:
            try:
                await poll()
            except Exception as error:  # a watch that ends is a revocation lost, and nobody would notice
                _log.error("watch.broke", error=place_of(error))
