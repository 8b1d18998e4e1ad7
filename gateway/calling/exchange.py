"""The exchange: one question to one authority and what came of it. The lowest connector of every stack."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.calling import meaning
from gateway.calling.dialect import Dialect, Opened, Prepared
from gateway.calling.wire import Reply, Wire
from gateway.clock import Clock
from gateway.contract.authority import Operation
from gateway.errors import Ambiguous, Trouble
from gateway.mapping import pointers
from gateway.mapping.pointers import Keys
from gateway.mapping.records import RecordReader
from gateway.model import Check, Connector, Evidence, Facts, Finding, Intent, Status

MAX_RETRY_AFTER_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Reading:
    """How one operation's replies are read: the contract's meanings, and the mapping's records."""

    operation: Operation
    records: RecordReader
    code: Keys | None
    text: Keys | None

    @classmethod
    def compiled(cls, operation: Operation, records: RecordReader) -> Reading:
        code = pointers.parse(operation.code) if operation.code is not None else None
        return cls(operation, records, code, pointers.parse(operation.text) if operation.text is not None else None)


def exchange(
    authority: str,
    channel: str,
    dialect: Dialect,
    readings: Mapping[str, Reading],
    send: Callable[[Prepared], Any],
    clock: Clock,
) -> Connector:
    """A connector that asks once. It adds one attempt and one piece of evidence to the check's trail, whatever happens."""

    async def ask(intent: Intent, check: Check) -> Finding:
        operation, step = check.operation or "", check.step or ""
        started, evidence_id = clock.monotonic(), clock.identifier()
        check.trail.attempts += 1
        status, prepared, reply = Status.UNREACHABLE, None, None
        try:
            prepared = dialect.prepare(operation, check, intent, evidence_id)
            reply = await send(prepared)
            facts = _facts(readings[operation], dialect.open(operation, prepared, reply), check, reply)
            status = Status.NO_RECORD if facts is None else Status.ANSWERED
            return Finding(authority, channel, status, {step: facts})
        except Trouble as trouble:
            status = Status(trouble.status)
            raise
        except BaseException:
            status = Status.TIMEOUT  # cancelled by a limit above
            raise
        finally:
            # In `finally`, so that an attempt that a limit cuts off is evidence too.
            check.trail.evidence.append(
                Evidence(
                    evidence_id=evidence_id,
                    operation=operation,
                    status=status,
                    request_sha256=_sha256(prepared.body if prepared else b""),
                    reply_sha256=_sha256(reply.body) if reply else None,
                    elapsed_ms=round((clock.monotonic() - started) * 1000),
                )
            )

    return ask


def sender(wire: Wire, limit: int) -> Callable[[Prepared], Any]:
    """Sends a prepared request and reads at most `limit` bytes of the reply."""

    async def send(prepared: Prepared) -> Reply:
        return await wire.post(prepared.url, prepared.headers, prepared.body, limit=limit)

    return send


def _facts(reading: Reading, opened: Opened, check: Check, reply: Reply) -> Facts | None:
    """The facts of the one record, or None where the contract says that the reply means they have none."""
    records: list[dict[str, Any]] = []
    code, text = None, ""
    if opened.tree is not None:
        records = reading.records.pick(opened.tree)
        code = meaning.code_text(pointers.get(opened.tree, reading.code)) if reading.code is not None else None
        text = str(pointers.get(opened.tree, reading.text) or "") if reading.text is not None else ""
    means = meaning.of(
        reading.operation.meanings, status=opened.status, code=code, text=text, count=len(records), fault=opened.fault
    )
    if means == "answered":
        if len(records) != 1:
            raise Ambiguous("they answered with another number of records than one")
        return reading.records.facts(records[0], check.about)
    if means == "no_record":
        return None
    raise meaning.trouble(means, _retry_after(reply))


def _retry_after(reply: Reply) -> float | None:
    """Retry-After in seconds (RFC 9110 section 10.2.3), where it is given as a number; a date is not worth the trust."""
    text = reply.headers.get("Retry-After", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        return None
    return float(min(int(text), MAX_RETRY_AFTER_SECONDS))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
