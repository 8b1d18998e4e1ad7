"""The machine that a run took place on, and the clock that says what a process cost."""

from __future__ import annotations

import hashlib
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = (
    "aiohttp", "cryptography", "fastapi", "h11", "httptools", "httpx", "jsonschema-rs", "lxml", "pydantic", "uvicorn",
    "uvloop", "zeep",
)  # fmt: skip
_MEGABYTE = bytes(1_048_576)
_SYNCS = 50


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far, of all its threads, to the nanosecond (Linux: its CPU clock)."""
    return time.clock_gettime((~pid << 3) | 2)


def cores() -> tuple[int, int]:
    """The core of whoever is measured, and that of everybody else. The same one where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


@contextmanager
def on(core: int) -> Iterator[None]:
    """This process, and whatever it starts meanwhile, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def calibration() -> dict[str, float]:
    """How fast this core is now, best of seven each: microseconds for the SHA-256 of 1 MB and for a loop of 10,000 sums."""
    return {
        "sha256_of_1_mb_us": round(min(_timed(lambda: hashlib.sha256(_MEGABYTE).digest()) for _ in range(7)), 1),
        "loop_of_10000_us": round(min(_timed(_loop) for _ in range(7)), 1),
    }


def details() -> dict[str, str | int | float]:
    """What a reader needs to place the figures; no names and no paths."""
    found: dict[str, str | int | float] = {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "synced_write_us": _synced_write(),
    }
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _timed(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return (time.thread_time() - started) * 1e6


def _loop() -> int:
    total = 0
    for number in range(10_000):
        total += number
    return total


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _synced_write() -> float:
    """One write of 4 kB that the disk confirms, where the ledger of a run lies: the median of fifty, in microseconds."""
    times = []
    with tempfile.TemporaryFile() as file:
        for at in range(_SYNCS):
            started = time.perf_counter()
            os.pwrite(file.fileno(), _MEGABYTE[:4096], at * 4096)
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - started) * 1e6)
    return round(statistics.median(times), 1)
