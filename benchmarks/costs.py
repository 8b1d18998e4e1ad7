"""One step after the other, alone on its core: `python -m benchmarks.costs HOME [REPEATS]`, one JSON object on standard output.

Needs the upstreams of that home to be running, for the steps that have a wire in them. Every figure is CPU time of this
process with all its threads, the median of the repeats.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from benchmarks.machine import calibration
from benchmarks.parts import Call, Parts
from benchmarks.zeep_calls import ZeepCalls
from gateway.calling.stack import ChannelPlan, stacked
from gateway.calling.wire import Wire
from gateway.clock import local_day
from gateway.commands.loops import run
from gateway.connectors import Tools, connect
from gateway.judging import judge
from gateway.ledger.ledger import Ledger
from gateway.model import Check, Finding, Grade, Intent, SignedRequest, Status, Verdict
from gateway.security import digests, signatures
from gateway.security.presented import parse
from gateway.security.profiles import ANSWER_BOUND, BOUND_TO_QUESTION, VERIFY
from gateway.store.sqlite import Store
from gateway.verify import House, ask
from gateway.web import answers, questions
from gateway.web.metrics import Metrics

SIDE_BY_SIDE = 16
_PATH = "/v1/verifications"


class Timer:
    """Takes the median of some repeats."""

    def __init__(self, repeats: int) -> None:
        self.repeats = repeats
        self.us: dict[str, float] = {}

    def sync(self, name: str, work: Callable[[], Any], number: int = 200) -> None:
        """Microseconds of CPU for one `work`."""
        work()
        self.us[name] = statistics.median(self._once(work, number) for _ in range(self.repeats))

    async def crowd(self, name: str, work: Callable[[], Awaitable[Any]], number: int = 320, side_by_side: int = 1) -> None:
        """The same for a coroutine, that many of them in turn, so many at a time."""
        found = []
        await work()
        for _ in range(self.repeats):
            before = time.process_time()
            await asyncio.gather(*(_in_turn(work, number // side_by_side) for _ in range(side_by_side)))
            found.append((time.process_time() - before) / (number // side_by_side * side_by_side) * 1e6)
        self.us[name] = statistics.median(found)

    def _once(self, work: Callable[[], Any], number: int) -> float:
        before = time.process_time()
        for _ in range(number):
            work()
        return (time.process_time() - before) / number * 1e6


async def _in_turn(work: Callable[[], Awaitable[Any]], number: int) -> None:
    for _ in range(number):
        await work()


def time_question(timer: Timer, parts: Parts) -> None:
    """From the request's bytes to the checks."""
    identifier, keys = parts.clock.identifier(), parts.installed.keys
    timer.sync("read", lambda: questions.verification(questions.read(parts.body), identifier, "counter", 8000))
    digest = digests.content_digest(parts.body)
    values = {
        '"@method"': "POST",
        '"@authority"': "127.0.0.1:8650",
        '"@path"': _PATH,
        '"content-type"': "application/json",
        '"content-digest"': digest,
    }
    known = next(iter(parts.installed.consumers.values()))
    signer = _counter(parts)
    created = int(parts.clock.unix())
    given, made = signatures.sign(VERIFY, values, signer, created, created + 60, parts.clock.token())

    def verify() -> None:
        presented = parse([given], [made])
        signatures.check(presented, (VERIFY,), parts.clock.unix())
        digests.require([digest], parts.body)
        signatures.verify(presented, values, known.verifier)

    timer.sync("verify", verify)
    raw = keys.answers.sign(b"0" * 400)
    timer.sync("ed25519_sign", lambda: keys.answers.sign(b"0" * 400))
    assert len(raw) == 64
    day = local_day(parts.clock.unix())

    def plan() -> None:
        policy, question = parts.policy, parts.question
        unit = question.operator.unit_code
        all(known.consumer.may_ask(question.purpose, rule.material, unit, day) for rule in policy.asked(question))
        policy.first_round(question)
        policy.second_round(question, {})
        policy.owing(question, {})

    timer.sync("plan", plan)


def _counter(parts: Parts) -> signatures.Signer:
    from gateway.security.keys import signer

    return signer("counter-test-key", parts.home / "keys" / "counter.pem")


def time_calls(timer: Timer, parts: Parts) -> Call:
    """Both dialects, both ways, without the wire; gives the SOAP call."""
    rest, soap = parts.call("guardianship_archive", "proof"), parts.call("household_registry", "person")
    for name, call in (("rest", rest), ("soap", soap)):
        prepared = call.prepare()
        reply = call.reply_to(prepared)
        timer.sync(f"{name}_prepare", call.prepare)
        timer.sync(f"{name}_read", lambda call=call, prepared=prepared, reply=reply: call.read(prepared, reply))
    return soap


async def time_ledger(timer: Timer, parts: Parts, verdict: Verdict, body: bytes) -> None:
    """Intent and outcome with the nonce, sixteen verifications at a time, on a fresh ledger."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite3"
        Store.create(path)
        async with Store.open(path) as store:
            ledger = Ledger(store, parts.clock, parts.installed.keys.pseudonyms)

            async def both() -> None:
                now = int(parts.clock.unix())
                signed = SignedRequest("counter-test-key", parts.clock.token(), now + 60, "sha-256=:" + "A" * 44, "A" * 88)
                question = replace_id(parts, parts.clock.identifier())
                intent = await ledger.intend(question, signed, parts.policy.name, parts.intent.deadline)
                await ledger.conclude(intent, verdict_of(verdict, question.verification_id), body)

            await timer.crowd("ledger", both, side_by_side=SIDE_BY_SIDE)


def replace_id(parts: Parts, identifier: str) -> Any:
    from dataclasses import replace

    return replace(parts.question, verification_id=identifier)


def verdict_of(verdict: Verdict, identifier: str) -> Verdict:
    from dataclasses import replace

    return replace(verdict, verification_id=identifier)
