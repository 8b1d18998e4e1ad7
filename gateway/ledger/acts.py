"""Entries that are no question's: who read an answer or a history, who was refused, what was done to the ledger itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from gateway import clock, model
from gateway.ledger.entries import ACCESS, ACT, LIMITED, LISTING, READING, REFUSAL, VERSION, Content, laws
from gateway.ledger.tally import Counted
from gateway.security.pseudonyms import Pseudonyms

RESTORED: Final = "restored"
"""The act by which a backup was put back: the first entry of the shard in which it goes on."""


def given_up(body: bytes | None) -> dict[int, list[bytes]]:
    """The checkpoints, by shard, that were ahead of a backup when this entry, an act `restored`, put it back."""
    try:
        content: Any = json.loads(body or b"")
        if content["kind"] != ACT or content["act"] != RESTORED:
            return {}
        lost = content["details"]["lost"].items()
        return {int(number): [str(note).encode() for note in notes] for number, notes in lost}
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}


def act(entry_id: str, what: str, who: str, details: Mapping[str, Any], now: float, why: str | None = None) -> Content:
    """The content of an entry about what was done to the ledger or to the gateway itself. `now` in Unix seconds."""
    return {
        "v": VERSION,
        "kind": ACT,
        "entry_id": entry_id,
        "act": what,
        "who": who,
        "why": why,
        "details": details,
        "at": clock.rfc3339(now),
    }


def reading(entry_id: str, consumer: str, signed: model.SignedRequest, verification_id: str, now: float) -> Content:
    """The content of a reading entry: who read again what was answered. `now` in Unix seconds."""
    return {
        "v": VERSION,
        "kind": READING,
        "entry_id": entry_id,
        "consumer": consumer,
        "keyid": signed.keyid,
        "verification_id": verification_id,
        "read_at": clock.rfc3339(now),
    }


def listing(
    entry_id: str, consumer: str, signed: model.SignedRequest, unit_code: str, operator: str, now: float
) -> Content:
    """The content of the entry about an operator (a pseudonym) who read their unit's open checks. `now` in Unix seconds."""
    return {
        "v": VERSION,
        "kind": LISTING,
        "entry_id": entry_id,
        "consumer": consumer,
        "keyid": signed.keyid,
        "unit_code": unit_code,
        "operator": operator,
        "listed_at": clock.rfc3339(now),
    }


def access(
    entry_id: str, consumer: str, signed: model.SignedRequest, subject: str, ground: model.Ground, now: float
) -> Content:
    """The content of the entry about somebody (a pseudonym) whose history was shown. `now` in Unix seconds."""
    return {
        "v": VERSION,
        "kind": ACCESS,
        "entry_id": entry_id,
        "consumer": consumer,
        "keyid": signed.keyid,
        "subject": subject,
        "legal_basis": laws(ground),
        "viewed_at": clock.rfc3339(now),
    }


def refusal(
    entry_id: str, consumer: str, signed: model.SignedRequest, code: str, refused_at: float, pseudonyms: Pseudonyms
) -> Content:
    """The content of a refusal entry: who was refused what, by the problem's stable code. `refused_at` in Unix seconds."""
    return {
        "v": VERSION,
        "kind": REFUSAL,
        "entry_id": entry_id,
        "consumer": consumer,
        "keyid": signed.keyid,
        "code": code,
        "request_digest": pseudonyms.blinded(entry_id, signed.sha256),
        "request_signature": signed.signature,
        "refused_at": clock.rfc3339(refused_at),
    }


def limited(entry_id: str, consumer: str, code: str, counted: Counted, now: float) -> Content:
    """The content of one entry for all requests that were refused alike since the last such entry. `now` in Unix seconds."""
    return {
        "v": VERSION,
        "kind": LIMITED,
        "entry_id": entry_id,
        "consumer": consumer,
        "code": code,
        "count": counted.count,
        "since": clock.rfc3339(counted.since) if counted.since is not None else None,
        "limited_at": clock.rfc3339(now),
    }
