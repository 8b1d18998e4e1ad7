"""What a receipt tells a person: this question, this answer, these sources, this time, and in the ledger or not yet."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

from gateway.contract import strict_json
from gateway.proofs.published import PublishedKey
from gateway.proofs.receipt_contents import Contents, member, moment
from gateway.proofs.receipt_refusals import ReceiptRefused

Match = Literal["proved", "not_given", "not_this_one", "not_provable"]
"""Of a file beside the receipt. `not_provable`: the key that would let it be shown is destroyed, as it must be in time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The question. `at` in Unix seconds; `legal_basis` as pairs of Chinese and English."""

    match: Match
    purpose: str
    legal_basis: tuple[tuple[str, str], ...]
    application_date: str
    unit_code: str
    at: float


@dataclass(frozen=True, slots=True)
class Source:
    """One channel that was asked, or deliberately not."""

    authority: str
    channel: str
    status: str
    request_grade: str | None
    reply_grade: str | None


@dataclass(frozen=True, slots=True)
class Manual:
    """What an officer found, by pseudonym; `machine` is the decision below it. `at` in Unix seconds."""

    operator: str
    seen: str
    where: str
    at: float
    screenshot_sha256: str
    machine: str


@dataclass(frozen=True, slots=True)
class Decided:
    """One material: what was decided, why, and on whose word."""

    material: str
    decision: str
    reason: str
    disposition: str
    sources: tuple[Source, ...]
    manual: Manual | None = None
    """Where an officer spoke."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer. `at` in Unix seconds."""

    match: Match
    policy: str
    as_of: str
    at: float
    decisions: tuple[Decided, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """The checkpoint that covers the answer: its size, and which witness saw it when (Unix seconds)."""

    size: int
    witnessed: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A receipt whose signature holds. `ledger` is None while no checkpoint covers the answer: it is not in the ledger yet."""

    verification_id: str
    revision: int
    consumer: str
    keyid: str
    """The consumer's key, which signed the question."""
    signed_by: str
    """The gateway's key, which signed the receipt."""
    question: Asked
    answer: Answered
    origin: str
    index: int
    ledger: Covered | None = None

    def covered(self, by: Covered) -> Checked:
        """The same, in the ledger."""
        return replace(self, ledger=by)

    @property
    def is_wrong(self) -> bool:
        """Whether a file beside it is not the one that it is about."""
        return "not_this_one" in (self.question.match, self.answer.match)


def findings(contents: Contents, signer: PublishedKey, question: bytes | None, answer: bytes | None) -> Checked:
    """What the contents say, and whether these files are what they are about. Raises ReceiptRefused `content_malformed`."""
    try:
        asked, answered = contents.intent.content, contents.outcome.content
        return Checked(
            member(answered, "verification_id", str),
            member(answered, "revision", int),
            member(asked, "consumer", str),
            member(asked, "keyid", str),
            signer.id,
            _asked(asked, _question(contents, asked, question)),
            _answered(answered, _answer(contents, answered, answer)),
            contents.origin,
            contents.index,
        )
    except (ValueError, TypeError, LookupError) as error:
        raise ReceiptRefused("content_malformed") from error


def _asked(asked: dict[str, Any], match: Match) -> Asked:
    basis = member(asked, "legal_basis", list)
    return Asked(
        match=match,
        purpose=member(asked, "purpose", str),
        legal_basis=tuple((member(each, "zh", str), member(each, "en", str)) for each in basis),
        application_date=member(asked, "application_date", str),
        unit_code=member(asked, "unit_code", str),
        at=moment(asked, "asked_at"),
    )


def _answered(answered: dict[str, Any], match: Match) -> Answered:
    return Answered(
        match=match,
        policy=member(answered, "policy", str),
        as_of=member(answered, "as_of", str),
        at=moment(answered, "answered_at"),
        decisions=tuple(_decided(each) for each in member(answered, "materials", list)),
    )


def _decided(material: Any) -> Decided:
    return Decided(
        material=member(material, "material", str),
        decision=member(material, "decision", str),
        reason=member(material, "reason", str),
        disposition=member(material, "disposition", str),
        sources=tuple(_source(each) for each in member(material, "sources", list)),
        manual=_manual(member(material, "manual", dict)) if "manual" in material else None,
    )


def _manual(manual: dict[str, Any]) -> Manual:
    return Manual(
        operator=member(manual, "operator", str),
        seen=member(manual, "seen", str),
        where=member(manual, "where", str),
        at=moment(manual, "seen_at"),
        screenshot_sha256=member(manual, "screenshot_sha256", str),
        machine=member(member(manual, "machine", dict), "decision", str),
    )


def _source(source: Any) -> Source:
    return Source(
        authority=member(source, "authority", str),
        channel=member(source, "channel", str),
        status=member(source, "status", str),
        request_grade=None if source["request_grade"] is None else member(source, "request_grade", str),
        reply_grade=None if source["reply_grade"] is None else member(source, "reply_grade", str),
    )


def _question(contents: Contents, asked: dict[str, Any], given: bytes | None) -> Match:
    if given is None:
        return "not_given"
    held = [contents.intent.holds(member(asked, "request_digest", str), each) for each in _spellings(given)]
    if None in held:
        return "not_provable"
    return "proved" if True in held else "not_this_one"


def _answer(contents: Contents, answered: dict[str, Any], given: bytes | None) -> Match:
    if given is None:
        return "not_given"
    wanted = member(answered, "body_sha256", str)
    receipt = {"entry_id": answered["entry_id"], "entry_hash": contents.leaf_hash.hex()}
    tail = b',"receipt":' + _compact(receipt) + b"}"
    bodies = (each.removesuffix(tail) + b"}" if each.endswith(tail) else each for each in _spellings(given))
    return "proved" if any(hashlib.sha256(each).hexdigest() == wanted for each in bodies) else "not_this_one"


def _spellings(data: bytes) -> list[bytes]:
    """The bytes as they are; without the space behind them; and the same JSON as our clients and the gateway write it.

    So a file that a person saved anew still proves what it says. A digest that fits, fits.
    """
    found = [data, data.rstrip(b" \n")]
    with suppress(ValueError):  # no JSON: then it is what it is
        found.append(_compact(strict_json.read(data)))
    return found


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
