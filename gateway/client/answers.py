"""The gateway's answer, read from JSON into frozen values. Unknown members are left in `raw`; missing ones are refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from gateway.client.members import day_of, json_object, maybe, member, time_of
from gateway.model import Receipt

_RATE_LIMIT = re.compile(r'"asking";r=([0-9]{1,10});t=([0-9]{1,10})')


@dataclass(frozen=True, slots=True)
class Message:
    """The sentence for the counter, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Source:
    """What became of one channel; `status` is of the closed list `gateway.model.Status`."""

    authority: str
    channel: str
    status: str
    attempts: int
    elapsed_ms: int
    request_grade: str | None
    reply_grade: str | None
    evidence: tuple[str, ...]
    diverges_on: tuple[str, ...] = ()
    """The facts, by name, in which this channel and another one of its authority disagree."""


@dataclass(frozen=True, slots=True)
class Manual:
    """What an officer found, and the machine's verdict that it stands above. `operator` is a pseudonym."""

    seen: str
    where: str
    seen_at: datetime
    screenshot_sha256: str
    operator: str
    entry_id: str
    entry_hash: str
    machine_verdict: str
    machine_reason: str


@dataclass(frozen=True, slots=True)
class Material:
    """One decision. The words are plain text, so that a newer gateway's words still arrive: see `gateway.model`."""

    material: str
    verdict: str
    disposition: str
    reason: str
    message: Message
    retry_after_seconds: int | None
    sources: tuple[Source, ...]
    manual: Manual | None = None
    """Only where an officer spoke."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How many requests are left, and after how many seconds without asking all of them are back. A hint: it is not signed."""

    remaining: int
    reset_seconds: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One revision of a verification, proved to be the gateway's answer to the request it came for."""

    verification_id: str
    revision: int
    outcome: str
    policy: str
    answered_at: datetime
    """With its offset."""
    as_of: date
    materials: tuple[Material, ...]
    receipt: Receipt
    raw: Mapping[str, Any] = field(repr=False, compare=False)
    """The whole document as it came."""
    rate_limit: RateLimit | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody asked about a person, or viewed who did; a view has no unit, purpose, case or materials."""

    entry_id: str
    what: str
    at: datetime
    consumer: str
    legal_basis: tuple[Message, ...]
    role: str
    outcome: str
    unit_code: str | None
    purpose: str | None
    case: str | None
    case_number: str | None
    materials: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Accesses:
    """One page, newest first."""

    accesses: tuple[Access, ...]
    next: str | None
    """The cursor of what is older; None: there is nothing."""
    complete_since: datetime | None
    """What is older may lack entries. None: nothing is lacking."""
    raw: Mapping[str, Any] = field(repr=False, compare=False)


def read_answer(document: Any, rate_limit: RateLimit | None = None) -> Answer:
    """Raises BadAnswer, naming the member, when the document is not an answer."""
    members = json_object(document, "the answer")
    receipt = json_object(member(members, "receipt", dict), "receipt")
    return Answer(
        verification_id=member(members, "verification_id", str),
        revision=member(members, "revision", int),
        outcome=member(members, "outcome", str),
        policy=member(members, "policy", str),
        answered_at=time_of(members, "answered_at"),
        as_of=day_of(members, "as_of"),
        materials=tuple(_material(each) for each in member(members, "materials", list)),
        receipt=Receipt(member(receipt, "entry_id", str), member(receipt, "entry_hash", str)),
        raw=members,
        rate_limit=rate_limit,
    )


def read_accesses(document: Any) -> Accesses:
    """Raises BadAnswer, naming the member, when the document is not a page."""
    members = json_object(document, "the page")
    return Accesses(
        accesses=tuple(_access(each) for each in member(members, "accesses", list)),
        next=maybe(members, "next", str),
        complete_since=None if members.get("complete_since") is None else time_of(members, "complete_since"),
        raw=members,
    )


def read_rate_limit(text: str) -> RateLimit | None:
    """The gateway's RateLimit header; None where there is none or it says something else."""
    said = _RATE_LIMIT.fullmatch(text)
    return RateLimit(int(said[1]), int(said[2])) if said else None


def _material(document: Any) -> Material:
    members = json_object(document, "a material")
    return Material(
        material=member(members, "material", str),
        verdict=member(members, "verdict", str),
        disposition=member(members, "disposition", str),
        reason=member(members, "reason", str),
        message=_message(member(members, "message", dict)),
        retry_after_seconds=maybe(members, "retry_after_seconds", int),
        sources=tuple(_source(each) for each in member(members, "sources", list)),
        manual=None if members.get("manual") is None else _manual(members["manual"]),
    )


def _manual(document: Any) -> Manual:
    members = json_object(document, "a manual finding")
    machine = json_object(member(members, "machine", dict), "machine")
    return Manual(
        seen=member(members, "seen", str),
        where=member(members, "where", str),
        seen_at=time_of(members, "seen_at"),
        screenshot_sha256=member(members, "screenshot_sha256", str),
        operator=member(members, "operator", str),
        entry_id=member(members, "entry_id", str),
        entry_hash=member(members, "entry_hash", str),
        machine_verdict=member(machine, "verdict", str),
        machine_reason=member(machine, "reason", str),
    )


def _access(document: Any) -> Access:
    members = json_object(document, "an access")
    materials = maybe(members, "materials", list)
    return Access(
        entry_id=member(members, "entry_id", str),
        what=member(members, "what", str),
        at=time_of(members, "at"),
        consumer=member(members, "consumer", str),
        legal_basis=tuple(_message(each) for each in member(members, "legal_basis", list)),
        role=member(members, "role", str),
        outcome=member(members, "outcome", str),
        unit_code=maybe(members, "unit_code", str),
        purpose=maybe(members, "purpose", str),
        case=maybe(members, "case", str),
        case_number=maybe(members, "case_number", str),
        materials=None if materials is None else tuple(str(each) for each in materials),
    )


def _message(document: Any) -> Message:
    members = json_object(document, "a message")
    return Message(member(members, "zh", str), member(members, "en", str))


def _source(document: Any) -> Source:
    members = json_object(document, "a source")
    return Source(
        authority=member(members, "authority", str),
        channel=member(members, "channel", str),
        status=member(members, "status", str),
        attempts=member(members, "attempts", int),
        elapsed_ms=member(members, "elapsed_ms", int),
        request_grade=maybe(members, "request_grade", str),
        reply_grade=maybe(members, "reply_grade", str),
        evidence=tuple(str(each) for each in member(members, "evidence", list)),
        diverges_on=tuple(str(each) for each in maybe(members, "diverges_on", list) or ()),
    )
