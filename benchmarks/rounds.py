"""Who is measured when: in every round, for every workload and number of callers, A, then B, then C."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from benchmarks.asking import Contender
from benchmarks.load import Callers
from benchmarks.machine import cpu_seconds
from benchmarks.people import Workload
from benchmarks.servers import UPSTREAMS

BUSY = 16
"""From so many callers on, a server takes all of its core."""
QUIET = 0.93
"""Where it got less than this, something else ran there."""

Tell = Callable[[str], None]
"""Progress, for whoever waits."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    rounds: int
    seconds: float
    """Aimed at for one measurement; the count that it takes comes from the last one."""
    callers: tuple[int, ...]
    workloads: tuple[Workload, ...]
    least: int = 40
    again: int = 25
    """How many measurements of the run may be taken again because something else ran on the server's core."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One measurement of one server. Microseconds are CPU time for each question; the server's with all its threads."""

    questions: int
    cpu_us: float
    upstream_us: float
    callers_us: float
    per_second: float
    p50_ms: float
    p99_ms: float

    @property
    def held(self) -> float:
        """The part of its core's time that the server got: near 1 with many callers, unless something else ran there."""
        return self.cpu_us * self.per_second / 1e6


@dataclass(slots=True)
class Cell:
    """One workload at one number of callers: each server's figures, a round's at the same place in every list."""

    workload: Workload
    callers: int
    figures: dict[str, list[Figures]] = field(default_factory=dict)

    def median(self, name: str, what: str) -> float:
        return statistics.median(getattr(one, what) for one in self.figures[name])

    def ratios(self, other: str) -> list[float]:
        """The other's CPU over A's, round by round: above 1, A costs less."""
        return [
            theirs.cpu_us / ours.cpu_us for ours, theirs in zip(self.figures["A"], self.figures[other], strict=True)
        ]

    def held(self, name: str) -> float:
        """The median of `Figures.held`."""
        return statistics.median(one.held for one in self.figures[name])

    def ratio(self, other: str) -> float:
        """The median of `ratios`."""
        return statistics.median(self.ratios(other))

    def document(self) -> dict[str, object]:
        return {
            "workload": self.workload.title,
            "callers": self.callers,
            "rounds": {name: [asdict(one) for one in found] for name, found in self.figures.items()},
        }


class Measurer:
    """Measures one server at a time; the others are idle. `again` is how many disturbed measurements may be repeated."""

    def __init__(
        self, contenders: Mapping[str, Contender], ports: Mapping[str, int], pids: Mapping[str, int], again: int
    ) -> None:
        self._contenders = contenders
        self._ports = ports
        self._pids = pids
        self._again = again
        self.proved = 0

    async def undisturbed(self, name: str, workload: Workload, callers: int, count: int) -> Figures:
        """Of up to three measurements the first that held its core, else the one that held most: chosen by that alone."""
        found = await self.measure(name, workload, callers, count)
        for _ in range(2):
            if callers < BUSY or found.held >= QUIET or self._again <= 0:
                break
            self._again -= 1
            found = max(found, await self.measure(name, workload, callers, count), key=lambda one: one.held)
        return found

    async def measure(self, name: str, workload: Workload, callers: int, count: int) -> Figures:
        """`count` questions after as many unmeasured ones as there are callers: connections are open, caches filled.

        Raises:
            Wrong: an answer was not right.
        """
        contender = self._contenders[name]
        asks = contender.asks(workload, callers + count)
        crowd = await Callers.connect(self._ports[name], callers, contender.answered)
        try:
            await crowd.ask(asks[:callers])
            pids = (self._pids[name], self._pids[UPSTREAMS])
            before, own, started = [cpu_seconds(pid) for pid in pids], time.process_time(), time.perf_counter()
            latencies = await crowd.ask(asks[callers:])
            seconds, own = time.perf_counter() - started, time.process_time() - own
            server, upstream = (cpu_seconds(pid) - then for pid, then in zip(pids, before, strict=True))
        finally:
            crowd.close()
        self.proved += contender.prove()
        each = 1e6 / count
        return Figures(
            questions=count,
            cpu_us=server * each,
            upstream_us=upstream * each,
            callers_us=own * each,
            per_second=count / seconds,
            p50_ms=statistics.median(latencies) * 1e3,
            p99_ms=sorted(latencies)[int(len(latencies) * 0.99)] * 1e3,
        )


async def measure_all(measurer: Measurer, extent: Extent, names: Sequence[str], tell: Tell) -> list[Cell]:
    """Every cell, each with as many figures as there are rounds. The warm-up of a cell is not among them."""
    cells = [Cell(workload, callers) for workload in extent.workloads for callers in extent.callers]
    rates: dict[tuple[int, str], float] = {}
    for number in range(extent.rounds + 1):
        for at, cell in enumerate(cells):
            for name in names:
                least = max(extent.least, 2 * cell.callers)
                count = max(least, int(rates.get((at, name), 0) * extent.seconds))
                found = await measurer.undisturbed(name, cell.workload, cell.callers, count)
                rates[at, name] = found.per_second
                if number > 0:
                    cell.figures.setdefault(name, []).append(found)
        tell(f"round {number} of {extent.rounds}" if number else "warmed up: every answer was right")
    return cells
