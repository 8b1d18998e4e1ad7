"""`gateway rehearse`: every channel meets every fault of the mocks, and a counter asks meanwhile.

One applicant for each case; without a fault the record confirms. The fault is armed on that applicant and on the ill channels.
No state passes from one question to another that matters: each round has a gateway of its own, so that no breaker and no
budget remembers the round before, and in one round an authority is ill once.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final

from gateway import app, logs
from gateway.client import AsyncClient, Problem
from gateway.clock import Clock, SystemClock
from gateway.commands.demo import INSURANCE, RESIDENCE, Scene, counter_of, question
from gateway.commands.rehearsed import WITHOUT, Cell, Rehearsed
from gateway.commands.stage import Stage, set_up
from gateway.contract.authority import Contract
from mocks.arming import Armed
from mocks.faults import FAULTS

STATUSES: Final = (201, 204, 302, 400, 401, 403, 404, 418, 500, 502, 503, 504, 599)
"""What `status_<NNN>` is tried as: one of each kind that is read in its own way."""
SECONDS: Final = {"hang": 60.0, "slow_first_byte": 0.05, "drip_body": 0.05, "drip_headers": 0.05, "rate_limit": 60.0}
"""What the faults that take time are armed with: long beyond the deadline, or well within it."""
DEADLINE_MS: Final = {"hang": 2500}
"""A fault that hangs costs its deadline in full."""
USUAL_DEADLINE_MS: Final = 8000

SCENES: Final = {
    "residence_permit": Scene("P12", material=RESIDENCE),
    "guardianship_archive": Scene("M01", "A01"),
    "household_registry": Scene("P03", "P01"),
    "social_insurance": Scene("P08", material=INSURANCE),
    "disabled_federation": Scene("D01", material="disability_certificate", unit_code="990101000000"),
}
"""By authority: who comes to the counter, so that its record alone confirms."""

Told = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Case:
    """Which channels of an authority are ill together, and who asks."""

    authority: str
    channels: tuple[str, ...]
    scene: Scene

    @property
    def name(self) -> str:
        return f"{self.authority}.{'+'.join(self.channels)}"


def faults() -> list[str]:
    """Every row: none, then the vocabulary in its own order."""
    listed = ([f"status_{status}" for status in STATUSES] if name.startswith("status_") else [name] for name in FAULTS)
    return [WITHOUT, *(name for names in listed for name in names)]


def cases(contracts: Mapping[str, Contract]) -> list[Case]:
    """Of each authority: every channel ill alone, and, where there are several, all of them together."""
    found = []
    for authority, contract in contracts.items():
        channels, scene = tuple(contract.channels), SCENES[authority]
        found += [Case(authority, (name,), scene) for name in channels]
        if len(channels) > 1:
            found.append(Case(authority, channels, scene))
    return found


def rounds(all_cases: Sequence[Case]) -> list[list[Case]]:
    """The first case of each authority, then the second of each, and so on.

    An authority is ill once in a round: a fault that ends a platform's secrets would show in another case of its own.
    """
    by_authority = {
        case.authority: [each for each in all_cases if each.authority == case.authority] for case in all_cases
    }
    return [[case for case in round_ if case is not None] for round_ in zip_longest(*by_authority.values())]


async def play(began: Callable[[int], Told] = lambda total: lambda: None) -> Rehearsed:
    """The whole rehearsal. `began` is told how many questions there are, and what it gives is called after each."""
    clock, ear = SystemClock(), io.StringIO()
    logs.configure("json", ear)
    async with set_up(clock) as stage:
        all_cases = cases({name: folder.contract for name, folder in stage.folders.items()})
        rows = faults()
        told = began(len(rows) * len(all_cases))
        played: dict[str, dict[str, Cell]] = {}
        async with counter_of(stage) as counter:
            for fault in rows:
                cells: dict[str, Cell] = {}
                for round_ in rounds(all_cases):
                    cells |= await _round(stage, clock, counter, round_, fault, told)
                played[fault] = {case.name: cells[case.name] for case in all_cases}
        return Rehearsed(tuple(case.name for case in all_cases), played, tuple(_broken(ear.getvalue(), stage)))


async def _round(
    stage: Stage, clock: Clock, counter: AsyncClient, round_: Sequence[Case], fault: str, told: Told
) -> dict[str, Cell]:
    """One gateway, and every case in it at the same time."""
    async with app.running(stage.installed, clock, stage.sockets()):
        cells = await asyncio.gather(*(_cell(stage, counter, case, fault, told) for case in round_))
    stage.mocks.faults.clear()
    return {case.name: cell for case, cell in zip(round_, cells, strict=True)}


async def _cell(stage: Stage, counter: AsyncClient, case: Case, fault: str, told: Told) -> Cell:
    armed: list[Armed] = []
    if fault != WITHOUT:
        seconds = SECONDS.get(fault)
        ill = ((case.authority, channel) for channel in case.channels)
        armed = [
            stage.mocks.arm(case.scene.subject, name, fault, channel=channel, seconds=seconds) for name, channel in ill
        ]
    asked = question(case.scene, stage.cast) | {"deadline_ms": DEADLINE_MS.get(fault, USUAL_DEADLINE_MS)}
    try:
        (material,) = (await counter.verify(asked)).materials
    except Problem as problem:  # a counter that gets no decision: shown as one, so that it is not overlooked
        return Cell("refused", problem.code, {}, has_struck=True)
    finally:
        told()
    found = {source.channel: source.status for source in material.sources if source.authority == case.authority}
    statuses = {channel: found[channel] for channel in case.channels if channel in found}
    has_struck = all(each.struck for each in armed)
    return Cell(material.verdict, material.disposition, statuses, has_struck)


def _broken(lines: str, stage: Stage) -> Iterator[str]:
    """What nobody expected, in the gateway's log or in a mock's journal."""
    for line in lines.splitlines():
        event: dict[str, Any] = json.loads(line)
        if event["event"].endswith(".broke") or event.get("level") == "error":
            yield f"{event['event']} {event.get('authority') or event.get('name') or ''} {event.get('error', '')}".strip()
    for authority, journal in stage.mocks.journals.items():
        for entry in journal:
            if entry.outcome == "trouble":
                yield f"mock {authority}.{entry.channel}: {'; '.join(entry.why)}"
