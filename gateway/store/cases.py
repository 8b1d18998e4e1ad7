"""A consumer's questions by case: the SQL of the search after a lost reply. Cases are pseudonyms."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from gateway.store.statements import flat, values


class AskedCase(NamedTuple):
    """A question about a case, asked at `asked` (milliseconds since 1970)."""

    consumer: str
    case_number: str
    asked: int
    verification_id: str
    intent: str
    """Its entry, by id."""


class Found(NamedTuple):
    """One of them with its newest answer, if it has one; `is_open`: it has no end yet."""

    asked: int
    verification_id: str
    revision: int | None
    body: bytes | None
    is_open: bool


def note(connection: sqlite3.Connection, asked: Sequence[AskedCase]) -> None:
    """Notes them down."""
    if asked:
        columns = "consumer, case_number, asked, verification_id, intent"
        connection.execute(f"INSERT INTO asked_case ({columns}) {values(5, len(asked))}", flat(asked))


def asked_at(connection: sqlite3.Connection, consumer: str, cases: Sequence[str], verification_id: str) -> int | None:
    """When this consumer asked that question about one of these cases; None where it did not."""
    row = connection.execute(
        f"SELECT asked FROM asked_case WHERE consumer = ? AND case_number IN {_among(cases)} AND verification_id = ?",  # noqa: S608
        (consumer, *cases, verification_id),
    ).fetchone()
    return int(row[0]) if row is not None else None


def before(
    connection: sqlite3.Connection, consumer: str, cases: Sequence[str], position: tuple[int, str] | None, limit: int
) -> list[Found]:
    """At most so many of this consumer's questions about any of these cases, newest first; only older than `position`."""
    rows = connection.execute(
        "SELECT asked_case.asked, asked_case.verification_id, answer.revision, answer.body,"  # noqa: S608 - question marks only
        " EXISTS (SELECT 1 FROM open_intent WHERE open_intent.intent = asked_case.intent)"
        " FROM asked_case LEFT JOIN answer ON answer.verification_id = asked_case.verification_id AND answer.revision ="
        " (SELECT MAX(revision) FROM answer AS one WHERE one.verification_id = asked_case.verification_id)"
        f" WHERE asked_case.consumer = ? AND asked_case.case_number IN {_among(cases)}"
        " AND (asked_case.asked, asked_case.verification_id) < (?, ?)"
        " ORDER BY asked_case.asked DESC, asked_case.verification_id DESC LIMIT ?",
        (consumer, *cases, *(position or (2**62, "")), limit),
    )
    return [Found(asked, name, revision, body, bool(is_open)) for asked, name, revision, body, is_open in rows]


def _among(cases: Sequence[str]) -> str:
    return f"({', '.join('?' * len(cases))})"
