"""One authority hangs, the others go on: how much of their throughput is left, and whether they keep the deadline.

The same questions in both cases: 16 callers ask for one material as fast as they are answered, and beside them somebody asks
about the authority that hangs or does not, so many times a second whatever becomes of it. Both cases take turns in one run.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import home, people
from benchmarks.asking import Gateway
from benchmarks.http1 import Messages
from benchmarks.load import Callers
from benchmarks.machine import cores, on
from benchmarks.servers import UPSTREAMS, compared, running
from gateway.contract.folders import load_authorities, shipped

AUTHORITY = "social_insurance"
CALLERS = 16
PER_SECOND = 8
"""Questions about the one that hangs. Each may wait as long as a counter's deadline."""
DEADLINE_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Of the others' questions."""

    per_second: float
    p99_seconds: float


async def measured(rounds: int, seconds: float, tell: Any) -> dict[str, Any]:
    """The others' throughput while one hangs over theirs while none does, round by round; and the p99 of their answers."""
    folders = load_authorities(shipped())
    crowd = people.crowd(folders)
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        at = home.write(Path(folder) / "home", folders, crowd)
        only_a = {"A": compared(at)["A"]}
        with running(at, only_a, AUTHORITY) as pids, on(cores()[1]):
            bench = _Bench(Gateway(at.path, at.ports["A"], crowd), at.ports["A"], pids[UPSTREAMS])
            await bench.stretch(seconds / 2)
            found: list[tuple[Stretch, Stretch]] = []
            for number in range(rounds):
                calm = await bench.stretch(seconds)
                bench.turn()
                hanging = await bench.stretch(seconds)
                bench.turn()
                await bench.until_answered()
                found.append((calm, hanging))
                tell(f"one authority hangs, round {number + 1} of {rounds}")
    left = [hanging.per_second / calm.per_second for calm, hanging in found]
    return {
        "left": [round(each, 3) for each in (statistics.median(left), min(left), max(left))],
        "per_second": [[round(each.per_second) for each in pair] for pair in found],
        "p99_ms": round(statistics.median(hanging.p99_seconds for _, hanging in found) * 1e3, 1),
        "deadline_ms": DEADLINE_SECONDS * 1e3,
    }


class _Bench:
    """The two kinds of callers of one gateway."""

    def __init__(self, gateway: Gateway, port: int, upstreams: int) -> None:
        self._gateway = gateway
        self._port = port
        self._upstreams = upstreams

    def turn(self) -> None:
        """The authority begins to hang, or ends it."""
        os.kill(self._upstreams, signal.SIGUSR1)

    async def stretch(self, seconds: float) -> Stretch:
        """Both kinds of callers for so long."""
        others = await Callers.connect(self._port, CALLERS, self._gateway.answered)
        pace = asyncio.ensure_future(self._paced())
        latencies: list[float] = []
        try:
            started = time.perf_counter()
            while (now := time.perf_counter()) - started < seconds:
                latencies += await others.ask(self._gateway.asks(people.GUARDIANSHIP, 8 * CALLERS))
            spent = now - started
        finally:
            pace.cancel()
            others.close()
        self._gateway.prove()
        return Stretch(len(latencies) / spent, sorted(latencies)[int(len(latencies) * 0.99)])

    async def until_answered(self) -> None:
        """Until the authority's questions are answered in full again: breakers have closed."""
        again = await Callers.connect(self._port, 1, self._gateway.answered)
        try:
            for _ in range(600):
                try:
                    await again.ask(self._gateway.asks(people.INSURANCE, 1))
                except Exception:
                    await asyncio.sleep(0.1)  # noqa: TID251
                else:
                    return
        finally:
            again.close()
        raise TimeoutError("a minute after it hung the authority is not asked again")

    async def _paced(self) -> None:
        async with asyncio.TaskGroup() as asking:
            while True:
                asking.create_task(self._ask_beside())
                await asyncio.sleep(1 / PER_SECOND)  # noqa: TID251

    async def _ask_beside(self) -> None:
        """One question about the authority, over a connection of its own; any answer is one."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(self._gateway.asks(people.INSURANCE, 1)[0].raw)
            messages = Messages()
            while not any(True for _ in messages.feed(await reader.read(65536))):
                pass
        finally:
            writer.close()
