"""Any authority of `contracts/authorities`, as its own mock on a socket and as the gateway's connector to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from gateway.calling.tasks import Tasks
from gateway.calling.wire import Wire
from gateway.clock import SystemClock
from gateway.connectors import Endpoint, Tools, connect
from gateway.contract.authority import OperationMapping, Question, Step
from gateway.contract.folders import AuthorityFolder, load_authorities, shipped
from gateway.contract.people import Cast
from gateway.contract.scenarios import Scenario
from gateway.mapping import pointers
from gateway.model import Check, Connector, Finding, Intent, Operator, Person, Status, Verification
from gateway.policy.naming import Named
from gateway.security import keys
from mocks.keys import Identity
from mocks.server import Mocks, cast_of, start
from mocks.trees import at
from tests.security.soap_keys import Party
from tests.still import StillClock

ROOTS = (shipped(), Path(__file__).with_name("contracts"))
"""The contracts that are shipped, and those that show what a folder alone can say, with a cast of their own."""
_LOADED = [load_authorities(root) for root in ROOTS]
FOLDERS = {name: folder for folders in _LOADED for name, folder in folders.items()}
_CASTS = [cast_of(folders.values()) for folders in _LOADED]
CASTS = {name: cast for folders, (cast, _) in zip(_LOADED, _CASTS, strict=True) for name in folders}
"""By authority."""
SCENARIOS = {name: scenarios for _, known in _CASTS for name, scenarios in known.items()}
STRANGERS = (Person("229905197001010078", "样例生人"), Person("229905197001010094", "样例路人"))
"""Two people whom no authority knows."""

QUESTION = ("policy", "conformance", "only")
"""What every case is asked as: the policy, the question, the step."""

GATEWAY, AUTHORITY = keys.new_ed25519(), keys.new_ed25519()
SOAP_GATEWAY, SOAP_AUTHORITY = Party.elliptic(), Party.elliptic()
IDENTITY = Identity(
    "authority-1", AUTHORITY[0], SOAP_AUTHORITY.certificate_pem, "gateway-1", GATEWAY[1], SOAP_GATEWAY.certificate_pem
)
SOAP_IDENTITY = replace(IDENTITY, private_pem=SOAP_AUTHORITY.private_pem)
RID, APP_KEY = "00000000-0000-4000-8000-000000000001@demo", "test-app-key-0001"
IDENTITIES = {
    "rfc9421": IDENTITY,
    "wsse_x509": SOAP_IDENTITY,
    "platform_hmac": Identity(requester=RID, app_key=APP_KEY.encode()),
}
"""By dialect."""


@dataclass(frozen=True)
class Case:
    """One scenario of one operation."""

    authority: str
    channel: str
    operation: str
    name: str
    scenario: Scenario

    def __str__(self) -> str:
        return f"{self.authority}.{self.operation}.{self.name}"

    @property
    def steps(self) -> list[Step]:
        """How the contract's own questions ask this operation."""
        questions = FOLDERS[self.authority].contract.channels[self.channel].questions.values()
        return [step for question in questions for step in question.steps.values() if step.operation == self.operation]


def cases() -> Iterator[Case]:
    """Every scenario of every operation of every channel."""
    for authority, folder in FOLDERS.items():
        for channel, rules in folder.contract.channels.items():
            for operation in rules.operations:
                for name, scenario in SCENARIOS[authority][operation].items():
                    yield Case(authority, channel, operation, name, scenario)


def people_of(case: Case) -> tuple[Person, ...] | None:
    """Somebody (or two) of the cast who are told this scenario as it is written, or strangers where those get it."""
    for people, record in _told(case, CASTS[case.authority]):
        if not _changes_the_echo(case, record):
            return people
    if FOLDERS[case.authority].contract.unknown_person[case.operation] == case.name:
        return STRANGERS[: len(case.steps[0].about)]
    return None


def _told(case: Case, cast: Cast) -> Iterator[tuple[tuple[Person, ...], dict[str, Any]]]:
    single = [((key,), member.answers) for key, member in cast.people.items()]
    for names, answers in [*single, *((tuple(pair.people), pair.answers) for pair in cast.pairs)]:
        told = answers.get(case.authority, {}).get(case.operation)
        if told is not None and told.scenario == case.name:
            members = (cast.people[name] for name in names)
            yield tuple(Person(member.citizen_id, member.name) for member in members), told.record


def by_pages(authority: str, operation: str) -> Iterator[tuple[tuple[Person, ...], list[Any], Case]]:
    """Whoever's record takes more than one page, with its rows as they were written and the scenario."""
    for case in cases():
        pages = case.scenario.pages
        if (case.authority, case.operation) != (authority, operation) or pages is None:
            continue
        for people, record in _told(case, CASTS[authority]):
            found = at(record, pages.rows)
            rows = found if found is not None else at(case.scenario.record, pages.rows)
            if len(rows) > pages.size and not _changes_the_echo(case, record):
                yield people, rows, case


def _changes_the_echo(case: Case, record: dict[str, Any]) -> bool:
    facts = FOLDERS[case.authority].mapping.operations[case.operation].facts.values()
    return any(pointers.parse(rule.path)[0] in record for rule in facts if rule.echo is not None)


@dataclass
class Conversation:
    """One authority's mock and the connector to it."""

    mocks: Mocks
    connector: Connector
    clock: StillClock
    observed: list[Finding] = field(default_factory=list)

    async def ask(self, case: Case, people: tuple[Person, ...], page: str | None = None) -> Finding:
        return await self.connector(intent(people[0], self.clock), replace(check(case, people), page=page))


@asynccontextmanager
async def conversation(case: Case, *, page_alone: bool = False) -> AsyncIterator[Conversation]:
    """The case's channel on a free port, with a question `conformance` that is this one operation, or one page of it."""
    folder = _with_question(FOLDERS[case.authority], case, page_alone=page_alone)
    clock, observed = StillClock(unix_seconds=SystemClock().unix()), []
    key = (case.authority, case.channel)
    identity = IDENTITIES[folder.contract.channels[case.channel].signing]
    async with (
        start({case.authority: folder}, CASTS[case.authority], {key: identity}, scenarios=SCENARIOS) as mocks,
        Wire() as wire,
        Tasks() as tasks,
    ):
        made = replace(
            tools(wire, tasks, clock, lambda _, finding, __: observed.append(finding)), named=_naming(case, folder)
        )
        connector = connect(folder, {case.channel: endpoint(folder, mocks.url(*key))}, made)
        yield Conversation(mocks, connector, clock, observed)


def endpoint(folder: AuthorityFolder, url: str) -> Endpoint:
    """Somewhere to ask this authority, with all that any dialect needs."""
    verifier = keys.verifier("authority-1", AUTHORITY[1])
    return Endpoint(url, account_of(folder), verifier, SOAP_AUTHORITY.verifier, rid=RID, app_key=APP_KEY)


def tools(wire: Wire, tasks: Tasks, clock: StillClock, observe: Any = lambda *_: None) -> Tools:
    """What connectors share, with nobody who listens but `observe`."""
    return Tools(
        wire=wire, clock=clock, signers={"international": keys.signer("gateway-1", GATEWAY[0])},
        soap_signer=SOAP_GATEWAY.signer, tasks=tasks,
        named={}, conclusive=lambda intent, check, found: found.status is Status.ANSWERED,
        observe=observe, diverged=lambda *_: None, hedged=lambda *_: None, record=lambda *_: None,
        refreshed=lambda *_: None,
    )  # fmt: skip


def facts_of(rules: OperationMapping) -> frozenset[str]:
    """Every fact that the mapping can read, echoes too."""
    return frozenset({*rules.facts, *(f"{name}/{fact}" for name, rows in rules.rows.items() for fact in rows.facts)})


def _naming(case: Case, folder: AuthorityFolder) -> dict[str, Named]:
    """A policy that names every fact that the case's operation gives."""
    policy, question, step = QUESTION
    return {policy: {(case.authority, question): {step: facts_of(folder.mapping.operations[case.operation])}}}


def _with_question(folder: AuthorityFolder, case: Case, *, page_alone: bool = False) -> AuthorityFolder:
    """The folder with the case's channel alone, and the one question, which is one call."""
    channel = folder.contract.channels[case.channel]
    walks = {question.walk for question in channel.questions.values()}
    walk: dict[str, Any] = {"walk": "once"}
    if "per_year" in walks:
        walk = {"walk": "per_year", "months_back": 1}
    elif channel.operations[case.operation].next is not None and not page_alone:
        walk = {"walk": "pages", "most_pages": 20}
    asked = Question.model_validate({**walk, "steps": {"only": case.steps[0]}})
    asked_at_any_hour = {"questions": {"conformance": asked}, "hours": None}
    channels = {case.channel: channel.model_copy(update=asked_at_any_hour)}
    return replace(folder, contract=folder.contract.model_copy(update={"channels": channels}))


def account_of(folder: AuthorityFolder) -> dict[str, str]:
    rules = (rule for operation in folder.mapping.operations.values() for rule in operation.request.values())
    return {rule.account: "x" for rule in rules if rule.account is not None}


def intent(subject: Person, clock: StillClock) -> Intent:
    operator = Operator("op-0117", "样例员", "229901000000")
    verification = Verification(
        "v-1", "counter", "JL1", date(2018, 5, 2), ("passport",), "exit_entry_application", None, operator, subject, None,
        None, 8000,
    )  # fmt: skip
    return Intent("entry-1", verification, "policy", clock.unix(), clock.monotonic() + 8)


def check(case: Case, people: tuple[Person, ...]) -> Check:
    about = dict(zip(case.steps[0].about, people, strict=True))
    return Check(case.authority, "conformance", about, date(2018, 5, 2))
