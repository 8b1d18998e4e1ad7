"""What consumers have used up: their rate, the people they asked about within a day, and whom their cases are about.

Decided and written in the transaction of the question itself, so that it survives what the question survives and every
process on the same store sees it. A batch reads all of it by one statement, however many of its questions are one consumer's.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from gateway import errors
from gateway.model import Limits
from gateway.security import rates
from gateway.store.statements import flat, values

BUDGET_HOURS = 24
"""Somebody counts for at least as long, and for less than an hour more: time is kept by the hour."""
BOUND_DAYS = 400
"""How long a case stays with its subject: longer than a case is open, and never for ever."""

_HOUR, _DAY = 3600, 86400
_START = ("", "", 0)


@dataclass(frozen=True, slots=True)
class Spending:
    """One request on its consumer's account, at `at` (Unix seconds). All people and cases are pseudonyms."""

    consumer: str
    limits: Limits
    at: float
    subject: str | None = None
    """Whom a question's case is about."""
    case_number: str | None = None
    people: tuple[str, ...] = ()
    """Everybody a question is about, each once: what the budget counts."""
    formerly: tuple[tuple[str, str], ...] = ()
    """The same case and subject under the epochs before: a case stays bound when an epoch ends."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A case that was answered about its subject, both pseudonyms, at `at` (Unix seconds)."""

    consumer: str
    case_number: str
    subject: str
    at: float


@dataclass(slots=True)
class _Account:
    """One consumer's."""

    is_stored: bool
    arrival: int
    spent: dict[int, int]
    """New people by hour, of the hours that count."""
    has_changed: bool = False
    known: set[str] = field(default_factory=set)
    """Of the batch's people, those that count already."""
    bound: dict[str, str] = field(default_factory=dict)
    """Of the batch's cases, those that are bound, and to whom."""
    new: list[str] = field(default_factory=list)


class Accounts:
    """The accounts of everybody who spends in one batch: read when made, changed by `spend`, stored by `write`."""

    def __init__(self, connection: sqlite3.Connection, spendings: Sequence[Spending]) -> None:
        self._connection = connection
        now = max(spending.at for spending in spendings)
        self._hour = int(now // _HOUR)
        self._accounts: dict[str, _Account] = {}
        asked = [
            (one.consumer, person, case)
            for one in spendings
            for person, case in zip_longest(
                one.people or (None,), (one.case_number, *(each for each, _ in one.formerly))
            )
        ]
        found = (
            f"WITH asked (consumer, person, case_number) AS ({values(3, len(asked))})"  # noqa: S608 - question marks only
            " SELECT asked.consumer, asked.person, asked.case_number, account.arrival, account.spent, subject.hour,"
            " binding.subject FROM asked LEFT JOIN account ON account.consumer = asked.consumer"
            " LEFT JOIN subject ON subject.consumer = asked.consumer AND subject.subject = asked.person"
            " AND subject.hour >= ?"
            " LEFT JOIN binding ON binding.consumer = asked.consumer AND binding.case_number = asked.case_number"
            " AND binding.day >= ?"
        )
        for consumer, person, case_number, arrival, spent, hour, bound_to in connection.execute(
            found, (*flat(asked), self._hour - BUDGET_HOURS, int(now // _DAY) - BOUND_DAYS)
        ):
            account = self._accounts.get(consumer)
            if account is None:
                account = self._accounts[consumer] = _account(arrival, spent, self._hour)
            if hour is not None:
                account.known.add(person)
            if bound_to is not None:
                account.bound[case_number] = bound_to

    def spend(self, spending: Spending) -> int | errors.Limited:
        """The consumer's new arrival (`security.rates`), or why it may not; then nothing was spent."""
        account = self._accounts[spending.consumer]
        after = rates.spend(spending.limits, account.arrival, spending.at)
        if after is None:
            return errors.OverRate(rates.wait_seconds(spending.limits, account.arrival, spending.at), account.arrival)
        refusal = self._ask_about(spending, account)
        if refusal is not None:
            return refusal
        account.arrival, account.has_changed = after, True
        return after

    def _ask_about(self, spending: Spending, account: _Account) -> errors.Limited | None:
        cases = ((spending.case_number or "", spending.subject), *spending.formerly)
        if any(account.bound.get(case, subject) != subject for case, subject in cases):
            return errors.CaseBound()
        new = [person for person in spending.people if person not in account.known]
        if not new:
            return None
        room_before = spending.limits.subjects_per_day - len(new)
        if sum(account.spent.values()) > room_before:
            back = (_room_again(account.spent, room_before) + BUDGET_HOURS + 1) * _HOUR
            return errors.OverBudget(max(1, int(back - spending.at)))
        account.spent[self._hour] = account.spent.get(self._hour, 0) + len(new)
        account.known.update(new)
        account.new += new
        return None

    def write(self) -> None:
        """Stores what was spent. Nothing, where all was refused: a flood over the limit makes the disk write nothing."""
        for consumer, account in self._accounts.items():
            if account.has_changed:
                self._connection.execute(
                    "UPDATE account SET arrival = ?, spent = ? WHERE consumer = ?"
                    if account.is_stored
                    else "INSERT INTO account (arrival, spent, consumer) VALUES (?, ?, ?)",
                    (account.arrival, json.dumps(account.spent), consumer),
                )
        new = [(consumer, who, self._hour) for consumer, account in self._accounts.items() for who in account.new]
        if new:
            self._connection.execute(f"INSERT INTO subject (consumer, subject, hour) {values(3, len(new))}", flat(new))


def _account(arrival: int | None, spent: str | None, now_hour: int) -> _Account:
    if arrival is None or spent is None:
        return _Account(False, 0, {})
    by_hour = {int(hour): count for hour, count in json.loads(spent).items()}
    # Nor hours to come: a clock that was set back must not lock anybody out until it is there again.
    counted = {hour: count for hour, count in by_hour.items() if now_hour - BUDGET_HOURS <= hour <= now_hour}
    return _Account(True, arrival, counted)


def _room_again(spent: Mapping[int, int], most: int) -> int:
    """The hour whose people must no longer count so that no more than `most` do."""
    left = sum(spent.values())
    for hour in sorted(spent):
        left -= spent[hour]
        if left <= most:
            return hour
    raise ValueError("a budget below two has no room for a subject and a guardian")


def bind(connection: sqlite3.Connection, bindings: Sequence[Binding]) -> None:
    """Binds each case that is not bound yet. Of several subjects that one case is answered about at once, the first is it."""
    if not bindings:
        return
    day = int(max(binding.at for binding in bindings) // _DAY)
    first: dict[tuple[str, str], str] = {}
    for binding in bindings:
        first.setdefault((binding.consumer, binding.case_number), binding.subject)
    rows = [(*case, subject) for case, subject in first.items()]
    connection.execute(
        f"WITH replied (consumer, case_number, subject) AS ({values(3, len(rows))})"  # noqa: S608 - question marks only
        " INSERT INTO binding (consumer, case_number, day, subject)"
        " SELECT consumer, case_number, ?, subject FROM replied WHERE NOT EXISTS (SELECT 1 FROM binding"
        " WHERE binding.consumer = replied.consumer AND binding.case_number = replied.case_number AND binding.day >= ?)",
        (*flat(rows), day, day - BOUND_DAYS),
    )


class Sweeper:
    """Walks along each table in bites, round and round, and deletes what no decision looks at any more.

    A round looks at several rows for each that was added meanwhile, so a table never grows far beyond what counts.
    """

    def __init__(self) -> None:
        self._places: dict[str, tuple[str, str, int]] = {}

    def sweep(self, connection: sqlite3.Connection, now: float, limit: int) -> None:
        """Looks at the next `limit` rows of each table. `now` is Unix seconds."""
        self._walk(connection, "subject", "consumer, subject, hour", "hour", int(now // _HOUR) - BUDGET_HOURS, limit)
        self._walk(connection, "binding", "consumer, case_number, day", "day", int(now // _DAY) - BOUND_DAYS, limit)
        self._walk(connection, "repeat", "consumer, key, expires", "expires", int(now), limit)

    def _walk(self, connection: sqlite3.Connection, table: str, key: str, column: str, before: int, limit: int) -> None:
        start = self._places.get(table, _START)
        rows = f"FROM {table} WHERE ({key}) > (?, ?, ?)"
        found = connection.execute(f"SELECT {key} {rows} ORDER BY {key} LIMIT ?", (*start, limit)).fetchall()
        if any(row[2] < before for row in found):
            connection.execute(f"DELETE {rows} AND ({key}) <= (?, ?, ?) AND {column} < ?", (*start, *found[-1], before))
        self._places[table] = found[-1] if len(found) == limit else _START
