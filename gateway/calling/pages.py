"""Pages: one record whose tables continue from reply to reply, asked for one after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gateway.errors import Ambiguous, BadReply
from gateway.mapping.divergence import agree
from gateway.model import Check, Connector, Facts, Finding, Intent, Status


async def page_by_page(inner: Connector, intent: Intent, call: Check, most: int) -> Finding:
    """All pages together.

    Raises:
        Ambiguous: more pages follow than `most`. What was not read might have decided.
        BadReply: a token comes a second time, or what must be the same on every page is not.
    """
    findings: list[Finding] = []
    tokens: set[str] = set()
    page: str | None = None
    while len(findings) < most:
        findings.append(await inner(intent, replace(call, page=page)))
        page = findings[-1].next_page
        if page is None:
            return _continued(findings, call.step or "")
        if page in tokens:
            raise BadReply("the pages lead back to one that was read")
        tokens.add(page)
    raise Ambiguous("more pages follow than the contract says there can be")


def _continued(findings: list[Finding], step: str) -> Finding:
    """The record of the first page with the tables of all. A page without a record adds nothing."""
    told = [facts for each in findings if (facts := each.records[step]) is not None]
    if not told:
        return replace(findings[0], next_page=None)
    merged: dict[str, Any] = {}
    for facts in told:
        for name, value in facts.items():
            if isinstance(value, list):
                merged[name] = merged.get(name, []) + value
            elif not agree(merged.setdefault(name, value), value):
                raise BadReply(f"the fact {name!r} is not the same on every page")
    records: dict[str, Facts | None] = {step: merged}
    return replace(findings[0], status=Status.ANSWERED, records=records, next_page=None)
