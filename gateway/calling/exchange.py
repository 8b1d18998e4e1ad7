"""The exchange: one question to one authority and what came of it. The lowest connector of every stack."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.calling import meaning
from gateway.calling.dialect import Dialect, Opened, Prepared
from gateway.calling.way import Way
from gateway.calling.wire import Reply
from gateway.clock import Clock
from gateway.contract.authority import Operation
from gateway.errors import Ambiguous, BadReply, ConfigFault, TimedOut, Trouble, TurnedAway
from gateway.mapping import pointers
from gateway.mapping.pointers import Keys
from gateway.mapping.records import RecordReader
from gateway.model import Check, Connector, Evidence, Facts, Finding, Grade, Intent, Status, Trail

MAX_RETRY_AFTER_SECONDS = 3600
MAX_TOKEN_CHARACTERS = 512

Asked = tuple[str, str, str]
"""What a call is made for: the policy, the question, the step."""
Send = Callable[[Prepared], Awaitable[Reply]]
"""Carries a prepared request and brings the reply, or raises Unreachable or BadReply."""
Record = Callable[[Intent, Evidence], None]
"""Writes one call down as it ends, and makes nobody wait for it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One channel of one authority: its names, what protects a request and a reply on it, and who writes its calls down."""

    authority: str
    channel: str
    grades: tuple[Grade, Grade]
    record: Record


@dataclass(frozen=True, slots=True)
class Reading:
    """How an operation's replies are read: the contract's meanings, and of the mapping's records what a policy names."""

    operation: Operation
    records: RecordReader
    code: Keys | None
    text: Keys | None
    count: Keys | None
    full: Keys | None = None
    next: Keys | None = None

    @classmethod
    def compiled(cls, operation: Operation, records: RecordReader) -> Reading:
        full = operation.full.rows if operation.full is not None else None
        named = (operation.code, operation.text, operation.count, full, operation.next)
        return cls(operation, records, *(None if path is None else pointers.parse(path) for path in named))

    def may_be_cut(self, record: Mapping[str, Any]) -> bool:
        """The record's list is as long as a list can be that was cut: rows beyond it would look as if they did not exist."""
        if self.full is None or self.operation.full is None:
            return False
        rows = pointers.get(record, self.full)
        return isinstance(rows, list) and len(rows) >= self.operation.full.most


@dataclass(slots=True)
class _Call:
    """What is known of one call so far."""

    evidence_id: str
    started: float
    attempt: int
    operation: str
    status: Status = Status.UNREACHABLE
    prepared: Prepared | None = None
    reply: Reply | None = None
    part: str = "sign"
    """What it is at: `sign`, `wire` or `decode`."""
    part_since: float = 0.0

    def enter(self, part: str, trail: Trail, clock: Clock) -> None:
        """Counts the time of the part that ends now."""
        now = clock.monotonic()
        trail.spent(self.part, now - self.part_since)
        self.part, self.part_since = part, now

    def evidence(self, line: Line, clock: Clock) -> Evidence:
        """Of the call as it ends."""
        return Evidence(
            evidence_id=self.evidence_id,
            authority=line.authority,
            channel=line.channel,
            operation=self.operation,
            attempt=self.attempt,
            status=self.status,
            request_grade=line.grades[0],
            reply_grade=line.grades[1] if self.status.is_reply else None,
            request_sha256=_sha256(self.prepared.body if self.prepared else b""),
            reply_sha256=_sha256(self.reply.body) if self.reply else None,
            elapsed_ms=round((clock.monotonic() - self.started) * 1000),
            ended_at=clock.unix(),
        )


def exchange(line: Line, dialect: Dialect, readings: Mapping[Asked, Reading], send: Send, clock: Clock) -> Connector:
    """A connector that asks once. It adds one attempt and one piece of evidence to the check's trail, whatever happens."""

    async def ask(intent: Intent, check: Check) -> Finding:
        operation, step = check.operation or "", check.step or ""
        started, evidence_id = clock.monotonic(), clock.identifier()
        if check.trail.is_over or started >= intent.ends:
            # Nobody is asked about a person once the last answer is given: no outcome in the ledger would know of it.
            raise TimedOut("the last answer is given, or its time is over", is_ours=True)
        reading = readings[intent.policy, check.question, step]  # a question that the policy does not ask is never sent
        check.trail.attempts += 1
        call = _Call(evidence_id, started, check.trail.attempts, operation, part_since=started)
        try:
            call.prepared = dialect.prepare(operation, check, intent, evidence_id)
            call.enter("wire", check.trail, clock)
            call.reply = await send(call.prepared)
            call.enter("decode", check.trail, clock)
            opened = dialect.open(operation, call.prepared, call.reply)
            facts = _facts(reading, opened, check, call.reply)
            call.status = Status.NO_RECORD if facts is None else Status.ANSWERED
            following = _next_page(reading, opened.tree)
            return Finding(line.authority, line.channel, call.status, {step: facts}, next_page=following)
        except Trouble as trouble:
            call.status = Status(trouble.status)
            raise
        except asyncio.CancelledError:
            call.status = Status.TIMEOUT  # a limit above ended it
            raise
        except Exception:
            call.status = Status.BAD_REPLY  # a fault of ours: `settle` says the same
            raise
        finally:
            # In `finally`, so that an attempt that a limit cuts off is evidence too, and one that ends when nobody waits.
            call.enter("", check.trail, clock)
            ended = call.evidence(line, clock)
            check.trail.evidence.append(ended)
            line.record(intent, ended)

    return ask


def sender(way: Way, limit: int) -> Send:
    """Sends a prepared request and reads at most `limit` bytes of the reply."""

    async def send(prepared: Prepared) -> Reply:
        return await way.post(prepared.url, prepared.headers, prepared.body, limit=limit)

    return send


def _facts(reading: Reading, opened: Opened, check: Check, reply: Reply) -> Facts | None:
    """The facts of the one record, or None where the contract says that the reply means they have none."""
    records: list[dict[str, Any]] | None = None
    code, text = None, ""
    if opened.tree is not None:
        records = _records(reading, opened.tree)
        code = meaning.code_text(pointers.get(opened.tree, reading.code)) if reading.code is not None else None
        text = str(pointers.get(opened.tree, reading.text) or "") if reading.text is not None else ""
    means = meaning.of(
        reading.operation.meanings,
        status=opened.status,
        code=code,
        text=text,
        count=None if records is None else len(records),
        fault=opened.fault,
    )
    if means == "answered":
        if records is None or len(records) != 1:
            raise Ambiguous("they answered with another number of records than one")
        if reading.may_be_cut(records[0]):
            raise Ambiguous("the list is full: there may be more than came")
        return reading.records.facts(records[0], check.about)
    if means == "no_record":
        if records:
            raise BadReply("they answered that there is no record, and a record came with it")
        return None
    if means == ConfigFault.status and opened.tree is None:
        raise TurnedAway("as the contract reads their reply, which nobody signed")
    raise meaning.trouble(means, _retry_after(reply))


def _records(reading: Reading, tree: Any) -> list[dict[str, Any]] | None:
    """The records that count, if the reply has a place for them and as many as it says it has."""
    held = reading.records.held(tree)
    if held is None:
        return None
    if reading.count is not None and pointers.get(tree, reading.count) != len(held):
        raise BadReply("another number of records came than the reply says")
    return reading.records.preferred(held)


def _next_page(reading: Reading, tree: Any) -> str | None:
    """The token of the page that follows, as they gave it. Raises BadReply for anything that could not be sent back."""
    token = pointers.get(tree, reading.next) if reading.next is not None else None
    if token is None or token == "":
        return None
    if not isinstance(token, str) or len(token) > MAX_TOKEN_CHARACTERS:
        raise BadReply("the next page's token is no text, or longer than one can be")
    return token


def _retry_after(reply: Reply) -> float | None:
    """Retry-After in seconds (RFC 9110 section 10.2.3), where it is given as a number; a date is not worth the trust."""
    text = reply.headers.get("Retry-After", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        return None
    return float(min(int(text), MAX_RETRY_AFTER_SECONDS))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
