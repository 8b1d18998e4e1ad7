"""A system of tests with TLS on every connection: one private CA, and a certificate of it for each party."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from gateway import app
from gateway.client import AsyncClient
from gateway.commands.scaffold import CONSUMER_KEY
from gateway.security import tls
from mocks.server import Mocks, start
from tests.private_ca import PrivateCa
from tests.system import HastyClock, Site, System, identities, site, told

APPLICANT = ("P03", "P01")
MATERIAL = "guardianship_proof"


@dataclass
class Guarded:
    """Consumer, gateway and authorities, each with a certificate of the one private CA."""

    here: Site
    ca: PrivateCa
    mocks: Mocks
    running: app.Running
    clock: HastyClock

    @property
    def keys(self) -> Path:
        return self.here.home / "keys"

    def context(self, certificate: str | None = "counter-tls", ca: Path | None = None) -> ssl.SSLContext:
        """What a consumer calls with."""
        pair = (
            (None, None)
            if certificate is None
            else (self.keys / f"{certificate}.crt", self.keys / f"{certificate}.pem")
        )
        return tls.called(ca or self.ca.file, *pair, None)

    def counter(self, context: ssl.SSLContext) -> AsyncClient:
        return AsyncClient(
            self.running.url,
            keyid=CONSUMER_KEY,
            private_key=self.keys / "counter.pem",
            gateway_keys={"gateway-answers": self.keys / "answers.pub.pem"},
            tls=context,
        )

    async def ask(self, context: ssl.SSLContext | None = None) -> Any:
        """The decision about one child, whose guardian two authorities know."""
        async with self.counter(context or self.context()) as counter:
            asks = System(self.here.home, self.running, self.mocks, told()[1], counter, counter)
            return (await asks.ask(*APPLICANT, materials=[MATERIAL])).materials[0]

    async def restart(self, authority: str) -> None:
        """The authority's connections end and its certificate is read again."""
        await self.mocks.stop_one(authority)
        await self.mocks.start_one(authority)

    def pass_by(self, seconds: float) -> None:
        self.clock.rest(seconds)

    async def metrics(self) -> str:
        async with httpx.AsyncClient(verify=self.context(), trust_env=False) as http:
            return (await http.get(f"{self.running.admin_url}/metrics")).text


def settled(ca: PrivateCa, keys: Path, settings: dict[str, Any]) -> None:
    """Puts TLS into the settings of a plain installation."""
    served = {"certificate": "keys/gateway-tls.crt", "private_key": "keys/gateway-tls.pem"}
    ca.issue("gateway-tls")
    ca.issue("gateway-calls", ["gateway.example"])
    ca.issue("counter-tls", ["counter.example"])
    ca.issue("authorities", ["authority.example"])
    settings["listen"]["tls"] = {**served, "client_ca": "keys/ca.crt"}
    settings["admin"]["tls"] = served
    for channels in settings["authorities"].values():
        for endpoint in channels.values():
            endpoint["url"] = endpoint["url"].replace("http:", "https:")
            endpoint["tls"] = {
                "ca": "keys/ca.crt", "certificate": "keys/gateway-calls.crt", "private_key": "keys/gateway-calls.pem",
                "server_name": "authority.example",
            }  # fmt: skip


@asynccontextmanager
async def guarded(home: Path) -> AsyncIterator[Guarded]:
    async with site(home) as here:
        keys, clock = here.home / "keys", HastyClock()
        ca = PrivateCa(keys)
        here.change(lambda settings: settled(ca, keys, settings))
        folders, cast, scenarios = told()
        context = tls.served(keys / "authorities.crt", keys / "authorities.pem", ca.file, True)
        mocked = start(folders, cast, identities(home), scenarios=scenarios, ports=here.ports, tls=context)
        async with mocked as mocks, here.serving(clock) as running:
            yield Guarded(here, ca, mocks, running, clock)
