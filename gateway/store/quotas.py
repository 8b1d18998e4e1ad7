"""How many calls of a contract's quota the processes on one store have taken: a row for each minute with any.

A call is taken within the minute whose row counts it and is over, at the authority, within one more: no attempt lasts longer.
So where no `WINDOW` rows in a row hold more than the quota, no 60 minutes do, wherever they begin, by our clock or by theirs.
A clock that was set back finds rows of later minutes: they count until it has passed them.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

MINUTE_SECONDS: Final = 60
WINDOW: Final = 62
"""Minutes: 60, one because a minute has a beginning and an end, and one for what is still on its way."""
KEPT: Final = 2 * WINDOW
"""Minutes for which a row is kept: somebody may take a moment to write what was decided in the minute before."""

_OF_CHANNEL: Final = "authority = ? AND channel = ?"


@dataclass(frozen=True, slots=True)
class Taking:
    """Calls that one process wants to make within that minute (Unix minutes), and what it gives back of an earlier one."""

    authority: str
    channel: str
    minute: int
    quota: int
    wanted: int
    back_minute: int = 0
    back: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """`calls` may be made; `left` may be taken by anybody. Without any, the quota has room again from `room_at` (Unix)."""

    calls: int
    left: int
    room_at: float


def take(connection: sqlite3.Connection, taking: Taking) -> Taken:
    """Takes as many of the wanted calls as there are, first giving back what its taker will never make.

    The transaction must see what all others have committed, and hold them off until it ends. A crash after it loses the
    calls that were not made: they count as made.
    """
    of_channel, first = (taking.authority, taking.channel), taking.minute - WINDOW + 1
    if taking.back:
        back = f"UPDATE quota SET taken = taken - ? WHERE {_OF_CHANNEL} AND minute = ?"  # noqa: S608 - our own text
        connection.execute(back, (taking.back, *of_channel, taking.back_minute))
    counted = f"SELECT minute, taken FROM quota WHERE {_OF_CHANNEL} AND minute >= ? AND taken > 0 ORDER BY minute"  # noqa: S608
    rows = connection.execute(counted, (*of_channel, first)).fetchall()
    left = max(taking.quota - sum(taken for _, taken in rows), 0)
    calls = min(taking.wanted, left)
    if calls:
        connection.execute(
            "INSERT INTO quota (authority, channel, minute, taken) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (authority, channel, minute) DO UPDATE SET taken = quota.taken + excluded.taken",
            (*of_channel, taking.minute, calls),
        )
        connection.execute(
            f"DELETE FROM quota WHERE {_OF_CHANNEL} AND minute < ?",  # noqa: S608 - our own text
            (*of_channel, taking.minute - KEPT),
        )
    return Taken(calls, left - calls, _room_at(rows, taking))


def _room_at(rows: list[tuple[int, int]], taking: Taking) -> float:
    """When enough of the oldest minutes are out of the window for one call. A contract may have lowered its quota."""
    over = sum(taken for _, taken in rows) - taking.quota
    for minute, taken in rows:
        over -= taken
        if over < 0:
            return float((minute + WINDOW) * MINUTE_SECONDS)
    return float(taking.minute * MINUTE_SECONDS)


def taken(connection: sqlite3.Connection, minute: int) -> dict[tuple[str, str], int]:
    """Of each authority and channel, what counts against its quota in that minute."""
    counted = "SELECT authority, channel, SUM(taken) FROM quota WHERE minute > ? GROUP BY authority, channel"
    rows = connection.execute(counted, (minute - WINDOW,))
    return {(authority, channel): count for authority, channel, count in rows}
