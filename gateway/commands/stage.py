"""What a demonstration plays on: a temporary installation, and every authority as a mock, on free loopback ports."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway import app, installation
from gateway.clock import Clock
from gateway.commands import scaffold
from gateway.commands.ports import free_ports
from gateway.contract.folders import AuthorityFolder, load_authorities, shipped
from gateway.contract.people import Cast
from gateway.installation import Installation
from gateway.settings import Listen
from mocks.server import Mocks, cast_of, start
from mocks.settings import identity, load_settings

DAYS_BACK = 36500
"""The cast's stories are told as of the briefing in 2018, so the installation takes old application dates."""


@dataclass(slots=True)
class Stage:
    """Everything but the gateway: `app.running(stage.installed, clock, stage.sockets())` runs one, as often as wanted."""

    home: Path
    installed: Installation
    folders: dict[str, AuthorityFolder]
    cast: Cast
    mocks: Mocks
    ports: tuple[int, int]
    """The gateway's own: for consumers, and for operators."""
    _bound: tuple[socket.socket, socket.socket]

    @property
    def url(self) -> str:
        """Where consumers ask."""
        return f"http://127.0.0.1:{self.ports[0]}"

    def sockets(self) -> tuple[socket.socket, socket.socket]:
        """Bound to those ports. `app.running` closes them; then the next ones are made."""
        public, admin = (
            held if held.fileno() != -1 else app.listen_on(Listen(port=port))
            for held, port in zip(self._bound, self.ports, strict=True)
        )
        return public, admin


@asynccontextmanager
async def set_up(clock: Clock) -> AsyncIterator[Stage]:
    """The stage, until the end of the block; nothing is left running or lying about afterwards."""
    folders = load_authorities(shipped())
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-stage-"))) / "home"
        public, admin = (stack.enter_context(app.listen_on(Listen(port=0))) for _ in range(2))
        channels = [(name, channel) for name, folder in folders.items() for channel in folder.contract.channels]
        ports = dict(zip(channels, free_ports(len(channels)), strict=True))
        own = public.getsockname()[1], admin.getsockname()[1]
        at = scaffold.Addresses(*own, ports)
        scaffold.write(home, folders, at, clock, DAYS_BACK)
        cast, scenarios = cast_of(folders.values())
        named = load_settings(home)
        identities = {(a, c): identity(home, named.authorities[a][c]) for a, c in ports}
        mocks = await stack.enter_async_context(start(folders, cast, identities, scenarios=scenarios, ports=ports))
        yield Stage(home, installation.read(home), folders, cast, mocks, own, (public, admin))
