"""Holds: the channels that an operator took in hand, until when, by whom and why. None is without an end.

They are in the store, so that every process on it has them; a question reads what its process saw last.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeVar

State = Literal["drained", "open"]
"""Out of use; or its breaker forced open."""
MOST_SECONDS: Final = 30 * 86400
"""No hold lasts longer: what is to stay out of use for good is a change of the policy."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Hold:
    """One channel's, in Unix seconds from `since` until just before `until`."""

    authority: str
    channel: str
    state: State
    who: str
    why: str
    since: int
    until: int

    def __post_init__(self) -> None:
        """Raises ValueError where it has no end, or nobody and nothing stands behind it."""
        if not 0 < self.until - self.since <= MOST_SECONDS:
            raise ValueError("a hold ends, at the latest after 30 days")
        if not (self.who.strip() and self.why.strip()):
            raise ValueError("a hold says who and why")


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one channel: another hold, or none."""

    authority: str
    channel: str
    hold: Hold | None


def change(connection: sqlite3.Connection, changes: Iterable[Change]) -> None:
    """Within a transaction, in this order: of two holds of one channel the later one stands."""
    for one in changes:
        connection.execute("DELETE FROM hold WHERE authority = ? AND channel = ?", (one.authority, one.channel))
        if (to := one.hold) is not None:
            connection.execute(
                "INSERT INTO hold (authority, channel, state, who, why, since, until) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (to.authority, to.channel, to.state, to.who, to.why, to.since, to.until),
            )


def read(connection: sqlite3.Connection) -> list[Hold]:
    """All of them, those that have ended too."""
    found = "SELECT authority, channel, state, who, why, since, until FROM hold ORDER BY authority, channel"
    return [Hold(*row) for row in connection.execute(found)]


class Readable(Protocol):
    """What of the store is needed here."""

    def read(self, operation: Callable[[sqlite3.Connection], T]) -> Awaitable[T]: ...


class Holds:
    """What this process saw last. Empty before the first look."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], Hold] = {}

    async def look(self, store: Readable) -> None:
        """Looks now. Raises Unwritable where the store cannot be read: what was seen before stands until it ends."""
        self._seen = {(hold.authority, hold.channel): hold for hold in await store.read(read)}

    def of(self, authority: str, channel: str, now: float) -> Hold | None:
        """The hold of a channel at that moment. One that has ended is none, whether or not the store can be read."""
        hold = self._seen.get((authority, channel))
        return hold if hold is not None and now < hold.until else None
