"""Whom the entries are about: the SQL of the person's own view. People are pseudonyms, times milliseconds since 1970."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

from gateway.store import shards

KINDS: Final = ("access", "intent")
"""The entries that are about somebody."""


class Position(NamedTuple):
    """Where an entry stands in a person's history; the greater, the newer."""

    asked: int
    place: int


class Found(NamedTuple):
    """One entry about somebody, with its body."""

    position: Position
    body: bytes


def _among(values: Sequence[str]) -> str:
    return f"({', '.join('?' * len(values))})"


def position(connection: sqlite3.Connection, people: Sequence[str], entry_id: str) -> Found | None:
    """Where this entry stands among those about one of these; None where it does not, or has lost its body."""
    row = connection.execute(
        "SELECT about.asked, about.place, entry.body FROM entry JOIN about ON about.place = entry.place"  # noqa: S608
        f" WHERE entry.entry_id = ? AND entry.body IS NOT NULL AND about.person IN {_among(people)}",
        (entry_id, *people),
    ).fetchone()
    return Found(Position(*row[:2]), row[2]) if row is not None else None


def before(connection: sqlite3.Connection, people: Sequence[str], position: Position | None, limit: int) -> list[Found]:
    """At most so many entries about any of these, newest first, from all shards; only older ones than that position."""
    asked, place = position or (2**62, 0)
    rows = connection.execute(
        "SELECT about.asked, about.place, entry.body FROM about JOIN entry ON entry.place = about.place"  # noqa: S608
        f" WHERE about.person IN {_among(people)} AND (about.asked, about.place) < (?, ?) AND entry.body IS NOT NULL"
        " ORDER BY about.asked DESC, about.place DESC LIMIT ?",
        (*people, asked, place, limit),
    )
    return [Found(Position(*row[:2]), row[2]) for row in rows]


def ends(
    connection: sqlite3.Connection, intents: Sequence[str], verification_ids: Sequence[str]
) -> tuple[set[str], set[str]]:
    """Of these intents those that have no end yet; of these verifications those that somebody decided on."""
    still = f"SELECT intent FROM open_intent WHERE intent IN {_among(intents)}"  # noqa: S608 - question marks only
    given = (
        "SELECT DISTINCT answer.verification_id FROM answer JOIN entry ON entry.place = answer.place"  # noqa: S608
        f" WHERE entry.kind = 'outcome' AND answer.verification_id IN {_among(verification_ids)}"
    )
    return (
        {row[0] for row in connection.execute(still, list(intents))},
        {row[0] for row in connection.execute(given, list(verification_ids))},
    )


def newest_lost(connection: sqlite3.Connection) -> list[str]:
    """Of each shard that was pruned, the newest entry about somebody that lost its body, by id."""
    lost = []
    for shard in shards.read(connection):
        start = shard.number * shards.SPAN
        row = connection.execute(
            f"SELECT entry_id FROM entry WHERE place >= ? AND place < ? AND kind IN {_among(KINDS)}"  # noqa: S608
            " AND body IS NULL ORDER BY place DESC LIMIT 1",
            (start, start + shard.pruned, *KINDS),
        ).fetchone()
        if row is not None:
            lost.append(row[0])
    return lost
