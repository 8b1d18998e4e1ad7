"""The exchange: one question, one reply, its meaning and its evidence, whatever happens."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gateway.calling.dialect import Opened, Prepared
from gateway.calling.exchange import Line, Reading, exchange, sender
from gateway.calling.wire import Reply
from gateway.contract.authority import FactRule, Meaning, Operation, OperationMapping
from gateway.errors import (
    Ambiguous,
    BadReply,
    Busy,
    ConfigFault,
    SubjectMismatch,
    TimedOut,
    Trouble,
    TurnedAway,
    Unreachable,
)
from gateway.mapping.records import compile_records
from gateway.model import Check, Finding, Grade, Intent, Status, Trail
from tests.calling.asked import CHILD, check, intent
from tests.calling.doubles import Told
from tests.still import StillClock

OPERATION = Operation(
    interface="ask",
    code="/code",
    count="/total",
    text="/message",
    meanings=[
        Meaning(means="answered", status=200, code="0", records="one"),
        Meaning(means="no_record", status=200, code="0", records="none"),
        Meaning(means="answered", status=200, code="9"),
        Meaning(means="closed_window", status=200, code="1", text="closed"),
        Meaning(means="busy", status=429),
        Meaning(means="config_fault", status=500, fault="FailedCheck"),
        Meaning(means="config_fault", status=200, code="4"),
        Meaning(means="no_record", status=200, code="5"),
    ],
)
MAPPING = OperationMapping(
    request={},
    records="/list",
    facts={
        "citizen_id": FactRule(path="/id", convert="citizen_id", echo="person"),
        "state": FactRule(path="/state", table="states"),
    },
)
ASKED = ("jilin-2018-05", "guardianship", "one")
READINGS = {ASKED: Reading.compiled(OPERATION, compile_records(MAPPING, {"states": {"1": "good"}}, {"state"}))}
WRITTEN = Told()
LINE = Line("registry", "query", (Grade.A, Grade.A), WRITTEN)
RECORD = {"id": CHILD.citizen_id, "state": "1"}


def reply(status: int = 200, body: bytes = b"theirs", **headers: str) -> Reply:
    return Reply(status, CIMultiDictProxy(CIMultiDict({k.replace("_", "-"): v for k, v in headers.items()})), body)


class Double:
    """A dialect and a wire that do as they are told."""

    def __init__(self, opened: Opened | Exception, sent: Reply | BaseException, clock: StillClock) -> None:
        self.opened = opened
        self.sent = sent
        self.clock = clock
        self.seen: list[tuple[str, str]] = []

    def prepare(self, operation: str, check: Check, intent: Intent, request_id: str) -> Prepared:
        self.seen.append((operation, request_id))
        return Prepared(URL("http://registry.example"), {}, b"ours")

    def open(self, operation: str, prepared: Prepared, reply: Reply) -> Opened:
        if isinstance(self.opened, Exception):
            raise self.opened
        return self.opened

    async def send(self, prepared: Prepared) -> Reply:
        self.clock.move(0.04)
        if isinstance(self.sent, BaseException):
            raise self.sent
        return self.sent


def asked(**more: Any) -> Check:
    return check(step="one", operation="person", about={"person": CHILD}, **more)


async def ask(opened: Any, sent: Any = None, given: Check | None = None) -> Finding:
    clock = StillClock()
    double = Double(opened, sent or reply(), clock)
    return await exchange(LINE, double, READINGS, double.send, clock)(intent(), given or asked())


def tree(code: str = "0", *records: Any, message: str = "", total: int | None = -1) -> Opened:
    count = len(records) if total == -1 else total
    return Opened(200, {"code": code, "message": message, "list": list(records), "total": count})


async def test_an_answer_is_the_facts_of_the_one_record():
    found = await ask(tree("0", RECORD))
    assert found == Finding("registry", "query", Status.ANSWERED, {"one": {"state": "good"}})


async def test_no_record_is_a_finding_too():
    for code in ("0", "5"):
        assert await ask(tree(code)) == Finding("registry", "query", Status.NO_RECORD, {"one": None})


async def test_what_the_policy_does_not_ask_is_never_sent():
    for changed in ({"question": "other"}, {"step": "two"}):
        given, double = replace(asked(), **changed), Double(tree("0", RECORD), reply(), StillClock())
        with pytest.raises(KeyError):
            await exchange(LINE, double, READINGS, double.send, double.clock)(intent(), given)
        assert (double.seen, given.trail.attempts, given.trail.evidence) == ([], 0, [])


@pytest.mark.parametrize("by", ["itself", "the whole"])
async def test_nobody_is_asked_once_the_last_answer_is_given(by):
    whole = Trail()
    given = asked(trail=Trail(within=whole))
    (given.trail if by == "itself" else whole).is_closed = True
    with pytest.raises(TimedOut, match="the last answer is given"):
        await ask(tree("0", RECORD), given=given)
    assert (given.trail.attempts, given.trail.evidence) == (0, [])


Raises = tuple[Any, type[Exception]]


@pytest.mark.parametrize(
    ("opened", "error"),
    [
        (tree("9"), Ambiguous),
        (tree("9", RECORD, RECORD), Ambiguous),
        (tree("0", RECORD, RECORD), BadReply),
        (tree("7"), BadReply),
        (tree("1", message="open"), BadReply),
        (Opened(200, {"list": [RECORD]}), BadReply),
        (Opened(200, {"code": None, "list": []}), BadReply),
        (Opened(200, {"code": "0", "list": "text"}), BadReply),
        (Opened(200, {"code": "0", "list": [1]}), BadReply),
        (Opened(204), BadReply),
        (Opened(200, {"code": "0"}), BadReply),
        (Opened(200, {"code": "0", "list": None}), BadReply),
        (tree("0", total=1), BadReply),
        (tree("0", RECORD, total=2), BadReply),
        (tree("0", RECORD, total=None), BadReply),
        (Opened(500, fault="Server"), BadReply),
        (Opened(500, fault="FailedCheck"), TurnedAway),
        (tree("4"), ConfigFault),
        (tree("5", RECORD), BadReply),
        (tree("0", RECORD | {"id": "229901198805121012"}), SubjectMismatch),
        (tree("0", RECORD | {"state": "2"}), BadReply),
        (tree("0", RECORD | {"state": None}), BadReply),
    ],
)
async def test_everything_else_is_a_trouble(opened, error):
    with pytest.raises(error) as raised:
        await ask(opened)
    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3", 3.0), ("0", 0.0), ("99999", 3600.0), ("", None), ("-1", None), ("1.5", None), ("100000", None), ("٣", None),
     ("Wed, 02 May 2018 00:00:00 GMT", None)],
)  # fmt: skip
async def test_retry_after_is_a_number_of_seconds_or_nothing(text, seconds):
    with pytest.raises(Busy) as busy:
        await ask(Opened(429), reply(429, Retry_After=text))
    assert busy.value.retry_after_seconds == seconds


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("opened", "sent", "status", "has_reply"),
    [
        (tree("0", RECORD), None, Status.ANSWERED, True),
        (tree("0"), None, Status.NO_RECORD, True),
        (tree("7"), None, Status.BAD_REPLY, True),
        (BadReply("theirs"), None, Status.BAD_REPLY, True),
        (tree("0"), Unreachable("wire"), Status.UNREACHABLE, False),
        (tree("0"), asyncio.CancelledError(), Status.TIMEOUT, False),
        (KeyError("ours"), None, Status.BAD_REPLY, True),
    ],
)
async def test_every_attempt_is_evidence(opened, sent, status, has_reply):
    given = asked()
    with suppress(Trouble, KeyError, asyncio.CancelledError):
        await ask(opened, sent, given)
    (evidence,) = given.trail.evidence
    assert given.trail.attempts == 1
    assert (evidence.operation, evidence.status, evidence.elapsed_ms) == ("person", status, 40)
    assert evidence.request_sha256 == digest(b"ours")
    assert evidence.reply_sha256 == (digest(b"theirs") if has_reply else None)


async def test_what_could_not_even_be_prepared_is_evidence_without_bytes():
    class Unable(Double):
        def prepare(self, *_: object) -> Prepared:
            raise ConfigFault("no account")

    clock, given = StillClock(), asked()
    double = Unable(tree(), reply(), clock)
    with pytest.raises(ConfigFault):
        await exchange(LINE, double, READINGS, double.send, clock)(intent(), given)
    (evidence,) = given.trail.evidence
    assert (evidence.status, evidence.request_sha256, evidence.reply_sha256) == (Status.CONFIG_FAULT, digest(b""), None)


async def test_each_attempt_has_an_id_of_its_own_that_the_request_carries():
    clock, given = StillClock(), asked()
    double = Double(tree("0"), reply(), clock)
    connector = exchange(LINE, double, READINGS, double.send, clock)
    await connector(intent(), given)
    await connector(intent(), given)
    assert [request_id for _, request_id in double.seen] == [one.evidence_id for one in given.trail.evidence]
    assert len({one.evidence_id for one in given.trail.evidence}) == 2


async def test_the_sender_reads_no_more_than_the_contract_allows():
    class Wire:
        async def post(self, url: URL, headers: Any, body: bytes, *, limit: int) -> tuple[Any, ...]:
            return url, headers, body, limit

    post: Callable[[Prepared], Any] = sender(Wire(), 77)
    assert await post(Prepared(URL("http://a.example"), {"A": "b"}, b"x")) == (
        URL("http://a.example"),
        {"A": "b"},
        b"x",
        77,
    )
