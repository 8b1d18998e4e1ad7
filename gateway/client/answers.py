"""The gateway's answer, read from JSON into frozen values. Unknown members are left in `raw`; missing ones are refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from gateway.client.errors import BadAnswer
from gateway.model import Receipt

T = TypeVar("T")

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
    members = _object(document, "the answer")
    receipt = _object(_member(members, "receipt", dict), "receipt")
    return Answer(
        verification_id=_member(members, "verification_id", str),
        revision=_member(members, "revision", int),
        outcome=_member(members, "outcome", str),
        policy=_member(members, "policy", str),
        answered_at=_time(members, "answered_at"),
        as_of=_day(members, "as_of"),
        materials=tuple(_material(each) for each in _member(members, "materials", list)),
        receipt=Receipt(_member(receipt, "entry_id", str), _member(receipt, "entry_hash", str)),
        raw=members,
        rate_limit=rate_limit,
    )


def read_accesses(document: Any) -> Accesses:
    """Raises BadAnswer, naming the member, when the document is not a page."""
    members = _object(document, "the page")
    return Accesses(
        accesses=tuple(_access(each) for each in _member(members, "accesses", list)),
        next=_maybe(members, "next", str),
        complete_since=None if members.get("complete_since") is None else _time(members, "complete_since"),
        raw=members,
    )


def read_rate_limit(text: str) -> RateLimit | None:
    """The gateway's RateLimit header; None where there is none or it says something else."""
    said = _RATE_LIMIT.fullmatch(text)
    return RateLimit(int(said[1]), int(said[2])) if said else None


def _material(document: Any) -> Material:
    members = _object(document, "a material")
    return Material(
        material=_member(members, "material", str),
        verdict=_member(members, "verdict", str),
        disposition=_member(members, "disposition", str),
        reason=_member(members, "reason", str),
        message=_message(_member(members, "message", dict)),
        retry_after_seconds=_maybe(members, "retry_after_seconds", int),
        sources=tuple(_source(each) for each in _member(members, "sources", list)),
        manual=None if members.get("manual") is None else _manual(members["manual"]),
    )


def _manual(document: Any) -> Manual:
    members = _object(document, "a manual finding")
    machine = _object(_member(members, "machine", dict), "machine")
    return Manual(
        seen=_member(members, "seen", str),
        where=_member(members, "where", str),
        seen_at=_time(members, "seen_at"),
        screenshot_sha256=_member(members, "screenshot_sha256", str),
        operator=_member(members, "operator", str),
        entry_id=_member(members, "entry_id", str),
        entry_hash=_member(members, "entry_hash", str),
        machine_verdict=_member(machine, "verdict", str),
        machine_reason=_member(machine, "reason", str),
    )


def _access(document: Any) -> Access:
    members = _object(document, "an access")
    materials = _maybe(members, "materials", list)
    return Access(
        entry_id=_member(members, "entry_id", str),
        what=_member(members, "what", str),
        at=_time(members, "at"),
        consumer=_member(members, "consumer", str),
        legal_basis=tuple(_message(each) for each in _member(members, "legal_basis", list)),
        role=_member(members, "role", str),
        outcome=_member(members, "outcome", str),
        unit_code=_maybe(members, "unit_code", str),
        purpose=_maybe(members, "purpose", str),
        case=_maybe(members, "case", str),
        case_number=_maybe(members, "case_number", str),
        materials=None if materials is None else tuple(str(each) for each in materials),
    )


def _message(document: Any) -> Message:
    members = _object(document, "a message")
    return Message(_member(members, "zh", str), _member(members, "en", str))


def _source(document: Any) -> Source:
    members = _object(document, "a source")
    return Source(
        authority=_member(members, "authority", str),
        channel=_member(members, "channel", str),
        status=_member(members, "status", str),
        attempts=_member(members, "attempts", int),
        elapsed_ms=_member(members, "elapsed_ms", int),
        request_grade=_maybe(members, "request_grade", str),
        reply_grade=_maybe(members, "reply_grade", str),
        evidence=tuple(str(each) for each in _member(members, "evidence", list)),
        diverges_on=tuple(str(each) for each in _maybe(members, "diverges_on", list) or ()),
    )


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadAnswer(f"{what} is not a JSON object")
    return value


def _member(members: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = members.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadAnswer(f"the member {name} is missing or not of its type")
    return value


def _maybe(members: Mapping[str, Any], name: str, kind: type[T]) -> T | None:
    return None if members.get(name) is None else _member(members, name, kind)


def _time(members: Mapping[str, Any], name: str) -> datetime:
    try:
        time = datetime.fromisoformat(_member(members, name, str))
    except ValueError as error:
        raise BadAnswer(f"the member {name} is not a time (RFC 3339)") from error
    if time.tzinfo is None:
        raise BadAnswer(f"the member {name} is a time without an offset")
    return time


def _day(members: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(_member(members, name, str))
    except ValueError as error:
        raise BadAnswer(f"the member {name} is not a date (RFC 3339)") from error
