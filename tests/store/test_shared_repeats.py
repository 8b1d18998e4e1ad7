"""Idempotency keys of one consumer, as two processes on one file share them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ASKING = """
import asyncio, os, sys
from pathlib import Path
from gateway.model import Limits
from gateway.store.repeats import Held
from gateway.store.sqlite import Store
from tests.store.storing import once

async def main(path, name):
    async with Store.open(Path(path), busy_seconds=30) as store:
        sys.stdin.readline()
        for n in range(300):
            work = [store.add(once(f"{name}-{n}-{i}", f"k{n}", "b", limits=Limits(10**6, 10**6, 10**6))) for i in range(2)]
            for found in await asyncio.gather(*work, return_exceptions=True):
                os.write(1, f"{type(found).__name__} {n}\\n".encode())

asyncio.run(main(*sys.argv[1:]))
"""


def test_of_equal_keys_at_two_processes_exactly_one_is_asked(path: Path) -> None:
    root = Path(__file__).parents[2]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", ASKING, str(path), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
        )
        for name in ("one", "two")
    ]
    said = []
    for process in started:
        assert process.stdin
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in started:
        said += process.communicate()[0].decode().splitlines()
    assert sorted(line for line in said if line.startswith("int ")) == sorted(f"int {n}" for n in range(300))
    assert len(said) == 1200
    assert sum(line.startswith("InProgress ") for line in said) == 900
