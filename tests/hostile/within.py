"""The real door on raw bytes without a socket: aiohttp's own parser, then `Door.serve`, in one coroutine that never waits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpRequestParser
from aiohttp.http_exceptions import HttpProcessingError

from gateway.security import keys
from gateway.security.grants import Consumer, Known
from gateway.security.holders import InProcess
from gateway.security.keys import Verifier
from gateway.web.asked import Asked as Taken
from gateway.web.asked import Given, Route
from gateway.web.door import Door
from gateway.web.framing import MAX_HEADERS
from gateway.web.hosts import Hosts
from tests.still import StillClock
from tests.web.doorway import SERVED, LedgerDouble, entrance
from tests.wire import PATH, Asked

PAIRS = {"ed25519": keys.new_ed25519(), "ecdsa-p256-sha256": keys.new_p256(), "sm2-sm3": keys.new_sm2()}
"""The counter's keys by algorithm; their ids are `<algorithm>-key`."""


class _Wire(BaseProtocol):
    """A connection that is none."""

    ssl_context = None
    peername = ("127.0.0.1", 1)
    sockname = ("127.0.0.1", 2)


@dataclass
class Outcome:
    """What became of bytes."""

    status: int
    code: str
    """Of the refusal; empty where the request was taken."""
    request: web.BaseRequest | None = None
    taken: Taken | None = None
    response: web.StreamResponse | None = None


@dataclass
class Within:
    """A door with a still clock. `verifiers` replaces what stands for the counter's keys."""

    verifiers: dict[str, Verifier] = field(default_factory=dict)
    clock: StillClock = field(default_factory=StillClock)

    def __post_init__(self) -> None:
        self._taken: list[Taken] = []
        self._refused: list[str] = []
        known = {f"{alg}-key": keys.verifier(f"{alg}-key", public) for alg, (_, public) in PAIRS.items()}
        counter = Consumer("counter", ())
        holder = InProcess(keys.signer("gateway-answers", PAIRS["ed25519"][0]))
        self._wire = _Wire(asyncio.get_running_loop(), None)
        self.door = Door(
            (Route("POST", PATH.__eq__, self._take), Route("GET", f"{PATH}/1".__eq__, self._take)),
            {keyid: Known(counter, verifier) for keyid, verifier in {**known, **self.verifiers}.items()},
            lambda: holder,
            Hosts(SERVED, [], self.clock, lambda: None),
            LedgerDouble(),  # type: ignore[arg-type]
            self.clock,
            self._refused.append,
            entrance(1000),
        )

    async def _take(self, asked: Taken) -> Given:
        self._taken.append(asked)
        return Given(b"{}")

    def ask(self, alg: str, body: bytes, **changes: Any) -> Asked:
        """A good request, signed once."""
        key = keys.signer(f"{alg}-key", PAIRS[alg][0])
        asked = Asked(SERVED[0], key, self.clock.unix(), body, keyid=key.keyid, alg=alg).again(**changes)
        return asked.again(sent=asked.signed())

    async def send(self, data: bytes) -> Outcome:
        """What the connection would do with these bytes, were they the last before its end."""
        parser = HttpRequestParser(
            self._wire, self._wire._loop, 65536, max_line_size=8190, max_field_size=8190, max_headers=MAX_HEADERS,
            payload_exception=web.RequestPayloadError, auto_decompress=False, max_msg_queue_size=32,
        )  # fmt: skip
        self._wire._parser = parser
        try:
            messages, _, _ = parser.feed_data(data)
        except HttpProcessingError:
            return Outcome(400, "framing")
        if not messages:
            return Outcome(0, "incomplete")
        message, payload = messages[0]
        if not payload.is_eof():
            payload.set_exception(web.RequestPayloadError())
        task: Any = None
        request = web.BaseRequest(message, payload, self._wire, task, task, self._wire._loop)  # type: ignore[arg-type]
        self._taken.clear()
        self._refused.clear()
        response = await self.door.serve(request)  # type: ignore[arg-type]
        (taken,), (code,) = self._taken or [None], self._refused or [""]
        return Outcome(response.status, code, request, taken, response)
