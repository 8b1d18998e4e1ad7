"""What a rehearsal found: for every fault and every channel, what a counter would have been told; and whether that is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

CONFIRMED: Final = "confirmed"
WITHOUT: Final = "answers"
"""The row without a fault: it shows that each record would have confirmed."""
ACCEPTED: Final = frozenset({("residence_permit.share", "stale_data")})
"""A rightly signed truth of a year ago: no wire shows it, and no contract names an as-of field yet (docs/mocks.md)."""

_NOES = ("no_record", "contradicted")


@dataclass(frozen=True, slots=True)
class Cell:
    """One question under one fault: the decision, what the counter does, and the status of each ill channel."""

    verdict: str
    disposition: str
    statuses: Mapping[str, str]
    has_struck: bool
    """Every ill channel met the fault; where one did not, the cell shows nothing."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The whole matrix: by fault, then by case, both in the order in which they were played."""

    cases: tuple[str, ...]
    rows: Mapping[str, Mapping[str, Cell]]
    broken: tuple[str, ...] = ()
    """Log events of exceptions that nobody expected, in the gateway or in a mock."""
    flaws: tuple[str, ...] = field(init=False, default=())
    """Why the rehearsal is not passed, one line each; empty when it is."""

    def __post_init__(self) -> None:
        found = (*self._flaws(), *(f"unhandled: {event}" for event in self.broken))
        object.__setattr__(self, "flaws", found)

    def _flaws(self) -> Iterator[str]:
        for fault, cells in self.rows.items():
            for case, cell in cells.items():
                if not cell.has_struck:
                    yield f"{case}, {fault}: the fault did not strike"
                elif fault == WITHOUT and cell.verdict != CONFIRMED:
                    yield f"{case}: the record does not confirm, so its rows show nothing"
                elif cell.verdict in _NOES and (case, fault) not in ACCEPTED:
                    yield f"{case}, {fault}: {cell.verdict}, although the record would have confirmed"
                elif cell.verdict not in (CONFIRMED, "undetermined", *_NOES):
                    yield f"{case}, {fault}: {cell.verdict} {cell.disposition}"

    def groups(self) -> list[tuple[list[str], Mapping[str, Cell]]]:
        """The rows, those that are alike together, at the place of the first."""
        found: list[tuple[list[str], Mapping[str, Cell]]] = []
        for fault, cells in self.rows.items():
            alike = next((names for names, known in found if known == cells), None)
            if alike is None:
                found.append(([fault], cells))
            else:
                alike.append(fault)
        return found

    def document(self) -> dict[str, Any]:
        """For machines; the same in every run of the same code."""
        return {
            "passed": not self.flaws,
            "flaws": list(self.flaws),
            "accepted": [{"case": case, "fault": fault} for case, fault in sorted(ACCEPTED)],
            "rows": {
                fault: {case: [cell.verdict, cell.disposition, dict(cell.statuses)] for case, cell in cells.items()}
                for fault, cells in self.rows.items()
            },
        }
