"""Idempotency keys: of all requests with one key, one is asked; the others are told what became of it.

Found out and claimed in the transaction of the question itself, so that of two processes one asks, and a question that
is refused leaves its key free. Keys and questions are keyed digests: neither is in the store in clear.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway import errors
from gateway.store.statements import flat, values

KEPT_SECONDS: Final = 86_400
"""How long a key stands for its question."""


class Held(errors.GatewayError):
    """This key stands for a question already, by its id: nothing was asked, written or spent."""

    def __init__(self, verification_id: str) -> None:
        super().__init__("this key stands for a question already")
        self.verification_id = verification_id


class Answered(Held):
    """For the same one, which was answered."""


class InProgress(Held):
    """For the same one, which has no answer yet."""


class AnotherQuestion(Held):
    """For another one."""


@dataclass(frozen=True, slots=True)
class Once:
    """A question that is asked at `at` (Unix seconds), once."""

    consumer: str
    verification_id: str
    intent: str
    """Its entry, by id."""
    at: float
    known: tuple[tuple[str, str], ...]
    """Key and question under each epoch that has a key, the active one first: under that one they are kept."""

    @property
    def names(self) -> list[tuple[str, str]]:
        """Consumer and key, as rows are found."""
        return [(self.consumer, key) for key, _ in self.known]


@dataclass(frozen=True, slots=True)
class _Row:
    body: str
    verification_id: str
    expires: int
    is_answered: bool
    is_open: bool

    def holds(self, at: float) -> bool:
        """One that was closed without any answer holds no key: nobody will ever be told more of it."""
        return self.expires > at and (self.is_answered or self.is_open)


class Keys:
    """The keys of everybody who asks in one batch: read when made, changed by `take`, stored by `write`."""

    def __init__(self, connection: sqlite3.Connection, asked: Sequence[Once]) -> None:
        self._connection = connection
        self._rows: dict[tuple[str, str], _Row] = {}
        self._freed: list[tuple[str, str]] = []
        self._taken: list[Once] = []
        names = [name for once in asked for name in once.names]
        if not names:
            return
        found = (
            f"WITH asked (consumer, key) AS ({values(2, len(names))})"  # noqa: S608 - question marks only
            " SELECT repeat.consumer, repeat.key, repeat.body, repeat.verification_id, repeat.expires,"
            " EXISTS (SELECT 1 FROM answer WHERE answer.verification_id = repeat.verification_id),"
            " EXISTS (SELECT 1 FROM open_intent WHERE open_intent.intent = repeat.intent)"
            " FROM asked CROSS JOIN repeat WHERE repeat.consumer = asked.consumer AND repeat.key = asked.key"
        )
        for consumer, key, body, verification_id, expires, is_answered, is_open in connection.execute(
            found, flat(names)
        ):
            self._rows[consumer, key] = _Row(body, verification_id, expires, bool(is_answered), bool(is_open))

    def held(self, once: Once) -> Held | None:
        """What its key stands for, if for anything."""
        for (_, body), name in zip(once.known, once.names, strict=True):
            row = self._rows.get(name)
            if row is None or not row.holds(once.at):
                continue
            if row.body != body:
                return AnotherQuestion(row.verification_id)
            return (Answered if row.is_answered else InProgress)(row.verification_id)
        return None

    def take(self, once: Once) -> None:
        """Gives it the key, which nothing holds."""
        self._freed += [name for name in once.names if self._rows.pop(name, None) is not None]
        name, (_, body) = once.names[0], once.known[0]
        self._rows[name] = _Row(body, once.verification_id, _expires(once), is_answered=False, is_open=True)
        self._taken.append(once)

    def write(self) -> None:
        """Stores what was taken."""
        if self._freed:
            self._connection.executemany("DELETE FROM repeat WHERE consumer = ? AND key = ?", self._freed)
        if self._taken:
            rows = [
                (one.consumer, *one.known[0], one.verification_id, one.intent, _expires(one)) for one in self._taken
            ]
            self._connection.execute(
                f"INSERT INTO repeat (consumer, key, body, verification_id, intent, expires) {values(6, len(rows))}",
                flat(rows),
            )


def first_answer(
    connection: sqlite3.Connection, verification_id: str, consumer: str
) -> tuple[bytes, str, bytes] | None:
    """Body, entry id and leaf hash of the first revision that this consumer was given; None for anybody else."""
    row: tuple[bytes, str, bytes] | None = connection.execute(
        "SELECT answer.body, entry.entry_id, entry.leaf_hash"
        " FROM answer JOIN entry ON entry.place = answer.place"
        " WHERE answer.verification_id = ? AND answer.consumer = ?"
        " ORDER BY answer.revision LIMIT 1",
        (verification_id, consumer),
    ).fetchone()
    return row


def _expires(once: Once) -> int:
    return int(once.at) + KEPT_SECONDS
