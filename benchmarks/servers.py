"""The contenders and the upstreams as processes, each on its core; whatever was started is ended."""

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

Commands = Mapping[str, tuple[list[str], int]]
"""By name, the module that a process runs with its arguments, and the port that it listens on."""


class NotStarted(Exception):
    """A server ended or never listened; the text is the end of what it said."""


def compared(home: Home) -> Commands:
    """A, B and C, by the module that each runs."""
    plan = str(home.path / PLAN)
    return {
        "A": (["gateway", "serve", "--home", str(home.path)], home.ports["A"]),
        "B": (["benchmarks.bare_aiohttp", plan, str(home.ports["B"])], home.ports["B"]),
        "C": (["benchmarks.fastapi_httpx", plan, str(home.ports["C"])], home.ports["C"]),
    }


@contextmanager
def running(home: Home, contenders: Commands, may_hang: str | None = None) -> Iterator[Mapping[str, int]]:
    """The contenders and the upstreams by name, as process ids, once they listen. `may_hang` names an authority."""
    measured, others = cores()
    upstreams = ["benchmarks.upstreams", str(home.path), *([may_hang] if may_hang else [])]
    commands = {UPSTREAMS: (others, upstreams, list(home.channels.values()))}
    commands |= {name: (measured, command, [port]) for name, (command, port) in contenders.items()}
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
