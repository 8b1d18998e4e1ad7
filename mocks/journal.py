"""What a mock did, newest last, without personal data: people are shown by their key in the cast."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

STRANGER = "-"
"""Somebody who is not in the cast."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One request: the contract's operation, the scenario that answered it, and the outcome.

    `outcome` is what the scenario means, or `refused: <check>` without a scenario, or `trouble` (HTTP 599).
    """

    channel: str
    operation: str | None
    scenario: str | None
    people: tuple[str, ...]
    outcome: str
    status: int
    fault: str | None = None
    """The fault that struck; `outcome` and `status` are then what would have been said without it."""
    why: tuple[str, ...] = ()
    """How it came to this reply: one line for the signature, the person, the scenario, the fault."""
    at: float = 0.0
    """On the mocks' clock."""


class Journal:
    """The last entries of one authority, bounded."""

    def __init__(self, size: int = 1000) -> None:
        self._entries: deque[Entry] = deque(maxlen=size)

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def clear(self) -> None:
        self._entries.clear()
