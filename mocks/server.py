"""Starts and stops mocks: each channel a listening socket of its own, each authority a journal, all of them one clock."""

from __future__ import annotations

import json
import ssl
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
from mocks.arming import REFRESH, Armed, Arming, Known, Step
from mocks.clock import MockClock
from mocks.desk import Desk
from mocks.guards import rest_guards, soap_guards
from mocks.journal import Entry, Journal
from mocks.keys import Identity
from mocks.platform import Platform
from mocks.rest import RestMock
from mocks.soap import SoapMock

TROUBLE = 599
ChannelKey = tuple[str, str]
"""Authority and channel."""

_SHUTDOWN_SECONDS = 0.1


@dataclass(slots=True)
class _Served:
    """One channel: what serves it, where it listens, and the running server while it does."""

    mock: RestMock | SoapMock
    port: int
    desk: Desk
    runner: web.AppRunner | None = None


@dataclass(slots=True)
class Mocks:
    """Running mocks. Their addresses stay the same when one is stopped and started again."""

    host: str
    clock: MockClock
    faults: Arming
    tls: ssl.SSLContext | None = None
    served: dict[ChannelKey, _Served] = field(default_factory=dict)
    journals: dict[str, Journal] = field(default_factory=dict)
    """By authority."""

    def url(self, authority: str, channel: str) -> str:
        """The channel's origin (scheme, host, port), as the gateway's settings take it; the paths are the interface's."""
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://{self.host}:{self.served[authority, channel].port}"

    def document_url(self, authority: str, channel: str) -> str:
        """Where the channel's OpenAPI document or WSDL is."""
        return self.url(authority, channel) + self.served[authority, channel].mock.document_path

    def arm(
        self,
        person: str,
        authority: str,
        *faults: str | Step,
        times: int | None = None,
        lasting: float | None = None,
        seconds: float | None = None,
        channel: str | None = None,
        operation: str | None = None,
    ) -> Armed:
        """Arms one fault (for good, or so many `times`, or `lasting` so many seconds), or several, one call each.

        Raises:
            CannotArm: a name that is not there, or a fault that this wire cannot have.
        """
        each = 1 if times is None and len(faults) > 1 else times
        steps = [fault if isinstance(fault, Step) else Step(fault, each, lasting, seconds) for fault in faults]
        return self.faults.arm(person, authority, steps, channel=channel, operation=operation)

    def rotate(self, authority: str | None = None, channel: str | None = None) -> int:
        """Ends every secret that the platform handed out for these channels; how many channels that were."""
        found = [
            served.desk.platform
            for (name, of), served in self.served.items()
            if authority in (None, name) and channel in (None, of) and served.desk.platform is not None
        ]
        for platform in found:
            platform.rotate()
        return len(found)

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
        app = web.Application(middlewares=[_trouble(key, served.desk)])
        app.add_routes(served.mock.routes())
        # A caller that hangs up ends its handler: a fault that waits does not wait for nobody.
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS, handler_cancellation=True)
        await runner.setup()
        served.runner = runner
        await web.TCPSite(runner, self.host, served.port, ssl_context=self.tls).start()
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
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Mocks]:
    """Serves every channel that has an identity, until the end of the block. Without ports, free ones are taken.

    Raises:
        BrokenFiles: the scenarios are wrong.
        ValueError: an identity lacks what its channel's dialect needs.
        OSError: a port is taken.
    """
    told = scenarios if scenarios is not None else {name: load_scenarios(folder) for name, folder in folders.items()}
    one = clock if isinstance(clock, MockClock) else MockClock(clock or SystemClock())
    mocks = Mocks(host, one, Arming(_known(folders, cast, identities), one), tls)
    for key, identity in identities.items():
        authority, channel = key
        answers = Answers(folders[authority], told[authority], cast, one)
        journal = mocks.journals.setdefault(authority, Journal())
        mock, desk = _mock(folders[authority], channel, answers, identity, mocks, journal)
        mocks.served[key] = _Served(mock, (ports or {}).get(key, 0), desk)
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


def _known(folders: Mapping[str, AuthorityFolder], cast: Cast, served: Iterable[ChannelKey]) -> Known:
    known = Known(cast.people)
    for authority, name in served:
        channel = folders[authority].contract.channels[name]
        operations = {*channel.operations, *([REFRESH] if channel.signing == "platform_hmac" else [])}
        known.channels.setdefault(authority, {})[name] = (channel.wire, operations)
    return known


def _mock(
    folder: AuthorityFolder, name: str, answers: Answers, identity: Identity, mocks: Mocks, journal: Journal
) -> tuple[RestMock | SoapMock, Desk]:
    channel, clock = folder.contract.channels[name], mocks.clock
    agreed = channel.platform if channel.signing == "platform_hmac" else None
    platform = Platform(agreed, identity, clock) if agreed is not None else None
    desk = Desk(folder.contract.authority, name, answers, mocks.faults, journal, clock, platform)
    if channel.wire == "rest":
        return RestMock(folder, desk, rest_guards(channel, identity, clock, platform)), desk
    return SoapMock(folder, desk, soap_guards(channel, identity, clock, platform)), desk


def _trouble(key: ChannelKey, desk: Desk) -> Middleware:
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
        desk.journal.add(Entry(key[1], None, None, (), "trouble", TROUBLE, why=(why,), at=desk.clock.unix()))
        body = json.dumps({"mock": ".".join(key), "trouble": why}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        return web.Response(status=TROUBLE, reason="Mock Trouble", headers=headers, body=body)

    return middleware
