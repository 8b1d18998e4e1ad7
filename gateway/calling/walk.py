"""Walk: how many calls one check takes, and what they say together. Declared in the contract from a closed list."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from gateway.contract.authority import Question, Step
from gateway.model import Check, Connector, Facts, Finding, Intent, Stage, Status

_ROLES = ("person", "other")


def walk(questions: Mapping[str, Question]) -> Stage:
    """`once`: one call. `all_of`: every step side by side; all must reply, or the check has the first step's trouble."""

    def stage(inner: Connector) -> Connector:
        async def walked(intent: Intent, check: Check) -> Finding:
            question = questions[check.question]
            calls = [_call(check, name, step) for name, step in question.steps.items()]
            if len(calls) == 1:
                return await inner(intent, calls[0])
            # All are awaited even when one fails: each has its own bound, and each is evidence.
            found = await asyncio.gather(*(inner(intent, call) for call in calls), return_exceptions=True)
            return _together([_or_raise(one) for one in found])

        return walked

    return stage


def _call(check: Check, name: str, step: Step) -> Check:
    people = {role: check.about[who] for role, who in zip(_ROLES, step.about, strict=False)}
    return replace(check, step=name, operation=step.operation, about=people)


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
