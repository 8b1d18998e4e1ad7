"""One step after the other, alone on its core: `python -m benchmarks.costs HOME REPEATS NUMBER`, one JSON object on stdout.

Needs the upstreams of that home to be running, for the steps that have a wire in them. Every figure is CPU time of this
process with all its threads, the median of the repeats, in microseconds.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from benchmarks import steps
from benchmarks.machine import cores, on
from benchmarks.parts import Parts
from benchmarks.timing import Timer
from gateway.commands.loops import run

LIMIT_SECONDS = 150


async def measure(home: Path, repeats: int, number: int) -> dict[str, float]:
    """Every step's microseconds by name."""
    parts, timer = Parts.of(home), Timer(repeats, number)
    steps.time_question(timer, parts)
    await steps.time_answer(timer, parts)
    await steps.time_stack(timer, parts)
    await steps.time_wire(timer, parts)
    return timer.us


async def in_its_own_process(home: Path, root: Path, repeats: int, number: int) -> dict[str, float]:
    """The same in a process on the core of whoever is measured."""
    command = [sys.executable, "-m", "benchmarks.costs", str(home), str(repeats), str(number)]
    with on(cores()[0]):
        process = await asyncio.create_subprocess_exec(*command, cwd=root, stdout=subprocess.PIPE)
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError("a step failed: its own words stand above")
    found: dict[str, float] = json.loads(out)
    return found


def main(home: Path, repeats: int, number: int) -> None:
    """Prints the JSON object."""
    print(json.dumps(run(measure(home, repeats, number))))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
