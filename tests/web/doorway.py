"""The door alone, on a real socket: a still clock, a ledger and a handler that only remember."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.model import SignedRequest
from gateway.security import keys
from gateway.security.grants import Consumer, Known
from gateway.security.holders import InProcess, KeyHolder
from gateway.security.keys import Ed25519Signer, Ed25519Verifier, Verifier
from gateway.web import listeners
from gateway.web.admission import PART, Admission, Cost
from gateway.web.asked import Asked as Taken
from gateway.web.asked import Route
from gateway.web.door import Door
from gateway.web.entrance import Entrance
from gateway.web.framing import Runner
from gateway.web.hosts import Hosts
from gateway.web.sealing import Given
from tests.still import StillClock
from tests.wire import PATH, Asked, Reply, exchange, proved

BODY = b'{"question": 1}'
PAIRS = {"ecdsa-p256-sha256": keys.new_p256(), "sm2-sm3": keys.new_sm2()}
"""The counter's other keys, private and public, by algorithm; their ids are `<algorithm>-test-key`."""
SERVED = ("gw.example", "other.example:8443")
PROXY = "127.0.0.0/8"
"""Where the requests of these tests come from."""


@dataclass
class LedgerDouble:
    """Keeps what it is told; fails as it is told to."""

    refusals: list[tuple[str, str]] = field(default_factory=list)
    fails_with: Exception | None = None
    arrivals: dict[str, int] = field(default_factory=dict)

    async def refused(self, consumer: str, signed: SignedRequest, code: str) -> None:
        if self.fails_with is not None:
            raise self.fails_with
        self.refusals.append((consumer, code))

    def arrival(self, consumer: str) -> int | None:
        return self.arrivals.get(consumer)

    async def writable(self) -> bool:
        return self.fails_with is None


def entrance(cap: int, wait_seconds: float = 8.0) -> Entrance:
    """An entrance whose cap nothing moves; a counter waits that long for a place."""
    return Entrance(Admission(Cost(lambda: 0.0, lambda: 0.0), wait_seconds * PART * PART, cap, cap))


@dataclass
class Doorway:
    """What stands before the door (`ask`, `send`) and behind it (`taken`, `ledger`, `counted`)."""

    address: str = ""
    clock: StillClock = field(default_factory=StillClock)
    consumer: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    batch: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    gateway: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    ledger: LedgerDouble = field(default_factory=LedgerDouble)
    taken: list[Taken] = field(default_factory=list)
    counted: list[str] = field(default_factory=list)
    forwarded: int = 0
    refused: asyncio.Event = field(default_factory=asyncio.Event)
    fails_with: Exception | None = None
    holder: KeyHolder = field(init=False)
    entrance: Entrance = field(kw_only=True)
    unblocked: asyncio.Event | None = None
    """The handler waits for it, if there is one."""

    def __post_init__(self) -> None:
        self.holder = InProcess(Ed25519Signer("gateway-answers", self.gateway))

    def count(self, code: str) -> None:
        self.counted.append(code)
        self.refused.set()

    def forward(self) -> None:
        self.forwarded += 1

    async def handle(self, asked: Taken) -> Given:
        self.taken.append(asked)
        if self.unblocked is not None:
            await self.unblocked.wait()
        if self.fails_with is not None:
            raise self.fails_with
        return Given(b'{"answer": 1}')

    def ask_with(self, alg: str, **changes: Any) -> Asked:
        """The counter, with a key of another algorithm."""
        signer = keys.signer(f"{alg}-test-key", PAIRS[alg][0])
        return self.ask(key=signer, keyid=signer.keyid, alg=alg, **changes)

    def ask_in_bulk(self, **changes: Any) -> Asked:
        """A consumer of the other lane."""
        return self.ask(**{"key": self.batch, "keyid": "batch-test-key", **changes})

    def ask(self, body: bytes = BODY, **changes: Any) -> Asked:
        return Asked(SERVED[0], self.consumer, self.clock.unix(), body).again(**changes)

    async def send(self, asked: Asked, *more: str) -> Reply:
        return await exchange(self.address, asked.bytes(*more))

    async def refusal(self, asked: Asked, *more: str) -> tuple[int, str]:
        """Status and code; fails if the request was let through, or the refusal is not signed."""
        reply = await self.send(asked, *more)
        assert self.taken == []
        assert self.is_bound(reply, asked) is False
        return reply.status, reply.code

    def is_bound(self, reply: Reply, asked: Asked, **changes: Any) -> bool:
        return proved(reply, asked, self.gateway.public_key(), **changes)


@asynccontextmanager
async def doorway(
    body_seconds: float = 10, head_seconds: float = 10, keep_alive_seconds: float = 75, is_behind_proxy: bool = False,
    cap: int = 1000,
) -> AsyncIterator[Doorway]:  # fmt: skip
    here = Doorway(entrance=entrance(cap))
    counter = Consumer("counter", ())
    verifiers: list[Verifier] = [Ed25519Verifier("counter-test-key", here.consumer.public_key())]
    verifiers += [keys.verifier(f"{alg}-test-key", public) for alg, (_, public) in PAIRS.items()]
    bulk, batch = Consumer("batch", (), lane="bulk"), Ed25519Verifier("batch-test-key", here.batch.public_key())
    routes = (
        Route("POST", PATH.__eq__, here.handle),
        Route("GET", lambda path: path.startswith(f"{PATH}/"), here.handle),
    )
    door = Door(
        routes,
        {verifier.keyid: Known(counter, verifier) for verifier in verifiers} | {"batch-test-key": Known(bulk, batch)},
        lambda: here.holder,
        Hosts(SERVED, [ip_network(PROXY)] if is_behind_proxy else [], here.clock, here.forward),
        here.ledger,  # type: ignore[arg-type]
        here.clock,
        here.count,
        here.entrance,
        body_seconds,
    )
    app = listeners.public(door, here.ledger, lambda: b"{}")  # type: ignore[arg-type]
    runner = Runner(
        app, here.count, head_seconds=head_seconds, keep_alive_seconds=keep_alive_seconds, linger_seconds=0,
        shutdown_seconds=0.1,
    )  # fmt: skip
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here.address = f"127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield here
    finally:
        await runner.cleanup()
