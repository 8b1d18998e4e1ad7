"""Channels that are not asked on purpose: holds as a store has them, and an authority that is open in the mornings."""

from __future__ import annotations

from typing import Any

from gateway.contract.hours import Hours
from gateway.store.holds import Hold, Holds
from tests.still import START_UNIX

HELD = Hold("social_insurance", "query", "drained", "op", "their move", int(START_UNIX) - 60, int(START_UNIX) + 7200)
MORNING = Hours.model_validate({"week": {"wednesday": ["09:00-12:00"]}}).calendar()
"""The still clock starts on a Wednesday, at 08:00."""


class Stored:
    """A store that holds what it is told."""

    def __init__(self, *held: Hold) -> None:
        self.held = held

    async def read(self, operation: Any) -> Any:
        return list(self.held)


async def holding(*held: Hold) -> Holds:
    holds = Holds()
    await holds.look(Stored(*held))
    return holds
