"""The whole system for tests: every authority as its real mock, the real gateway, consumers; free loopback ports, one loop."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway import app, installation
from gateway.client import Answer, AsyncClient
from gateway.clock import SystemClock
from gateway.commands import scaffold
from gateway.commands.ports import free_ports
from gateway.contract.folders import AuthorityFolder, load_authorities, shipped
from gateway.contract.people import Cast
from gateway.contract.scenarios import Scenarios
from gateway.security import keys
from gateway.settings import Listen
from mocks.keys import Identity
from mocks.server import Mocks, cast_of, start
from mocks.settings import identity, load_settings
from tests.hasty import HastyClock
from tests.wire import PROBLEM, PROBLEMS_SEEN, Asked, Reply, exchange, proved

AS_OF = "2018-05-02"
DAYS_BACK = 36500
UNIT = "229901000000"
GUARDIANSHIP, RESIDENCE = "guardianship_proof", "residence_permit"
REGISTRY, ARCHIVE, PERMITS = "household_registry", "guardianship_archive", "residence_permit"
INSURANCE = "social_insurance"
ROOMY = {"per_minute": 100_000, "subjects_per_day": 100_000}
"""More than a module of tests asks in a minute or about in a day."""
OTHER, OTHER_KEY = "other", "other-test-key"

METRICS_SEEN: list[str] = []
"""What every system here exposed when it ended; the privacy sweep reads it."""


@cache
def told() -> tuple[Mapping[str, AuthorityFolder], Cast, Mapping[str, Scenarios]]:
    """Contracts, cast and scenarios as they are shipped: read once."""
    folders = load_authorities(shipped())
    return folders, *cast_of(folders.values())


CHANNELS = tuple((name, channel) for name, folder in told()[0].items() for channel in folder.contract.channels)
"""Every channel of every authority that is shipped."""


class Recording(httpx.AsyncHTTPTransport):
    """Remembers every problem document on its way to the client."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        await response.aread()
        if response.headers.get("content-type") == PROBLEM:
            PROBLEMS_SEEN.append(response.text)
        return response


@dataclass
class System:
    """A running system. `counter` may ask for everything; `other` is another consumer, with little granted."""

    home: Path
    running: app.Running
    mocks: Mocks
    cast: Cast
    counter: AsyncClient
    other: AsyncClient
    clock: HastyClock = field(default_factory=HastyClock)

    @property
    def authority(self) -> str:
        return self.running.url.removeprefix("http://")

    async def ask(self, who: str, guardian: str | None = None, /, **changes: Any) -> Answer:
        """The counter asks about members of the cast."""
        return await self.counter.verify(self.question(who, guardian, **changes))

    async def recover(self) -> None:
        """A quiet time passes, then everybody answers: breakers that earlier troubles tripped are closed again."""
        self.clock.rest()
        await self.ask("M24", "P12")
        await self.ask("P08", residence_basis="employment")

    def question(self, who: str, guardian: str | None = None, /, **changes: Any) -> dict[str, Any]:
        """The body; a change to None leaves a member out."""
        asked: dict[str, Any] = {
            "case_number": f"JL20180502-{who}", "application_date": AS_OF, "business_items": ["passport"],
            "purpose": "exit_entry_application", "residence_basis": "residence_permit",
            "operator": {"id": "op-0117", "name": "样例警员", "unit_code": UNIT}, "subject": self.person(who),
            "guardian": self.person(guardian) if guardian else None, **changes,
        }  # fmt: skip
        return {name: value for name, value in asked.items() if value is not None}

    def person(self, key: str) -> dict[str, str]:
        return {"citizen_id": self.cast.people[key].citizen_id, "name": self.cast.people[key].name}

    def asked(self, body: Any = None, **changes: Any) -> Asked:
        """A request signed by hand; without a body, the question about P12."""
        content = self.question("P12", materials=[RESIDENCE]) if body is None else body
        data = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        return replace(Asked(self.authority, self.key("counter"), self.clock.unix(), data), **changes)

    def key(self, stem: str) -> Ed25519PrivateKey:
        key = load_pem_private_key((self.home / "keys" / f"{stem}.pem").read_bytes(), None)
        assert isinstance(key, Ed25519PrivateKey)
        return key

    async def send(self, asked: Asked, *more: str) -> Reply:
        return await exchange(self.authority, asked.bytes(*more))

    def is_bound(self, reply: Reply, asked: Asked, **changes: Any) -> bool:
        """Fails unless the answer is signed; says whether it is bound to the request's signature."""
        return proved(reply, asked, self.key("answers").public_key(), **changes)

    def calls(self) -> int:
        """How many requests the authorities have seen."""
        return sum(len(journal) for journal in self.mocks.journals.values())

    def entries(self) -> list[dict[str, Any]]:
        """What the ledger says of consumers' requests, shard by shard and oldest first: without calls and starts."""
        return [entry for entry in self.everything() if entry["kind"] not in ("evidence", "act")]

    def everything(self) -> list[dict[str, Any]]:
        """The whole ledger, read by another connection."""
        path = f"file:{self.home / 'ledger.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(path, uri=True)) as connection:
            return [json.loads(body) for (body,) in connection.execute("SELECT body FROM entry ORDER BY place")]

    async def get(self, path: str, *, admin: bool = False) -> httpx.Response:
        base = self.running.admin_url if admin else self.running.url
        async with httpx.AsyncClient(trust_env=False) as http:
            return await http.get(base + path)


@dataclass
class Site:
    """An installation on disk with its addresses held open, so that a gateway can stop and start again there."""

    home: Path
    sockets: tuple[socket.socket, socket.socket]
    ports: dict[tuple[str, str], int]

    def change(self, edit: Callable[[dict[str, Any]], None]) -> None:
        """Alters the settings, for the next gateway that starts here."""
        file = self.home / "gateway.yaml"
        settings = yaml.load(file.read_text("utf-8"), yaml.SafeLoader)
        edit(settings)
        file.write_text(yaml.dump(settings, allow_unicode=True), "utf-8")

    @asynccontextmanager
    async def serving(self, clock: SystemClock | None = None) -> AsyncIterator[app.Running]:
        """The gateway alone, on this installation."""
        read = installation.read(self.home)  # first: files that are broken must leave no socket behind
        public, admin = (each.dup() for each in self.sockets)
        async with app.running(read, clock or HastyClock(), (public, admin)) as running:
            try:
                yield running
            finally:
                METRICS_SEEN.append(running.metrics.exposition(running.ledger.counts).decode())


@asynccontextmanager
async def site(home: Path) -> AsyncIterator[Site]:
    """A new installation."""
    folders, _, _ = told()
    async with AsyncExitStack() as stack:
        public, admin = (stack.enter_context(app.listen_on(Listen(port=0))) for _ in range(2))
        ports = dict(zip(CHANNELS, free_ports(len(CHANNELS)), strict=True))
        at = scaffold.Addresses(public.getsockname()[1], admin.getsockname()[1], ports)
        scaffold.write(home, folders, at, SystemClock(), DAYS_BACK)
        _other_consumer(home)
        here = Site(home, (public, admin), ports)
        here.change(lambda settings: settings.update(limits=ROOMY))
        yield here


@asynccontextmanager
async def system(home: Path) -> AsyncIterator[System]:
    """Mocks, gateway and consumers, until the end of the block."""
    clock = HastyClock()
    async with (
        site(home) as here,
        mocked(here) as mocks,
        here.serving(clock) as running,
        consumer(here, "counter", scaffold.CONSUMER_KEY) as counter,
        consumer(here, OTHER, OTHER_KEY) as other,
    ):
        yield System(home, running, mocks, told()[1], counter, other, clock)


@asynccontextmanager
async def mocked(here: Site) -> AsyncIterator[Mocks]:
    """Every authority of the installation, on its ports."""
    folders, cast, scenarios = told()
    async with start(folders, cast, identities(here.home), scenarios=scenarios, ports=here.ports) as mocks:
        yield mocks


def identities(home: Path) -> dict[tuple[str, str], Identity]:
    """The mocks' keys."""
    named = load_settings(home)
    return {(a, c): identity(home, named.authorities[a][c]) for a, c in CHANNELS}


def consumer(here: Site, stem: str, keyid: str) -> AsyncClient:
    """A client with the key of that consumer."""
    return AsyncClient(
        f"http://127.0.0.1:{here.sockets[0].getsockname()[1]}",
        keyid=keyid,
        private_key=here.home / "keys" / f"{stem}.pem",
        gateway_keys={"gateway-answers": here.home / "keys" / "answers.pub.pem"},
        transport=Recording(),
    )


def _other_consumer(home: Path) -> None:
    """May ask for residence permits in one city; its grant for guardianship has run out."""
    private, public = keys.new_ed25519()
    (home / "keys" / f"{OTHER}.pem").write_bytes(private)

    def grant(material: str, **more: str) -> dict[str, Any]:
        return {"purpose": "exit_entry_application", "regions": ["2202"], "materials": [material], **more}

    file = {
        "consumer": OTHER,
        "title": {"zh": "另一个窗口（测试）", "en": "Another counter (test)"},
        "keys": [{"id": OTHER_KEY, "public_key": public.decode()}],
        "grants": [grant(RESIDENCE), grant(GUARDIANSHIP, until="2018-05-01")],
    }
    (home / "consumers" / f"{OTHER}.yaml").write_text(yaml.dump(file, allow_unicode=True), "utf-8")
