"""Walk: how many calls one check takes, and what they say together. Declared in the contract from a closed list."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from gateway.calling.pages import page_by_page
from gateway.contract.authority import Question
from gateway.errors import BadReply
from gateway.mapping.divergence import agree
from gateway.model import Check, Connector, Facts, Finding, Intent, Stage, Status

_ROLES = ("person", "other")


def walk(questions: Mapping[str, Question]) -> Stage:
    """How often the authority is asked, all calls side by side; all must reply, or the check has the first one's trouble.

    `once`: one call. `all_of`: one for every step. `per_year`: one for every calendar year; together they are one record.
    `pages`: one after the other, as long as the reply names a page that follows.
    """

    def stage(inner: Connector) -> Connector:
        async def walked(intent: Intent, check: Check) -> Finding:
            question = questions[check.question]
            calls = list(_calls(check, question))
            if question.walk == "once":
                return await inner(intent, calls[0])
            if question.walk == "pages":
                return await page_by_page(inner, intent, calls[0], question.most_pages or 1)
            # All are awaited even when one fails: each has its own bound, and each is evidence.
            found = await asyncio.gather(*(inner(intent, call) for call in calls), return_exceptions=True)
            findings = [_or_raise(one) for one in found]
            return _one_record(findings, calls) if question.walk == "per_year" else _together(findings)

        return walked

    return stage


def _calls(check: Check, question: Question) -> Iterator[Check]:
    years = question.years(check.as_of) if question.walk == "per_year" else (None,)
    for name, step in question.steps.items():
        people = {role: check.about[who] for role, who in zip(_ROLES, step.about, strict=False)}
        for year in years:
            yield replace(check, step=name, operation=step.operation, about=people, year=year)


def _or_raise(found: Finding | BaseException) -> Finding:
    if isinstance(found, BaseException):
        raise found
    return found


def _together(findings: list[Finding]) -> Finding:
    records: dict[str, Facts | None] = {}
    for finding in findings:
        records.update(finding.records)
    answered = any(finding.status is Status.ANSWERED for finding in findings)
    return replace(findings[0], status=Status.ANSWERED if answered else Status.NO_RECORD, records=records)


def _one_record(findings: list[Finding], calls: list[Check]) -> Finding:
    """One step's findings, year by year: dated tables continue each other, of undated ones the last
    year's word counts that says anything.

    A year without a record adds nothing; only where every year is without one is there none. A dated row of another year
    than asked shows that replies were mixed up; anything else must be the same in every year.
    """
    ((step, _),) = findings[0].records.items()
    each_year = ((call.year, each.records[step]) for call, each in zip(calls, findings, strict=True))
    told = [(year, facts) for year, facts in each_year if facts is not None]
    if not told:
        return findings[0]
    merged: dict[str, Any] = {}
    for year, facts in told:
        for name, value in facts.items():
            known = merged.get(name, value)
            if isinstance(value, list):
                dated = _of_year(value, year) or (name in merged and any(map(_days, merged[name])))
                merged[name] = merged.get(name, []) + value if dated else value or merged.get(name, value)
            elif not agree(known, value):
                raise BadReply(f"the fact {name!r} is not the same in every year")
            else:
                merged[name] = known
    return replace(findings[0], status=Status.ANSWERED, records={step: merged})


def _of_year(rows: list[Facts], year: int | None) -> bool:
    """Whether these rows are dated; raises BadReply for a day in another year than was asked."""
    days = [day for row in rows for day in _days(row)]
    if any(day.year != year for day in days):
        raise BadReply("a row is of another year than was asked about")
    return bool(days)


def _days(row: Facts) -> list[date]:
    return [value for value in row.values() if isinstance(value, date)]
