"""A process killed without warning: whatever it said is written, is written."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from gateway import errors
from gateway.store.sqlite import Store
from tests.store.storing import entry_ids, question

LOADED = """
import asyncio, os, sys
from pathlib import Path
from tests.store.storing import question
from gateway.store.sqlite import Store

async def caller(store, name):
    n = 0
    while True:
        await store.add(question(f"{name}-{n}"))
        os.write(1, f"{name}-{n}\\n".encode())  # acknowledged: from here on it may never be lost
        n += 1

async def main(path, round):
    store = Store.open(Path(path))
    await asyncio.gather(*(caller(store, f"{round}-{name}") for name in range(8)))

asyncio.run(main(*sys.argv[1:]))
"""


def killed(path: Path, life: int, after: int) -> list[str]:
    """The names that a loaded writer acknowledged; it is killed while it writes on."""
    arguments = [sys.executable, "-c", LOADED, str(path), str(life)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout
        names = [process.stdout.readline() for _ in range(after)]
        process.kill()
        names += process.stdout.readlines()
    return [name.decode().strip() for name in names if name.endswith(b"\n")]


async def check(path: Path, acknowledged: list[str]) -> None:
    async with Store.open(path) as store:
        written = await entry_ids(store)
        assert {f"entry-{name}" for name in acknowledged} <= set(written)
        assert len(written) <= len(acknowledged) + 8 * 3, "no more than what was under way, in each life"
        for name in acknowledged[-3:]:
            with pytest.raises(errors.Replayed):
                await store.add(question(name))


def test_nothing_acknowledged_is_lost(path: Path) -> None:
    acknowledged: list[str] = []
    for life, after in enumerate((1, 150, 400)):
        acknowledged += killed(path, life, after)
        asyncio.run(check(path, acknowledged))
    assert len(acknowledged) >= 551
