"""What consumers have used up: their rate, the people they asked about within a day, and whom their cases are about.

Decided and written in the transaction of the question itself, so that it survives what the question survives and every
process on the same store sees it. A batch reads and writes each table once, however many of its questions are one consumer's.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gateway import errors
from gateway.model import Limits
from gateway.security import rates
from gateway.store.statements import flat, values

BUDGET_HOURS = 24
"""Somebody counts for at least as long, and for less than an hour more: time is kept by the hour."""
BOUND_DAYS = 400
"""How long a case stays with its subject: longer than a case is open, and never for ever."""

_HOUR, _DAY = 3600, 86400


@dataclass(frozen=True, slots=True)
class Spending:
    """One request on its consumer's account, at `at` (Unix seconds). A question has a subject and a case, as pseudonyms."""

    consumer: str
    limits: Limits
    at: float
    subject: str | None = None
    case_number: str | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """A case that was answered about its subject, both pseudonyms, at `at` (Unix seconds)."""

    consumer: str
    case_number: str
    subject: str
    at: float


class Accounts:
    """The accounts of everybody who spends in one batch: read when made, changed by `spend`, stored by `write`."""

    def __init__(self, connection: sqlite3.Connection, spendings: Sequence[Spending]) -> None:
        self._connection = connection
        now = max((spending.at for spending in spendings), default=0.0)
        self._hour = int(now // _HOUR)
        consumers = list(dict.fromkeys(spending.consumer for spending in spendings))
        questions = [spending for spending in spendings if spending.subject and spending.case_number]
        self._arrivals = self._read_arrivals(consumers)
        self._stored = frozenset(self._arrivals)
        self._spent: set[str] = set()
        self._asked_about = self._read_subjects(questions)
        self._budgets = self._read_budgets([spending.consumer for spending in questions])
        self._bound = _bound(connection, [(q.consumer, str(q.case_number)) for q in questions], now)
        self._new: list[tuple[str, str]] = []

    def spend(self, spending: Spending) -> int | errors.Limited:
        """The consumer's new arrival (`security.rates`), or why it may not; then nothing was spent."""
        arrival = self._arrivals.get(spending.consumer, 0)
        after = rates.spend(spending.limits, arrival, spending.at)
        if after is None:
            return errors.OverRate(rates.wait_seconds(spending.limits, arrival, spending.at), arrival)
        if spending.subject and spending.case_number:
            refusal = self._ask_about(spending, (spending.consumer, spending.subject))
            if refusal:
                return refusal
        self._arrivals[spending.consumer] = after
        self._spent.add(spending.consumer)
        return after

    def _ask_about(self, spending: Spending, who: tuple[str, str]) -> errors.Limited | None:
        if self._bound.get((spending.consumer, str(spending.case_number)), spending.subject) != spending.subject:
            return errors.CaseBound()
        if who in self._asked_about:
            return None
        count, oldest = self._budgets.get(spending.consumer, (0, self._hour))
        if count >= spending.limits.subjects_per_day:
            return errors.OverBudget(max(1, int((oldest + BUDGET_HOURS + 1) * _HOUR - spending.at)))
        self._budgets[spending.consumer] = count + 1, oldest
        self._asked_about.add(who)
        self._new.append(who)
        return None

    def write(self) -> None:
        """Stores what was spent. Nothing, where all was refused: a flood over the limit makes the disk write nothing."""
        known = [(self._arrivals[name], name) for name in self._spent & self._stored]
        self._connection.executemany("UPDATE rate SET arrival = ? WHERE consumer = ?", known)
        new = [(name, self._arrivals[name]) for name in self._spent - self._stored]
        if new:
            self._connection.execute(f"INSERT INTO rate (consumer, arrival) {values(2, len(new))}", flat(new))
        if self._new:
            self._write_subjects()

    def _write_subjects(self) -> None:
        rows = [(*who, self._hour) for who in self._new]
        self._connection.execute(f"INSERT INTO subject (consumer, subject, hour) {values(3, len(rows))}", flat(rows))
        for consumer, count in Counter(consumer for consumer, _ in self._new).items():
            row = (count, consumer, self._hour)
            more = "UPDATE budget SET subjects = subjects + ? WHERE consumer = ? AND hour = ?"
            if self._connection.execute(more, row).rowcount == 0:
                self._connection.execute("INSERT INTO budget (subjects, consumer, hour) VALUES (?, ?, ?)", row)

    def _read_arrivals(self, consumers: Collection[str]) -> dict[str, int]:
        found = f"SELECT consumer, arrival FROM rate WHERE consumer IN ({values(1, len(consumers))})"  # noqa: S608
        return dict(self._connection.execute(found, tuple(consumers)))

    def _read_subjects(self, questions: Sequence[Spending]) -> set[tuple[str, str]]:
        if not questions:
            return set()
        found = (
            f"WITH asked (consumer, subject) AS ({values(2, len(questions))})"  # noqa: S608 - question marks only
            " SELECT subject.consumer, subject.subject FROM asked CROSS JOIN subject"
            " WHERE subject.consumer = asked.consumer AND subject.subject = asked.subject AND subject.hour >= ?"
        )
        asked = flat([(question.consumer, question.subject) for question in questions])
        return set(self._connection.execute(found, (*asked, self._hour - BUDGET_HOURS)))

    def _read_budgets(self, consumers: Sequence[str]) -> dict[str, tuple[int, int]]:
        if not consumers:
            return {}
        names = tuple(dict.fromkeys(consumers))
        found = (
            "SELECT consumer, SUM(subjects), MIN(hour) FROM budget"  # noqa: S608 - question marks only
            f" WHERE consumer IN ({values(1, len(names))}) AND hour >= ? GROUP BY consumer"
        )
        rows = self._connection.execute(found, (*names, self._hour - BUDGET_HOURS))
        return {consumer: (count, oldest) for consumer, count, oldest in rows}


def bind(connection: sqlite3.Connection, bindings: Sequence[Binding]) -> None:
    """Binds each case that is not bound yet. Of several subjects that one case is answered about at once, the first is it."""
    if not bindings:
        return
    now = max(binding.at for binding in bindings)
    bound = _bound(connection, [(binding.consumer, binding.case_number) for binding in bindings], now)
    new: dict[tuple[str, str], tuple[int, str]] = {}
    for binding in bindings:
        key = (binding.consumer, binding.case_number)
        if key not in bound:
            new.setdefault(key, (int(now // _DAY), binding.subject))
    if new:
        rows = [key + what for key, what in new.items()]
        statement = f"INSERT INTO binding (consumer, case_number, day, subject) {values(4, len(rows))}"
        connection.execute(statement, flat(rows))


def _bound(connection: sqlite3.Connection, cases: Sequence[tuple[str, str]], now: float) -> dict[tuple[str, str], str]:
    if not cases:
        return {}
    found = (
        f"WITH asked (consumer, case_number) AS ({values(2, len(cases))})"  # noqa: S608 - question marks only
        " SELECT binding.consumer, binding.case_number, binding.subject FROM asked CROSS JOIN binding"
        " WHERE binding.consumer = asked.consumer AND binding.case_number = asked.case_number AND binding.day >= ?"
    )
    rows = connection.execute(found, (*flat(cases), int(now // _DAY) - BOUND_DAYS))
    return {(consumer, case_number): subject for consumer, case_number, subject in rows}


def forget(connection: sqlite3.Connection, now: float, limit: int) -> None:
    """Deletes at most `limit` rows of each table that no decision looks at any more. `now` is Unix seconds."""
    hour, day = int(now // _HOUR) - BUDGET_HOURS, int(now // _DAY) - BOUND_DAYS
    for table, key, column, before in (
        ("subject", "consumer, subject, hour", "hour", hour),
        ("budget", "consumer, hour", "hour", hour),
        ("binding", "consumer, case_number, day", "day", day),
    ):
        connection.execute(
            f"DELETE FROM {table} WHERE ({key}) IN"  # noqa: S608 - our own names
            f" (SELECT {key} FROM {table} WHERE {column} < ? ORDER BY {column} LIMIT ?)",
            (before, limit),
        )
