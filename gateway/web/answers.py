"""The answer: its models for OpenAPI, and its bytes. A test holds the two together."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, Literal

from gateway.clock import rfc3339
from gateway.judging import sentence
from gateway.model import (
    Decision,
    Disposition,
    Finding,
    Grade,
    Judgement,
    Overruling,
    Reason,
    Receipt,
    Seen,
    Status,
    Verdict,
)
from gateway.web import sizes
from gateway.web.spelled import Spelled

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Message(Spelled):
    """A sentence for the counter."""

    zh: str
    en: str


class Source(Spelled):
    """What became of one channel."""

    authority: str
    channel: str
    status: Status
    attempts: int
    elapsed_ms: int
    request_grade: Grade | None
    reply_grade: Grade | None
    evidence: list[str]
    diverges_on: list[str]
    """The facts, by name, in which this channel and another one of its authority disagree."""


class Machine(Spelled):
    """What was decided before an officer spoke."""

    verdict: Decision
    reason: Reason


class Manual(Spelled):
    """What an officer found, which stands above what the machine decided. `operator` is a pseudonym."""

    seen: Seen
    where: str
    seen_at: datetime
    screenshot_sha256: str
    operator: str
    entry_id: str
    entry_hash: str
    machine: Machine


class Material(Spelled):
    """One decision."""

    material: str
    verdict: Decision
    disposition: Disposition
    reason: Reason
    message: Message
    retry_after_seconds: int | None
    sources: list[Source]
    manual: Manual | None = None
    """Only where an officer spoke; `sources` stay the machine's."""


class ReceiptOut(Spelled):
    """Where the answer stands in the ledger: the entry's id and its RFC 6962 leaf hash."""

    entry_id: str
    entry_hash: str


class Body(Spelled):
    """A revision as the ledger keeps it."""

    verification_id: str
    revision: int
    outcome: Literal["complete", "partial", "pending"]
    policy: str
    answered_at: datetime
    as_of: date
    materials: list[Material]


class Answer(Body):
    """The newest revision of a verification."""

    receipt: ReceiptOut


class SignatureOut(Spelled):
    """By a key for receipts, over the DSSE pre-authentication encoding."""

    keyid: str
    sig: str


class EnvelopeOut(Spelled):
    """DSSE v1; `payload` and `sig` in base64."""

    payloadType: Literal["application/vnd.run-once-gateway.receipt.v1+json"]  # noqa: N815 - DSSE's name
    payload: str
    signatures: list[SignatureOut]


class ReceiptFile(Spelled):
    """The receipt of an answer (docs/receipts.md), as `gateway receipt verify` reads it."""

    dsse: EnvelopeOut
    proof: str | None
    """A C2SP tlog-proof; null while no checkpoint covers the answer: ask again a second later."""


class FaultOut(Spelled):
    """One thing wrong with the request, and where."""

    code: str
    pointer: str
    line: int | None = None
    column: int | None = None
    expected: str | None = None
    nearest: str | None = None


class BaseLine(Spelled):
    """One line of the signature base as the gateway rebuilt it: compare with the SHA-256 of yours."""

    component: str
    sha256: str


class ProblemOut(Spelled):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    message: Message
    faults: list[FaultOut] | None = None
    signature_base: list[BaseLine] | None = None


def render(verdict: Verdict) -> bytes:
    """The answer's bytes without the receipt: what the ledger keeps and the entry's digest covers."""
    content = {
        "verification_id": verdict.verification_id,
        "revision": verdict.revision,
        "outcome": verdict.outcome,
        "policy": verdict.policy,
        "answered_at": rfc3339(verdict.answered_at),
        "as_of": verdict.as_of.isoformat(),
        "materials": [_material(judgement) for judgement in verdict.judgements],
    }
    return _encode(content).encode()


def with_receipt(body: bytes, receipt: Receipt) -> bytes:
    """The whole answer: the ledger's bytes with the receipt as the last member, filled up to its size class."""
    tail = _encode({"entry_id": receipt.entry_id, "entry_hash": receipt.entry_hash})
    return sizes.filled(body[:-1] + b',"receipt":' + tail.encode() + b"}", sizes.ANSWER_STEP)


def _material(judgement: Judgement) -> dict[str, Any]:
    said = sentence(judgement.reason, judgement.disposition)
    material = {
        "material": judgement.material,
        "verdict": judgement.decision,
        "disposition": judgement.disposition,
        "reason": judgement.reason,
        "message": {"zh": said.zh, "en": said.en},
        "retry_after_seconds": judgement.retry_after_seconds,
        "sources": [_source(source) for source in judgement.sources],
    }
    return material if judgement.overruling is None else {**material, "manual": _manual(judgement.overruling)}


def _manual(overruling: Overruling) -> dict[str, Any]:
    found, machine = overruling.finding, overruling.machine
    return {
        "seen": found.seen,
        "where": found.where,
        "seen_at": rfc3339(found.seen_at),
        "screenshot_sha256": found.screenshot_sha256,
        "operator": found.operator,
        "entry_id": found.entry_id,
        "entry_hash": found.entry_hash,
        "machine": {"verdict": machine.decision, "reason": machine.reason},
    }


def _source(finding: Finding) -> dict[str, Any]:
    return {
        "authority": finding.authority,
        "channel": finding.channel,
        "status": finding.status,
        "attempts": finding.attempts,
        "elapsed_ms": finding.elapsed_ms,
        "request_grade": finding.request_grade,
        "reply_grade": finding.reply_grade,
        "evidence": [item.evidence_id for item in finding.evidence],
        "diverges_on": list(finding.diverges_on),
    }
