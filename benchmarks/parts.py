"""The gateway's parts, set up as the composition root sets them up, so that each step can be run alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from benchmarks import http1
from benchmarks.people import GUARDIANSHIP, Crowd, crowd
from benchmarks.upstreams import Answer, upstreams
from gateway import installation
from gateway.calling import meaning
from gateway.calling.dialect import Dialect, Prepared
from gateway.calling.exchange import Reading
from gateway.calling.rest import RestCall, SignedRest
from gateway.calling.soap import SignedSoap, SoapCall, json_reader
from gateway.calling.wire import Reply
from gateway.clock import Clock, SystemClock
from gateway.commands.scaffold import CONSUMER_KEY
from gateway.contract.openapi import RestInterface
from gateway.contract.people import Member
from gateway.mapping import pointers
from gateway.mapping.records import compile_records
from gateway.mapping.requests import compile_request
from gateway.model import Check, Facts, Intent, Person, Verification
from gateway.policy import Policy, choose
from gateway.security import signatures
from gateway.security.keys import signer
from gateway.web import questions

DEADLINE_MS = 8000
FAR = 3600.0


@dataclass(frozen=True, slots=True)
class Parts:
    """One installation and one question about the first family of the crowd."""

    home: Path
    installed: installation.Installation
    clock: Clock
    people: Crowd
    body: bytes
    question: Verification
    policy: Policy
    intent: Intent
    answers: dict[tuple[str, str], Answer]

    @classmethod
    def of(cls, home: Path) -> Parts:
        installed, clock = installation.read(home), SystemClock()
        people = crowd(installed.authorities)
        (body,) = people.questions(GUARDIANSHIP, 1)
        question = questions.verification(questions.read(body), clock.identifier(), "counter", DEADLINE_MS)
        policy = choose(installed.policies, question.application_date, question.operator.unit_code)
        intent = Intent(clock.identifier(), question, policy.name, clock.unix(), clock.monotonic() + FAR)
        answers = upstreams(home, installed.authorities, people)
        return cls(home, installed, clock, people, body, question, policy, intent, answers)

    @property
    def counter(self) -> signatures.Signer:
        """The key that the questions are signed with."""
        return signer(CONSUMER_KEY, self.home / "keys" / "counter.pem")

    def check(self, authority: str, question: str) -> Check:
        """A check of the guardianship question, as the policy would make it."""
        assert self.question.guardian is not None
        about = {"subject": self.question.subject, "guardian": self.question.guardian}
        return Check(authority, question, about, self.question.application_date)

    def national(self) -> Check:
        """Where the first holder of a permit is registered: one SOAP call."""
        holder = self.people.holders[0]
        about = {"subject": Person(holder.citizen_id, holder.name)}
        return Check("household_registry", "hukou", about, self.question.application_date)

    def call(self, authority: str, operation: str, subject: Member | None = None) -> Call:
        """One call about the first family, or about that person, both ways."""
        ((channel, contract),) = self.installed.authorities[authority].contract.channels.items()
        is_rest = isinstance(self.installed.authorities[authority].interfaces[channel], RestInterface)
        dialect = self._rest(authority, channel) if is_rest else self._soap(authority, channel)
        minor, adult = self.question.subject, self.question.guardian
        assert adult is not None
        person = minor if subject is None else Person(subject.citizen_id, subject.name)
        about = {"person": person, "other": adult}
        check = Check(authority, "-", about, self.question.application_date, step="step", operation=operation)
        folder = self.installed.authorities[authority]
        records = compile_records(folder.mapping.operations[operation], folder.mapping.tables)
        reading = Reading.compiled(contract.operations[operation], records)
        return Call(self, dialect, check, reading, self.answers[authority, channel])

    def _rest(self, authority: str, channel: str) -> Dialect:
        folder, endpoint = self.installed.authorities[authority], self.installed.endpoints[authority][channel]
        interface = folder.interfaces[channel]
        assert isinstance(interface, RestInterface)
        assert endpoint.verifier is not None
        calls = {
            key: RestCall(
                interface.operations[operation.interface],
                compile_request(folder.mapping.operations[key]),
                URL(endpoint.url + interface.operations[operation.interface].path, encoded=True),
            )
            for key, operation in folder.contract.channels[channel].operations.items()
        }
        return SignedRest(
            calls, endpoint.account, self.installed.keys.signers[endpoint.suite], endpoint.verifier, self.clock
        )

    def _soap(self, authority: str, channel: str) -> Dialect:
        folder, endpoint = self.installed.authorities[authority], self.installed.endpoints[authority][channel]
        interface = folder.interfaces[channel]
        assert not isinstance(interface, RestInterface)
        assert endpoint.soap_verifier is not None
        calls = {
            key: SoapCall(
                interface.operations[operation.interface],
                compile_request(folder.mapping.operations[key]),
                json_reader(folder.payloads[channel][operation.payload or ""]),
            )
            for key, operation in folder.contract.channels[channel].operations.items()
        }
        url = URL(endpoint.url + interface.path, encoded=True)
        soap = self.installed.keys.soap
        return SignedSoap(url, calls, endpoint.account, soap, endpoint.soap_verifier, self.clock)


@dataclass(frozen=True, slots=True)
class Call:
    """One operation's request and reply, without the wire."""

    parts: Parts
    dialect: Dialect
    check: Check
    reading: Reading
    upstream: Callable[[bytes, bytes], bytes]

    def prepare(self) -> Prepared:
        """Build and sign."""
        intent = self.parts.intent
        return self.dialect.prepare(self.check.operation or "", self.check, intent, intent.entry_id)

    def reply_to(self, prepared: Prepared) -> Reply:
        """What the authority answers to it, as the wire would give it."""
        headers = {"Host": f"{prepared.url.host}:{prepared.url.port}", **prepared.headers}
        head, _, _ = http1.message("POST / HTTP/1.1", headers, b"").partition(b"\r\n\r\n")
        ((reply_head, body),) = http1.Messages().feed(self.upstream(head, prepared.body))
        return Reply(200, CIMultiDictProxy(CIMultiDict(http1.fields(reply_head))), body)

    def read(self, prepared: Prepared, reply: Reply) -> Facts:
        """Verify, decode, hold against the schema, find its meaning, read its facts."""
        opened = self.dialect.open(self.check.operation or "", prepared, reply)
        reading = self.reading
        records = reading.records.preferred(reading.records.held(opened.tree) or [])
        code = meaning.code_text(pointers.get(opened.tree, reading.code or ()))
        text: Any = pointers.get(opened.tree, reading.text or ())
        meaning.of(reading.operation.meanings, status=200, code=code, text=str(text or ""), count=len(records))
        return reading.records.facts(records[0], self.check.about)
