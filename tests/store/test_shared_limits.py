"""The limits of one consumer, as several processes on one file share them and as one that is killed leaves them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ASKING = """
import asyncio, os, sys
from pathlib import Path
from gateway.errors import Limited
from gateway.model import USUAL_LIMITS, Limits
from gateway.store.sqlite import Store
from tests.store.storing import asked

async def main(path, name):
    async with Store.open(Path(path), busy_seconds=30) as store:
        for n in range(1000):
            try:
                await store.add(asked(f"{name}-{n}", limits=Limits(60, 200, 100)))
                os.write(1, b"taken\\n")
            except Limited as error:
                os.write(1, f"{error.code}\\n".encode())

asyncio.run(main(*sys.argv[1:]))
"""


def started(path: Path, name: str) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-c", ASKING, str(path), name]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])


def test_two_processes_on_one_file_share_one_budget(path: Path) -> None:
    with started(path, "one") as one, started(path, "two") as two:
        said = one.communicate()[0].split() + two.communicate()[0].split()
    assert len(said) == 2000
    assert said.count(b"taken") == 100
    assert said.count(b"subject_budget") == 1900


def test_a_process_that_is_killed_has_spent_what_it_asked(path: Path) -> None:
    with started(path, "one") as killed:
        assert killed.stdout
        said = [killed.stdout.readline() for _ in range(40)]
        killed.kill()
        said += killed.stdout.readlines()
    with started(path, "two") as two:
        after = two.communicate()[0].split()
    taken = sum(line == b"taken\n" for line in said)
    assert taken >= 40
    assert 100 - taken - 1 <= after.count(b"taken") <= 100 - taken, "at most the one under way was spent untold"
