"""Each step of a verification, run alone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web

from benchmarks.channels import LIMIT, SIDE_BY_SIDE, time_call, time_channels
from benchmarks.ledger_store import Asker
from benchmarks.parts import Parts
from benchmarks.timing import Timer
from benchmarks.zeep_calls import AUTHORITY, CHANNEL, OPERATION, ZeepCalls
from gateway.calling.asking import Asking
from gateway.calling.stack import ChannelPlan, stacked
from gateway.calling.tasks import Tasks
from gateway.calling.wire import Wire
from gateway.clock import local_day
from gateway.commands.scaffold import CONSUMER_KEY
from gateway.connectors import connect
from gateway.judging import judge
from gateway.ledger.ledger import Ledger
from gateway.model import Check, Finding, Grade, Intent, Status, Verdict
from gateway.security import digests, signatures
from gateway.security.presented import parse
from gateway.security.profiles import ANSWER_BOUND, BOUND_TO_QUESTION, VERIFY
from gateway.store.sqlite import Store
from gateway.web import answers, questions
from gateway.web.metrics import Metrics

_PATH = "/v1/verifications"
_HERE = "127.0.0.1:8650"


def time_question(timer: Timer, parts: Parts) -> None:
    """From the request's bytes to the checks."""
    identifier, clock = parts.clock.identifier(), parts.clock
    timer.step("read", lambda: questions.verification(questions.read(parts.body), identifier, "counter", 8000))
    known = parts.installed.consumers.current.get(CONSUMER_KEY, parts.clock.unix())
    assert known is not None
    digest = digests.content_digest(parts.body)
    texts = ("POST", _HERE, _PATH, "application/json", digest)
    values = dict(zip(VERIFY.components, texts, strict=True))
    created = int(clock.unix())
    given, made = signatures.sign(VERIFY, values, parts.counter, created, created + 60, clock.token())

    def verify() -> None:
        presented = parse([given], [made])
        signatures.check(presented, (VERIFY,), clock.unix())
        digests.require([digest], parts.body)
        signatures.verify(presented, values, known.verifier)

    def plan() -> None:
        policy, question = parts.policy, parts.question
        unit, day = question.operator.unit_code, local_day(clock.unix())
        materials = (rule.material for rule in policy.asked(question))
        assert known.consumer.ground(question.purpose, materials, unit, day) is not None
        policy.certain(question)
        policy.who_is_local(question)
        policy.what_follows(question, {})
        policy.owing(question, {})

    timer.step("verify", verify)
    timer.step("plan", plan)


async def time_stack(timer: Timer, parts: Parts) -> None:
    """The stages over an exchange that does nothing, less that exchange; a check of one call and one of three."""
    found = Finding(AUTHORITY, "query", Status.ANSWERED, {"subject": {}})

    async def nothing(_: Intent, check: Check) -> Finding:
        check.trail.attempts += 1
        return found

    contract = parts.installed.authorities[AUTHORITY].contract.channels["query"]
    plan = ChannelPlan("query", (Grade.B, Grade.B), contract.attempt_seconds, contract.questions)
    connector = stacked(nothing, plan, parts.clock, Metrics(parts.clock).observe)
    checks = {"once": parts.check(AUTHORITY, "hukou"), "three": parts.check(AUTHORITY, "guardianship")}
    await timer.awaited("nothing", lambda: nothing(parts.intent, checks["once"]))
    bare = timer.us.pop("nothing")
    for name, check in checks.items():
        await timer.awaited(f"stack_{name}", lambda check=check: connector(parts.intent, check))
        timer.us[f"stack_{name}"] -= bare


async def time_wire(timer: Timer, parts: Parts) -> None:
    """What has a wire in it: every channel, one whole SOAP check, and zeep's AsyncClient for the same question."""
    async with Wire() as wire, ZeepCalls(parts) as theirs:
        await time_channels(timer, parts, wire)
        connector, check = _connectors(parts, wire)[AUTHORITY], parts.national()

        async def whole() -> None:
            finding = await connector(parts.intent, check)
            assert finding.status is Status.ANSWERED

        await timer.awaited("soap_call", whole, SIDE_BY_SIDE)
        await timer.awaited("zeep_call", theirs.call, SIDE_BY_SIDE)
        timer.step("zeep build", theirs.write)
        national = await parts.call(AUTHORITY, CHANNEL, OPERATION, parts.tools(wire))
        await time_call(timer, "national", national, wire)
        prepared = national.prepare()
        reply = await wire.post(prepared.url, prepared.headers, prepared.body, limit=LIMIT)
        timer.step("zeep read", lambda: theirs.read(reply.body))


async def time_answer(timer: Timer, parts: Parts) -> None:
    """Judging what the upstreams say, rendering and signing the answer, and writing both ends into a ledger."""
    async with Wire() as wire:
        with _ledger_file() as path:
            async with Store.open(path) as store:
                ledger = Ledger(store, parts.clock, parts.installed.keys.pseudonyms)
                asking = Asking(parts.intent, _connectors(parts, wire), Tasks(), parts.clock)
                asking.begin(parts.policy.certain(parts.question))
                await asking.until(parts.intent.deadline)
                verdict = _judged(timer, parts, asking.findings())
                await _time_ledger(timer, parts, ledger, verdict)


def _judged(timer: Timer, parts: Parts, findings: Mapping[tuple[str, str], Finding]) -> Verdict:
    policy, question = parts.policy, parts.question

    def decide() -> Verdict:
        judgements = judge(policy.rules, question, policy.owing(question, findings), findings)
        return Verdict(question.verification_id, 1, policy.name, question.application_date, 0.0, judgements)

    verdict = decide()
    assert verdict.judgements[0].decision == "confirmed", verdict
    timer.step("judge", decide)
    timer.step("render", lambda: answers.render(verdict))
    body = answers.render(verdict)

    def sign() -> web.Response:
        digest, created = digests.content_digest(body), int(parts.clock.unix())
        texts = ("200", "application/json", digest, "POST", _HERE, _PATH, ":" + "A" * 88 + ":")
        values = dict(zip(ANSWER_BOUND.components, texts, strict=True))
        assert BOUND_TO_QUESTION in values
        holder, token = parts.installed.keys.answers(), parts.clock.token()
        unsigned = signatures.unsigned(ANSWER_BOUND, values, holder, created, created + 120, token)
        signature = holder.sign(unsigned.base)
        assert isinstance(signature, bytes)
        given, made = unsigned.signed(signature)
        headers = {"Content-Type": "application/json", "Signature-Input": given, "Signature": made}
        return web.Response(body=body, headers=headers)

    timer.step("sign", sign)
    return verdict


async def _time_ledger(timer: Timer, parts: Parts, ledger: Ledger, verdict: Verdict) -> None:
    body, asker = answers.render(verdict), Asker(parts)

    async def both() -> None:
        asked = asker.asked(0)
        intent = await ledger.intend(asked, asker.signed(), parts.policy.name, parts.intent.deadline)
        await ledger.conclude(intent, replace(verdict, verification_id=asked.verification_id), body)

    await timer.awaited("ledger", both, SIDE_BY_SIDE)


def _connectors(parts: Parts, wire: Wire) -> dict[str, Any]:
    endpoints, tools = parts.installed.endpoints, parts.tools(wire)
    return {name: connect(folder, endpoints[name], tools) for name, folder in parts.installed.authorities.items()}


@contextmanager
def _ledger_file() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        path = Path(folder) / "ledger.sqlite3"
        Store.create(path)
        yield path
