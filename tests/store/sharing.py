"""A process of its own that writes to a shared ledger: it holds one shard, and says what was acknowledged."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from gateway import errors
from gateway.proofs.merkle import leaf_hash
from gateway.store import shards
from gateway.store.sqlite import Store
from gateway.store.tables import Addition, Entry
from tests.store.storing import claim

ROOT = Path(__file__).parents[2]
CALLERS = 8


def addition(name: str, nonce: str | None = None) -> Addition:
    """An intent that nothing closes, of a body that says who asked, and what its end must say again."""
    asked = {
        "entry_id": name, "kind": "intent", "verification_id": f"v-{name}", "consumer": "intake", "materials": None,
        "unit_code": "229901000000", "policy": "jilin-2018-05", "application_date": "2018-05-02",
    }  # fmt: skip
    body = json.dumps(asked).encode()
    return Addition(claim(nonce or name), Entry(name, "intent", body, leaf_hash(body), opens=f"v-{name}"))


async def _write(path: Path, me: str, nonces: str, most: int) -> None:
    async with Store.open(path) as store:
        _say(f"shard {store.shard}")
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)  # until all are open
        numbers = iter(range(most))

        async def caller() -> None:
            for number in numbers:
                try:
                    await store.add(addition(f"{me}-{number}", f"{nonces}-{number}"))
                except errors.Replayed:
                    _say(f"replayed {number}")
                else:
                    _say(f"added {number}")

        await asyncio.gather(*(caller() for _ in range(CALLERS)))
        sizes = [shard.size for shard in await store.read(shards.read)]
        _say(f"done {' '.join(map(str, sizes))}")
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


class Process:
    """One that was started; `shard` is what it holds."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        assert popen.stdin
        assert popen.stdout
        self._popen, self._stdin = popen, popen.stdin
        self.out: IO[bytes] = popen.stdout
        word, number = self.line().split()
        assert word == "shard"
        self.shard = int(number)

    def line(self) -> str:
        """What it says next; waits for it. Empty once it is gone."""
        return self.out.readline().decode().strip()

    def until_done(self) -> Iterator[tuple[str, list[int]]]:
        """Each word with its numbers; the last is `done`, with the size of every shard as this process then saw it."""
        for line in iter(self.line, ""):
            word, *numbers = line.split()
            yield word, [int(number) for number in numbers]
            if word == "done":
                return

    def go(self) -> None:
        """Lets it go on: to begin, and at last to end."""
        self._stdin.write(b"\n")
        self._stdin.flush()

    def kill(self) -> None:
        self._popen.kill()

    def end(self) -> None:
        self._popen.wait()
        self._stdin.close()
        self.out.close()


@contextmanager
def writing(path: Path, *names: str, most: int, nonces: str | None = None) -> Iterator[list[Process]]:
    """Started, each with a shard; all are gone at the end. `nonces`: all claim the same ones."""
    started: list[Process] = []
    try:
        for name in names:
            command = [sys.executable, "-m", "tests.store.sharing", str(path), name, nonces or name, str(most)]
            popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
            started.append(Process(popen))
        yield started
    finally:
        for process in started:
            process.kill()
            process.end()


if __name__ == "__main__":
    asyncio.run(_write(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])))
