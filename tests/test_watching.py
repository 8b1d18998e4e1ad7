"""Files read anew when they change: the last good reading stands, and whatever happens the next poll comes."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.errors import BrokenFiles, Problem
from gateway.watching import EVERY_SECONDS, Watched, files, stamp, watch
from tests.still import StillClock

PROBLEM = Problem("a.yaml", 3, 1, "is wrong")


@dataclass
class Files:
    """What is read and its stamp, as a test sets them. Counts."""

    value: str | Exception = "first"
    stamped: object = 1
    readings: int = 0

    def read(self) -> str:
        self.readings += 1
        if isinstance(self.value, Exception):
            raise self.value
        return self.value

    def stamp(self) -> object:
        return self.stamped

    def change(self, value: str | Exception) -> None:
        self.value, self.stamped = value, object()

    @property
    def watched(self) -> Watched[str]:
        return Watched(self.read, self.stamp)


async def test_it_reads_once_and_then_only_what_changed():
    files = Files()
    watched = files.watched
    assert [await watched.poll() for _ in range(3)] == [False] * 3
    assert (watched.current, files.readings) == ("first", 1)
    files.change("second")
    assert [await watched.poll() for _ in range(3)] == [True, False, False]
    assert (watched.current, watched.problems, files.readings) == ("second", (), 2)


async def test_what_is_broken_leaves_the_last_good_one_and_is_tried_again():
    files = Files()
    watched = files.watched
    files.change(BrokenFiles([PROBLEM]))
    assert await watched.poll()
    assert (watched.current, watched.problems) == ("first", (PROBLEM,))
    files.value = "mended"  # and nothing that a stamp shows
    assert await watched.poll()
    assert (watched.current, watched.problems) == ("mended", ())
    assert not await watched.poll()


async def test_what_is_put_back_just_as_it_was_is_good_again():
    files = Files()
    watched = files.watched
    files.change(BrokenFiles([PROBLEM]))
    await watched.poll()
    files.value, files.stamped = "first", 1
    assert await watched.poll()
    assert (watched.current, watched.problems) == ("first", ())


async def test_no_error_at_all_ends_the_watch_or_says_what_it_held():
    files = Files()
    watched = files.watched
    files.change(RuntimeError("SECRET"))
    assert await watched.poll()
    assert watched.current == "first"
    assert "RuntimeError" in watched.problems[0].text
    assert "SECRET" not in watched.problems[0].text


async def test_what_changes_during_a_reading_is_read_again():
    files = Files()
    read = files.read

    def slowly() -> str:
        found = read()
        if files.readings == 1:
            files.change("second")
        return found

    watched = Watched(slowly, files.stamp)
    assert watched.current == "first"
    assert await watched.poll()
    assert watched.current == "second"


def test_the_first_reading_must_be_good():
    with pytest.raises(BrokenFiles):
        _ = Files(BrokenFiles([PROBLEM])).watched


def test_a_stamp_tells_every_change_apart(tmp_path: Path):
    def seen() -> object:
        found.append(stamp(tmp_path))
        return found[-1]

    found: list[object] = [stamp(tmp_path)]
    file = tmp_path / "a.yaml"
    file.write_text("one")
    os.utime(file, ns=(1, 1))
    assert seen() != found[-2]
    file.write_text("two, longer")
    os.utime(file, ns=(1, 1))
    assert seen() != found[-2], "another size at the same time"
    os.utime(file, ns=(2, 2))
    assert seen() != found[-2], "another time"
    other = tmp_path / "b"
    other.write_text("TWO, LONGER")
    os.utime(other, ns=(2, 2))
    other.replace(file)
    assert seen() != found[-2], "another file under the name, of the same time and size"
    file.rename(tmp_path / "c.yaml")
    assert seen() != found[-2], "another name"
    (tmp_path / "notes.txt").write_text("not ours")
    (tmp_path / ".#c.yaml").symlink_to(tmp_path / "nowhere")
    assert seen() == found[-2]
    (tmp_path / "c.yaml").unlink()
    assert seen() == found[0]
    assert stamp(tmp_path / "nowhere") is None


def test_the_files_are_those_that_are_meant(tmp_path: Path):
    for name in ("b.yaml", "a.yaml", ".c.yaml", "d.yaml~", "e.yml"):
        (tmp_path / name).write_text("")
    assert [path.name for path in files(tmp_path)] == ["a.yaml", "b.yaml"]


@dataclass
class Turns(StillClock):
    """Lets the watch rest a given number of times, then for ever."""

    left: int = 0
    rested: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if not self.left:
            self.rested.set()
            await asyncio.Event().wait()
        self.left -= 1


async def test_the_watch_polls_after_every_rest_until_it_is_cancelled():
    clock, polls = Turns(left=3), []

    async def poll() -> None:
        polls.append(len(clock.slept))

    task = asyncio.ensure_future(watch([poll], clock))
    await clock.rested.wait()
    assert polls == [1, 2, 3]
    assert clock.slept == [EVERY_SECONDS] * 4
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_poll_that_fails_stops_neither_the_others_nor_the_next_round():
    clock, polls = Turns(left=3), []

    async def broken() -> None:
        raise OSError("the log's disk is full")

    async def poll() -> None:
        polls.append(len(clock.slept))

    task = asyncio.ensure_future(watch([broken, poll], clock))
    await clock.rested.wait()
    assert polls == [1, 2, 3]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
