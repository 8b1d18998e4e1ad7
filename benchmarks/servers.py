"""A, B, C and the upstreams as processes, each on its core; whatever was started is ended."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import create_connection

from benchmarks.home import PLAN, Home
from benchmarks.machine import cores, on

ROOT = Path(__file__).resolve().parents[1]
UPSTREAMS = "upstreams"
_START_SECONDS = 60
_STOP_SECONDS = 15


class NotStarted(Exception):
    """A server ended or never listened; the text is the end of what it said."""


@contextmanager
def running(home: Home) -> Iterator[Mapping[str, int]]:
    """All four by name, as process ids, once they listen."""
    measured, others = cores()
    plan = str(home.path / PLAN)
    commands = {
        UPSTREAMS: (others, ["benchmarks.upstreams", str(home.path)], list(home.channels.values())),
        "A": (measured, ["gateway", "serve", "--home", str(home.path)], [home.ports["A"]]),
        "B": (measured, ["benchmarks.bare_aiohttp", plan, str(home.ports["B"])], [home.ports["B"]]),
        "C": (measured, ["benchmarks.fastapi_httpx", plan, str(home.ports["C"])], [home.ports["C"]]),
    }
    with ExitStack() as stack:
        pids = {}
        for name, (core, command, ports) in commands.items():
            process = stack.enter_context(_process(core, command, home.path / f"{name}.log"))
            for port in ports:
                _listens(process, port, home.path / f"{name}.log")
            pids[name] = process.pid
        yield pids


@contextmanager
def _process(core: int, command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out, on(core):  # a child, and every thread of it, inherits the core
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.perf_counter() + _START_SECONDS
    while time.perf_counter() < until and process.poll() is None:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise NotStarted(log.read_text("utf-8", "replace")[-2000:])
