"""A second department for tests: a real witness over a socket, which can be stopped and started again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from gateway import app
from gateway.commands.ports import free_ports
from gateway.commands.witness import log_keys
from gateway.contract.files import load_or_raise
from gateway.contract.ring import RingFile
from gateway.ledger.witness import Held, Witness
from gateway.proofs import notes
from gateway.proofs.notes import Kind, NoteKey
from gateway.security import keys
from gateway.security.signatures import Signer
from gateway.settings import Settings
from gateway.web import own_keys
from gateway.web.framing import Runner
from gateway.web.witness import application
from tests.still import StillClock
from tests.system import HastyClock, Site

NAME = "witness.example/w1"
RESULTS = ("cosigned", "absent", "refused", "false")


class MovedClock(HastyClock):
    """A machine's clock whose monotonic time a test moves on: pauses pass, and nothing waits."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


@dataclass
class Department:
    """Its key, its port, and what it holds; `serving` is the witness at work."""

    here: Site
    folder: Path
    signer: Signer
    key: NoteKey
    port: int

    @classmethod
    def beside(cls, here: Site, folder: Path) -> Department:
        """Named in the settings of the gateway."""
        private, public = keys.new_ed25519()
        (port,) = free_ports(1)
        (here.home / "keys" / "w1.pub.pem").write_bytes(public)

        def name(settings: dict[str, Any]) -> None:
            at = {"name": NAME, "url": f"http://127.0.0.1:{port}", "public_key": "keys/w1.pub.pem"}
            settings["audit"]["witnesses"] = [at]
            settings["outbound"].append(f"127.0.0.1:{port}")

        here.change(name)
        key = notes.key_of_pem(NAME, Kind.COSIGNATURE, public.decode())
        return cls(here, folder, keys.signer("w1", private), key, port)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """The witness, until the end of the block; it knows the log's keys from the gateway's document."""
        self.folder.mkdir(exist_ok=True)
        document = self.folder.with_suffix(".json")
        home = self.here.home
        ring, settings = load_or_raise(home / "keys" / "ring.yaml", RingFile), self.settings
        document.write_bytes(own_keys.published(ring, own_keys.ledger_of(home, settings.audit)))
        with Held(self.folder) as held:
            witness = Witness(self.key, self.signer, {self.origin: log_keys(document)}, held)
            runner = Runner(application(witness, held, StillClock()), lambda _: None, shutdown_seconds=0)
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", self.port).start()
                yield
            finally:
                await runner.cleanup()

    @property
    def origin(self) -> str:
        return self.settings.audit.origin

    @property
    def settings(self) -> Settings:
        return load_or_raise(self.here.home / "gateway.yaml", Settings)


async def round_of(running: app.Running, clock: MovedClock) -> dict[str, float]:
    """Lets every pause pass, shows the newest head, and gives what came of all rounds: submissions by result."""
    await _ended()
    clock.ahead += 60
    await running.reload()
    await _ended()
    sample = running.metrics.registry.get_sample_value
    named = {each: {"witness": NAME, "result": each} for each in RESULTS}
    return {each: sample("gateway_ledger_witness_submissions_total", labels) or 0 for each, labels in named.items()}


async def _ended() -> None:
    rounds = [task for task in asyncio.all_tasks() if "Witnesses._round" in repr(task.get_coro())]
    if rounds:
        await asyncio.wait(rounds)
