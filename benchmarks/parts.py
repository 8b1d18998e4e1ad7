"""The gateway's parts, set up as the composition root sets them up, so that each step can be run alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.people import GUARDIANSHIP, Crowd, crowd
from gateway import installation
from gateway.calling import meaning
from gateway.calling.dialect import Dialect, Prepared
from gateway.calling.exchange import Reading
from gateway.calling.tasks import Tasks
from gateway.calling.wire import Reply, Wire
from gateway.clock import Clock, SystemClock
from gateway.commands.scaffold import CONSUMER_KEY
from gateway.connectors import Tools
from gateway.connectors.dialects import Pairing
from gateway.contract.authority import Channel
from gateway.judging import conclusive_by
from gateway.mapping import pointers
from gateway.mapping.records import compile_records
from gateway.model import Check, Facts, Intent, Person, Verification
from gateway.policy import Policy, choose
from gateway.security import signatures
from gateway.security.keys import signer
from gateway.web import questions
from gateway.web.metrics import Metrics

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

    @classmethod
    def of(cls, home: Path) -> Parts:
        installed, clock = installation.read(home), SystemClock()
        people = crowd(installed.authorities)
        (body,) = people.questions(GUARDIANSHIP, 1)
        question = questions.verification(questions.read(body), clock.identifier(), "counter", DEADLINE_MS)
        policy = choose(installed.policies, question.application_date, question.operator.unit_code)
        intent = Intent(clock.identifier(), question, policy.name, clock.unix(), clock.monotonic() + FAR)
        return cls(home, installed, clock, people, body, question, policy, intent)

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

    def tools(self, wire: Wire) -> Tools:
        """What connectors are made with, as the composition root makes it."""
        keys, metrics = self.installed.keys, Metrics(self.clock)
        return Tools(
            wire=wire,
            clock=self.clock,
            signers=keys.signers,
            soap_signer=keys.soap,
            tasks=Tasks(),
            named={policy.name: policy.named for policy in self.installed.policies},
            conclusive=conclusive_by({policy.name: policy.rules for policy in self.installed.policies}),
            observe=metrics.observe,
            diverged=metrics.joins.diverged,
            hedged=metrics.joins.hedged,
            record=lambda _, __: None,
            refreshed=metrics.refreshed,
        )

    async def call(self, authority: str, channel: str, operation: str, tools: Tools) -> Call:
        """One call about the first newcomer, of whom every authority has a record; a channel's secret is fetched."""
        folder, (subject, adult) = self.installed.authorities[authority], self.people.newcomers[0]
        pairing = Pairing(folder, channel, self.installed.endpoints[authority][channel], tools)
        if pairing.keeper is not None:
            await pairing.keeper.ready()
        about = {"person": Person(subject.citizen_id, subject.name), "other": Person(adult.citizen_id, adult.name)}
        day = self.question.application_date
        check = Check(authority, "-", about, day, step="step", operation=operation, year=day.year)
        asked = folder.contract.channels[channel]
        wanted = set(_wanted(self.installed.policies, authority, asked, operation))
        records = compile_records(folder.mapping.operations[operation], folder.mapping.tables, wanted)
        reading = Reading.compiled(asked.operations[operation], records)
        return Call(self.intent, pairing.dialect(), check, reading)


def _wanted(policies: Iterable[Policy], authority: str, channel: Channel, operation: str) -> Iterator[str]:
    """The facts of an operation's reply that some policy names."""
    for (name, question), steps in (source for policy in policies for source in policy.named.items()):
        for step, facts in steps.items() if name == authority and question in channel.questions else ():
            if channel.questions[question].steps[step].operation == operation:
                yield from facts


@dataclass(frozen=True, slots=True)
class Call:
    """One operation's request and reply, without the wire."""

    intent: Intent
    dialect: Dialect
    check: Check
    reading: Reading

    def prepare(self) -> Prepared:
        """Build and sign."""
        return self.dialect.prepare(self.check.operation or "", self.check, self.intent, self.intent.entry_id)

    def read(self, prepared: Prepared, reply: Reply) -> Facts:
        """Verify, decode, hold against the schema, find its meaning, read its facts."""
        opened = self.dialect.open(self.check.operation or "", prepared, reply)
        reading = self.reading
        records = reading.records.preferred(reading.records.held(opened.tree) or [])
        code = meaning.code_text(pointers.get(opened.tree, reading.code or ()))
        text: Any = pointers.get(opened.tree, reading.text or ())
        meaning.of(reading.operation.meanings, status=200, code=code, text=str(text or ""), count=len(records))
        return reading.records.facts(records[0], self.check.about)
