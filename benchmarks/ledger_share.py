"""The ledger's part of a verification: the gateway beside itself with a ledger that writes nothing, same calls, in turn."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import home, people
from benchmarks.asking import Gateway
from benchmarks.home import Home
from benchmarks.machine import cores, on
from benchmarks.rounds import Cell, Extent, Measurer, Tell, measure_all
from benchmarks.servers import Commands, running
from gateway.contract.folders import load_authorities, shipped
from gateway.installation import SETTINGS

BARE = "unledgered"


async def measured(rounds: int, seconds: float, tell: Tell) -> dict[str, Any]:
    """By workload, the server's CPU us for one question with and without, and the share of what it takes with."""
    folders = load_authorities(shipped())
    crowd = people.crowd(folders)
    extent = Extent(
        rounds, seconds, callers=(16,), workloads=(people.GUARDIANSHIP, people.EVERYTHING), again=2 * rounds
    )
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        at = home.write(Path(folder) / "home", folders, crowd)
        without, port = _copied(at)
        commands: Commands = {
            "A": (["gateway", "serve", "--home", str(at.path)], at.ports["A"]),
            BARE: (["benchmarks.unledgered", str(without)], port),
        }
        with running(at, commands) as pids, on(cores()[1]):
            contenders = {"A": Gateway(at.path, at.ports["A"], crowd), BARE: Gateway(without, port, crowd)}
            ports = {"A": at.ports["A"], BARE: port}
            measurer = Measurer(contenders, ports, pids, extent.again)
            cells = await measure_all(measurer, extent, tuple(contenders), tell)
    return {cell.workload.name: _share(cell) for cell in cells}


def _copied(at: Home) -> tuple[Path, int]:
    """The same home again with a ledger and ports of its own: those of B and C, who do not run here."""
    other = at.path.with_name(BARE)
    shutil.copytree(at.path, other)
    settings, port = (other / SETTINGS).read_text("utf-8"), at.ports["B"]
    for before, after in ((at.ports["A"], port), (at.admin, at.ports["C"])):
        settings = settings.replace(str(before), str(after))
    (other / SETTINGS).write_text(settings, "utf-8")
    return other, port


def _share(cell: Cell) -> dict[str, Any]:
    shares = [1 - ratio for ratio in cell.ratios(BARE)]
    return {
        "with_us": round(cell.median("A", "cpu_us")),
        "without_us": round(cell.median(BARE, "cpu_us")),
        "share": round(statistics.median(shares), 3),
        "rounds": [round(share, 3) for share in shares],
        "core_held": round(min(cell.held("A"), cell.held(BARE)), 2),
    }
