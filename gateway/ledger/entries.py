"""The entries: what is written of each kind, and its exact bytes.

kind      | members, beside `v` (1), `kind` and `entry_id`
--------- | ----------
`intent`  | `verification_id` `consumer` `keyid` `purpose` `unit_code` `case` `subject` `guardian`? `operator` `materials`?
          | `policy` `application_date` `request_digest` `request_signature` `asked_at`
`outcome` | `intent` (its entry id) `verification_id` `revision` `policy` `as_of` `outcome` `answered_at` `body_sha256`
          | `materials`: each `material` `decision` `reason` `disposition` `sources`
          | a source: `authority` `channel` `status` `attempts` `elapsed_ms` `request_grade`? `reply_grade`? `evidence`
          | an evidence: `evidence_id` `operation` `status` `elapsed_ms` `request_sha256` `reply_sha256`?
`reading` | `consumer` `keyid` `verification_id` `read_at`
`refusal` | `consumer` `keyid` `code` `request_digest` `request_signature` `refused_at`
`limited` | `consumer` `code` `count` `since`? `limited_at`: so many requests came too fast since the last such entry

`?`: may be null. `case`, `subject`, `guardian`, `operator`, `request_digest` and `request_signature` are pseudonyms
(`<epoch>:<32 hex>`): a bare digest of a question could be tried against every number there is. `*_at` are RFC 3339 in
UTC with milliseconds; `application_date` and `as_of` are calendar days; digests of bytes are lower-case hex.

The bytes are RFC 8785 (JCS): members sorted, no white space, UTF-8 without needless escapes. Our member names are ASCII and
our numbers are integers below 2**53, where `json.dumps` with these options and RFC 8785 agree.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from gateway import clock, model
from gateway.ledger.tally import Counted
from gateway.security.pseudonyms import CASE, OPERATOR, PERSON, REQUEST, Pseudonyms

VERSION = 1

INTENT = "intent"
OUTCOME = "outcome"
READING = "reading"
REFUSAL = "refusal"
LIMITED = "limited"

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def canonical(content: dict[str, Any]) -> bytes:
    """The exact bytes of an entry, which its leaf hash is over."""
    return _encode(content).encode()


def leaf_hash(body: bytes) -> bytes:
    """The 32 bytes of the RFC 6962 leaf hash: SHA-256 over a zero byte and the body."""
    return hashlib.sha256(b"\x00" + body).digest()


def intent(
    entry_id: str, question: model.Intent, signed: model.SignedRequest, pseudonyms: Pseudonyms
) -> dict[str, Any]:
    """The content of an intent entry: nobody in clear."""
    verification = question.verification
    guardian = verification.guardian
    return {
        "v": VERSION,
        "kind": INTENT,
        "entry_id": entry_id,
        "verification_id": verification.verification_id,
        "consumer": verification.consumer,
        "keyid": signed.keyid,
        "purpose": verification.purpose,
        "unit_code": verification.operator.unit_code,
        "case": pseudonyms.of(CASE, verification.case_number),
        "subject": pseudonyms.of(PERSON, verification.subject.citizen_id),
        "guardian": pseudonyms.of(PERSON, guardian.citizen_id) if guardian else None,
        "operator": pseudonyms.of(OPERATOR, verification.operator.id),
        "materials": verification.materials,
        "policy": question.policy,
        "application_date": verification.application_date.isoformat(),
        "request_digest": pseudonyms.of(REQUEST, signed.digest),
        "request_signature": pseudonyms.of(REQUEST, signed.signature),
        "asked_at": clock.rfc3339(question.asked_at),
    }


def outcome(entry_id: str, question: model.Intent, verdict: model.Verdict, body: bytes) -> dict[str, Any]:
    """The content of an outcome entry: what was decided, on whose word, and the digest of the answer's body."""
    return {
        "v": VERSION,
        "kind": OUTCOME,
        "entry_id": entry_id,
        "intent": question.entry_id,
        "verification_id": question.verification.verification_id,
        "revision": verdict.revision,
        "policy": verdict.policy,
        "as_of": verdict.as_of.isoformat(),
        "outcome": verdict.outcome,
        "answered_at": clock.rfc3339(verdict.answered_at),
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "materials": [_judgement(judgement) for judgement in verdict.judgements],
    }


def reading(
    entry_id: str, consumer: str, signed: model.SignedRequest, verification_id: str, now: float
) -> dict[str, Any]:
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


def refusal(
    entry_id: str, consumer: str, signed: model.SignedRequest, code: str, refused_at: float, pseudonyms: Pseudonyms
) -> dict[str, Any]:
    """The content of a refusal entry: who was refused what, by the problem's stable code. `refused_at` in Unix seconds."""
    return {
        "v": VERSION,
        "kind": REFUSAL,
        "entry_id": entry_id,
        "consumer": consumer,
        "keyid": signed.keyid,
        "code": code,
        "request_digest": pseudonyms.of(REQUEST, signed.digest),
        "request_signature": pseudonyms.of(REQUEST, signed.signature),
        "refused_at": clock.rfc3339(refused_at),
    }


def limited(entry_id: str, consumer: str, code: str, counted: Counted, now: float) -> dict[str, Any]:
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


def _judgement(judgement: model.Judgement) -> dict[str, Any]:
    return {
        "material": judgement.material,
        "decision": judgement.decision,
        "reason": judgement.reason,
        "disposition": judgement.disposition,
        "sources": [_source(finding) for finding in judgement.sources],
    }


def _source(finding: model.Finding) -> dict[str, Any]:
    return {
        "authority": finding.authority,
        "channel": finding.channel,
        "status": finding.status,
        "attempts": finding.attempts,
        "elapsed_ms": finding.elapsed_ms,
        "request_grade": finding.request_grade,
        "reply_grade": finding.reply_grade,
        "evidence": [_evidence(evidence) for evidence in finding.evidence],
    }


def _evidence(evidence: model.Evidence) -> dict[str, Any]:
    return {
        "evidence_id": evidence.evidence_id,
        "operation": evidence.operation,
        "status": evidence.status,
        "elapsed_ms": evidence.elapsed_ms,
        "request_sha256": evidence.request_sha256,
        "reply_sha256": evidence.reply_sha256,
    }
