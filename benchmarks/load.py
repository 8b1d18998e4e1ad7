"""Callers over raw sockets: each has one connection, which stays open, and asks again when it has its answer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Self

from benchmarks.http1 import Messages

LIMIT_SECONDS = 90
"""For one stretch of questions; no run hangs."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request as it goes on the wire, and whatever its answer needs to be proved."""

    raw: bytes
    proof: Any = None


Answered = Callable[[Ask, bytes, bytes], None]
"""Told of every answer: what was asked, its head, its body. Raises for a wrong one."""


class Callers:
    """A fixed number of callers of one server."""

    def __init__(self, answered: Answered) -> None:
        self.answered = answered
        self.asks: deque[Ask] = deque()
        self.latencies: list[float] = []
        self._callers: list[_Caller] = []
        self._left = 0
        self._done: asyncio.Future[None] | None = None

    @classmethod
    async def connect(cls, port: int, number: int, answered: Answered) -> Self:
        found = cls(answered)
        loop = asyncio.get_running_loop()
        for _ in range(number):
            _, caller = await loop.create_connection(lambda: _Caller(found), "127.0.0.1", port)
            found._callers.append(caller)
        return found

    async def ask(self, asks: Sequence[Ask]) -> list[float]:
        """Asks everything once, all callers side by side; the seconds that each answer took. Raises what `answered` raises."""
        self.asks.extend(asks)
        self.latencies = []
        self._left = len(asks)
        self._done = asyncio.get_running_loop().create_future()
        for caller in self._callers:
            caller.next()
        async with asyncio.timeout(LIMIT_SECONDS):
            await self._done
        return self.latencies

    def one_done(self, seconds: float) -> None:
        self.latencies.append(seconds)
        self._left -= 1
        if self._left == 0 and self._done is not None and not self._done.done():
            self._done.set_result(None)

    def failed(self, error: Exception) -> None:
        self.asks.clear()
        if self._done is not None and not self._done.done():
            self._done.set_exception(error)

    def close(self) -> None:
        for caller in self._callers:
            caller.close()


class _Caller(asyncio.Protocol):
    def __init__(self, callers: Callers) -> None:
        self._callers = callers
        self._messages = Messages()
        self._transport: Any = None
        self._asked: Ask | None = None
        self._at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def next(self) -> None:
        """Asks what comes next, if anything does."""
        if self._callers.asks:
            self._asked = self._callers.asks.popleft()
            self._at = perf_counter()
            self._transport.write(self._asked.raw)

    def data_received(self, data: bytes) -> None:
        for head, body in self._messages.feed(data):
            asked, self._asked = self._asked, None
            seconds = perf_counter() - self._at
            try:
                if asked is None:
                    raise ConnectionError("an answer that nobody asked for")
                self._callers.answered(asked, head, body)
            except Exception as error:
                self._callers.failed(error)
                return
            self.next()
            self._callers.one_done(seconds)

    def connection_lost(self, error: Exception | None) -> None:
        if self._asked is not None:
            self._callers.failed(ConnectionError(f"the server closed the connection ({error})"))

    def close(self) -> None:
        self._transport.close()
