"""Starts and stops mocks: each channel a listening socket of its own, each authority a journal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gateway.clock import Clock, SystemClock
from gateway.contract.folders import AuthorityFolder
from gateway.contract.people import Cast, load_cast
from gateway.contract.scenarios import Scenarios, load_scenarios
from mocks.answers import Answers, MockTrouble
from mocks.http_signatures import HttpSignatures, Unsigned
from mocks.journal import Entry, Journal
from mocks.keys import Identity
from mocks.rest import RestMock
from mocks.soap import SoapMock
from mocks.ws_security import NoSecurity, WsSecurity

TROUBLE = 599
ChannelKey = tuple[str, str]
"""Authority and channel."""

_SHUTDOWN_SECONDS = 0.1


@dataclass(slots=True)
class _Served:
    """One channel: what serves it, where it listens, and the running server while it does."""

    mock: RestMock | SoapMock
    port: int
    journal: Journal
    runner: web.AppRunner | None = None


@dataclass(slots=True)
class Mocks:
    """Running mocks. Their addresses stay the same when one is stopped and started again."""

    host: str
    served: dict[ChannelKey, _Served] = field(default_factory=dict)
    journals: dict[str, Journal] = field(default_factory=dict)
    """By authority."""

    def url(self, authority: str, channel: str) -> str:
        """The channel's origin (scheme, host, port), as the gateway's settings take it; the paths are the interface's."""
        return f"http://{self.host}:{self.served[authority, channel].port}"

    def document_url(self, authority: str, channel: str) -> str:
        """Where the channel's OpenAPI document or WSDL is."""
        return self.url(authority, channel) + self.served[authority, channel].mock.document_path

    async def start_one(self, authority: str) -> None:
        """Lets the authority be reached, on the same ports as before when it was stopped."""
        for key, served in self.served.items():
            if key[0] == authority and served.runner is None:
                await self._listen(key, served)

    async def stop_one(self, authority: str) -> None:
        """Closes the authority's listening sockets and connections: nobody reaches it."""
        for key, served in self.served.items():
            if key[0] == authority and served.runner is not None:
                runner, served.runner = served.runner, None
                await runner.cleanup()

    async def _listen(self, key: ChannelKey, served: _Served) -> None:
        app = web.Application(middlewares=[_trouble(key, served.journal)])
        app.add_routes(served.mock.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        await runner.setup()
        served.runner = runner
        await web.TCPSite(runner, self.host, served.port).start()
        served.port = runner.addresses[0][1]


@asynccontextmanager
async def start(
    folders: Mapping[str, AuthorityFolder],
    cast: Cast,
    identities: Mapping[ChannelKey, Identity],
    *,
    scenarios: Mapping[str, Scenarios] | None = None,
    host: str = "127.0.0.1",
    ports: Mapping[ChannelKey, int] | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Mocks]:
    """Serves every channel that has an identity, until the end of the block. Without ports, free ones are taken.

    Raises:
        BrokenFiles: the scenarios are wrong.
        OSError: a port is taken.
    """
    told = scenarios if scenarios is not None else {name: load_scenarios(folder) for name, folder in folders.items()}
    mocks = Mocks(host)
    for key, identity in identities.items():
        authority, channel = key
        folder = folders[authority]
        journal = mocks.journals.setdefault(authority, Journal())
        answers = Answers(folder, told[authority], cast)
        mock = _mock(folder, channel, answers, identity, clock or SystemClock(), journal)
        mocks.served[key] = _Served(mock, (ports or {}).get(key, 0), journal)
    try:
        for authority in mocks.journals:
            await mocks.start_one(authority)
        yield mocks
    finally:
        for authority in mocks.journals:
            await mocks.stop_one(authority)


def cast_of(folders: Iterable[AuthorityFolder]) -> tuple[Cast, dict[str, Scenarios]]:
    """The cast that stands beside these authorities' folders (`people.yaml`), and every authority's scenarios.

    Raises:
        BrokenFiles: with the problems of the first file that has any.
    """
    by_name = {folder.contract.authority: folder for folder in folders}
    scenarios = {name: load_scenarios(folder) for name, folder in by_name.items()}
    root = next(iter(by_name.values())).path.parents[1]
    return load_cast(root / "people.yaml", scenarios), scenarios


def _mock(
    folder: AuthorityFolder, channel: str, answers: Answers, identity: Identity, clock: Clock, journal: Journal
) -> RestMock | SoapMock:
    contract = folder.contract.channels[channel]
    signed = contract.signing != "none"
    if contract.wire == "rest":
        http = HttpSignatures(identity, clock) if signed else Unsigned()
        return RestMock(folder, channel, answers, http, journal)
    return SoapMock(folder, channel, answers, WsSecurity(identity, clock) if signed else NoSecurity(), journal)


def _trouble(key: ChannelKey, journal: Journal) -> Middleware:
    """Whatever goes wrong in a mock is 599 and says so; only what it says on purpose looks like the authority."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except MockTrouble as error:
            why = str(error)
        except Exception as error:
            # The type only: an exception's text may hold a part of the request.
            why = f"unexpected {type(error).__name__}"
        journal.add(Entry(key[1], None, None, (), "trouble", TROUBLE))
        body = json.dumps({"mock": ".".join(key), "trouble": why}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        return web.Response(status=TROUBLE, reason="Mock Trouble", headers=headers, body=body)

    return middleware
