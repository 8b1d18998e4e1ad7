"""`python -m benchmarks`: runs everything, prints the tables, and keeps them under `results/`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import calm, costs, door, home, ledger, people, report
from benchmarks.asking import Bare, Gateway
from benchmarks.machine import calibration, cores, details, on
from benchmarks.rounds import Cell, Extent, Measurer, measure_all
from benchmarks.servers import ROOT, compared, running
from gateway.clock import SystemClock, local_day
from gateway.commands.loops import run
from gateway.contract.folders import load_authorities, shipped

RESULTS = ROOT / "benchmarks" / "results"
FULL = Extent(rounds=5, seconds=1.6, callers=(1, 16, 64), workloads=people.WORKLOADS)
QUICK = Extent(rounds=1, seconds=0.5, callers=(16,), workloads=(people.GUARDIANSHIP, people.EVERYTHING), again=0)
DOOR, LEDGER, CALM = "door", "ledger", "calm"
_SERVER_QUESTIONS = 2000


async def measured(
    extent: Extent, repeats: int, number: int, name: str, suite: str
) -> tuple[dict[str, Any], list[Cell]]:
    """One whole run: the document, and the cells that it was made of."""
    folders = load_authorities(shipped())
    crowd = people.crowd(folders)
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        at = home.write(Path(folder) / "home", folders, crowd, suite)
        with running(at, compared(at)) as pids, on(cores()[1]):
            contenders = {
                "A": Gateway(at.path, at.ports["A"], crowd),
                "B": Bare("B", at.ports["B"], crowd),
                "C": Bare("C", at.ports["C"], crowd),
            }
            measurer = Measurer(contenders, at.ports, pids, extent.again)
            _tell("A, B, C and the authorities are up: first one step after the other")
            calibrations = [_calibrated()]
            us = await costs.in_its_own_process(at.path, ROOT, repeats, number)
            _tell("A, B and C in turn")
            cells = await measure_all(measurer, extent, tuple(contenders), _tell)
            server = await measurer.measure("B", people.CONSTANT, 16, _SERVER_QUESTIONS)
            calibrations.append(_calibrated())
    about = {
        "date": local_day(SystemClock().unix()).isoformat(),
        "name": name,
        "suite": suite,
        "rounds": extent.rounds,
        "proved": measurer.proved,
    }
    return report.document(details(), calibrations, cells, server, us, about), cells


def _calibrated() -> dict[str, float]:
    with on(cores()[0]):
        return calibration()


def _tell(line: str) -> None:
    print(f"[bench] {line}", file=sys.stderr, flush=True)


def _commit() -> str:
    """The short name of the commit that is checked out."""
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unversioned"


def _door(is_quick: bool) -> tuple[dict[str, Any], str]:
    """The door alone, in this process."""
    with on(cores()[0]):
        found = run(door.measured(rounds=1, number=8) if is_quick else door.measured())
    return found, door.text(found)


def _ledger(is_quick: bool) -> tuple[dict[str, Any], str]:
    """The ledger alone: in this process, its part of a verification in servers."""
    found = ledger.measured(ledger.QUICK if is_quick else ledger.FULL, run, _tell)
    return found, ledger.text(found)


def _calm(is_quick: bool) -> tuple[dict[str, Any], str]:
    """The stack and the gateway while authorities fail."""
    found = calm.measured(calm.QUICK if is_quick else calm.FULL, run, _tell)
    return found, calm.text(found)


_ALONE = {DOOR: _door, LEDGER: _ledger, CALM: _calm}
"""Workloads that are no questions to the three servers, and run by themselves."""


def _alone(which: str, name: str, *, is_quick: bool, as_json: bool) -> int:
    calibrations = [_calibrated()]
    found, text = _ALONE[which](is_quick)
    calibrations.append(_calibrated())
    day = local_day(SystemClock().unix()).isoformat()
    document = {"about": {"date": day, "name": name}, "machine": details(), "calibration": calibrations, **found}
    print(json.dumps(document, indent=1) if as_json else text)
    if not is_quick:
        # A result that is named after what was measured needs no second name.
        _keep(f"{day}-{name}" if name == which else f"{day}-{name}-{which}", text, document)
    return 0


def _keep(stem: str, text: str, document: dict[str, Any]) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{stem}.md").write_text(text, "utf-8")
    (RESULTS / f"{stem}.json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    _tell(f"kept as benchmarks/results/{stem}.md and .json")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when everything was measured, 2 where it cannot be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two workloads, one short round, nothing kept: about 20 s")
    parser.add_argument("--json", action="store_true", help="the whole document on standard output, not the tables")
    parser.add_argument("--name", default=_commit(), help="of the result; without it the commit's")
    parser.add_argument(
        "--suite", choices=("international", "sm"), default="international", help="of the REST channels"
    )
    names = [workload.name for workload in people.WORKLOADS]
    parser.add_argument("--workload", choices=[*names, *_ALONE], action="append", help="only these; without it all")
    given = parser.parse_args(arguments)
    if given.workload and given.workload[0] in _ALONE:
        return _alone(given.workload[0], given.name, is_quick=given.quick, as_json=given.json)
    if sys.platform != "linux":
        _tell("needs Linux: the CPU clock of another process, and cores to hold processes to")
        return 2
    if cores()[0] == cores()[1]:
        _tell("there is one core only: everything shares it, the ratios hold less well")
    extent, repeats, number = (QUICK, 3, 64) if given.quick else (FULL, 7, 320)
    if given.workload:
        extent = replace(extent, workloads=tuple(w for w in people.WORKLOADS if w.name in given.workload))
    document, cells = run(measured(extent, repeats, number, given.name, given.suite))
    text = report.text(document, cells)
    print(json.dumps(document, indent=1) if given.json else text)
    if not given.quick:
        _keep(f"{document['about']['date']}-{given.name}", text, document)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
