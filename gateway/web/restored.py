"""A verdict read back from the bytes of its answer, as the ledger keeps them: what `answers.render` would spell the same."""

from __future__ import annotations

from pydantic import ValidationError

from gateway.errors import GatewayError
from gateway.model import Finding, Judgement, ManualFinding, Overruling, Ruled, Verdict, Written
from gateway.web.answers import Body, Manual, Material, Source


class NoAnswer(GatewayError):
    """Bytes that are no answer of this version."""


def verdict(body: bytes) -> Verdict:
    """The verdict, without what no answer holds: facts, hints of single sources, and all of a call but its id.

    Raises NoAnswer, which holds nothing of the bytes.
    """
    try:
        read = Body.model_validate_json(body, strict=True)
    except ValidationError:
        read = None
    if read is None:  # outside the handler: an exception that carried the validation error along would carry the input
        raise NoAnswer("not an answer of this version")
    return Verdict(
        read.verification_id,
        read.revision,
        read.policy,
        read.as_of,
        read.answered_at.timestamp(),
        tuple(_judgement(each) for each in read.materials),
        is_pending=read.outcome == "pending",
    )


def _judgement(read: Material) -> Judgement:
    return Judgement(
        read.material,
        read.verdict,
        read.disposition,
        read.reason,
        tuple(_finding(each) for each in read.sources),
        read.retry_after_seconds,
        None if read.manual is None else _overruling(read.manual),
    )


def _overruling(read: Manual) -> Overruling:
    found = ManualFinding(
        read.entry_id,
        read.entry_hash,
        read.operator,
        read.seen,
        read.where,
        read.seen_at.timestamp(),
        read.screenshot_sha256,
    )
    return Overruling(found, Ruled(read.machine.verdict, read.machine.reason))


def _finding(read: Source) -> Finding:
    return Finding(
        read.authority,
        read.channel,
        read.status,
        attempts=read.attempts,
        elapsed_ms=read.elapsed_ms,
        request_grade=read.request_grade,
        reply_grade=read.reply_grade,
        evidence=tuple(Written(each) for each in read.evidence),
    )
