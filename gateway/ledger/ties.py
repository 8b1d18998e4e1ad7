"""Ties: whom a question counts against, and whom its case belongs to. Nobody in clear."""

from __future__ import annotations

from gateway.mapping import names
from gateway.model import Verdict, Verification
from gateway.security.pseudonyms import CASE, NAMED, PERSON, Pseudonyms
from gateway.store.limits import Binding


def formerly(pseudonyms: Pseudonyms, asked: Verification) -> tuple[tuple[str, str], ...]:
    """The case and its subject under the epochs before: a change of epoch unbinds no case."""
    cases = pseudonyms.every(CASE, asked.case_number)
    return tuple(zip(cases, pseudonyms.every(PERSON, asked.subject.citizen_id), strict=True))[1:]


def people(pseudonyms: Pseudonyms, asked: Verification) -> tuple[str, ...]:
    """Whom a registry is asked about: the guardian as well, and each by number and name, so that no guess is free."""
    named = {f"{each.citizen_id} {names.canonical(each.name)}" for each in (asked.subject, asked.guardian) if each}
    return tuple(pseudonyms.of(NAMED, each) for each in sorted(named))


def binding(pseudonyms: Pseudonyms, asked: Verification, verdict: Verdict) -> Binding | None:
    """Of the case to its subject, once a source told something of them; None before."""
    if not any(source.status.tells for judgement in verdict.judgements for source in judgement.sources):
        return None
    case, subject = pseudonyms.of(CASE, asked.case_number), pseudonyms.of(PERSON, asked.subject.citizen_id)
    return Binding(asked.consumer, case, subject, verdict.answered_at)
