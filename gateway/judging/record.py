"""Does a record hold on that day? The judge of any authority whose question is of that kind; what "holds" is the policy's.

Every condition is about one fact. A fact that is not there decides nothing. Conditions on the facts of rows (`rows/fact`)
must all hold of one and the same row. A condition that fails outweighs one that nobody can tell: all of them must hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from gateway.contract.policies import RecordCondition, RecordParameters
from gateway.judging.rulings import NEEDS_OFFICER, Ruling, silence
from gateway.model import Decision, Facts, Finding, Reason, Status

_NONE: Final = Ruling(Decision.NO_RECORD, Reason.NO_SUCH_RECORD)
_HOLDS: Final = Ruling(Decision.CONFIRMED, Reason.RECORD_HOLDS)
_FAILS: Final = Ruling(Decision.CONTRADICTED, Reason.RECORD_DOES_NOT_HOLD)


def reads(rules: RecordParameters) -> frozenset[str]:
    """The facts that the conditions are about."""
    return frozenset(condition.fact for condition in rules.holds)


def rule(finding: Finding, as_of: date, rules: RecordParameters) -> Ruling:
    """What the finding of a question of one step says on that day."""
    if (silent := silence(finding)) is not None:
        return silent
    if finding.status is Status.NO_RECORD:
        return _NONE
    if len(finding.records) != 1:
        return NEEDS_OFFICER
    (facts,) = finding.records.values()
    if facts is None:
        return _NONE
    held = _all(_conditions(facts, as_of, rules))
    return NEEDS_OFFICER if held is None else _HOLDS if held else _FAILS


def _conditions(facts: Facts, as_of: date, rules: RecordParameters) -> Iterable[bool | None]:
    by_rows: dict[str, list[RecordCondition]] = {}
    for condition in rules.holds:
        rows, _, inside = condition.fact.rpartition("/")
        if rows:
            by_rows.setdefault(rows, []).append(condition)
        else:
            yield _holds(condition, facts.get(inside), as_of)
    for rows, conditions in by_rows.items():
        yield _any(_of_row(row, conditions, as_of) for row in facts.get(rows) or ())


def _of_row(row: Mapping[str, Any], conditions: Iterable[RecordCondition], as_of: date) -> bool | None:
    return _all(_holds(each, row.get(each.fact.rpartition("/")[2]), as_of) for each in conditions)


def _holds(condition: RecordCondition, value: Any, as_of: date) -> bool | None:
    """None where the fact is not there; for a date that the authority leaves open, what the policy says."""
    if value is None:
        return True if condition.missing == "holds" else None
    if condition.any_of is not None:
        return str(value) in condition.any_of
    if not isinstance(value, date):
        return None
    return value >= as_of if condition.not_before is not None else value <= as_of


def _all(held: Iterable[bool | None]) -> bool | None:
    found = list(held)
    return False if False in found else None if None in found else True


def _any(held: Iterable[bool | None]) -> bool | None:
    found = list(held)
    return True if True in found else None if None in found else False
