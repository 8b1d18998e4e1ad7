"""Memory at full load: the gateway's resident pages, again and again, while 16 callers ask as fast as they are answered."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import home, people
from benchmarks.asking import Gateway
from benchmarks.load import Callers
from benchmarks.machine import cores, on
from benchmarks.servers import compared, running
from gateway.contract.folders import load_authorities, shipped

CALLERS = 16
SETTLED_PART = 0.2
"""Of the time: until then caches fill, and the allocator learns what it needs."""


async def measured(seconds: float, tell: Any) -> dict[str, Any]:
    """MB of resident memory: after settling, at the end, and the slope of all that lies between, in MB a minute."""
    folders = load_authorities(shipped())
    crowd = people.crowd(folders)
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        at = home.write(Path(folder) / "home", folders, crowd)
        with running(at, {"A": compared(at)["A"]}) as pids, on(cores()[1]):
            gateway = Gateway(at.path, at.ports["A"], crowd)
            callers = await Callers.connect(at.ports["A"], CALLERS, gateway.answered)
            try:
                samples, asked = await _samples(callers, gateway, pids["A"], seconds, tell)
            finally:
                callers.close()
    settled = [(at, size) for at, size in samples if at >= seconds * SETTLED_PART]
    slope = statistics.linear_regression([at / 60 for at, _ in settled], [size for _, size in settled]).slope
    return {
        "seconds": round(seconds),
        "questions": asked,
        "settled_mb": round(settled[0][1], 1),
        "end_mb": round(settled[-1][1], 1),
        "most_mb": round(max(size for _, size in samples), 1),
        "mb_a_minute": round(slope, 3),
    }


async def _samples(
    callers: Callers, gateway: Gateway, pid: int, seconds: float, tell: Any
) -> tuple[list[tuple[float, float]], int]:
    """Second and MB, after each batch of questions."""
    started, asked, told = time.perf_counter(), 0, 0.0
    samples: list[tuple[float, float]] = []
    while (now := time.perf_counter() - started) < seconds:
        asked += len(await callers.ask(gateway.asks(people.EVERYTHING, 2 * CALLERS)))
        gateway.prove()
        samples.append((now, _resident_mb(pid)))
        if now - told > 60:
            told = now
            tell(f"memory after {now:.0f} s: {samples[-1][1]:.1f} MB, {asked} questions")
    return samples, asked


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
