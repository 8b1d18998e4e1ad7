"""Connections to authorities, each with one question at a time, and kept for the next while nothing speaks against it."""

from __future__ import annotations

import asyncio
import select
import ssl
from typing import Final, cast

from gateway.calling.http1 import Incoming, Reply
from gateway.errors import Trouble, Unreachable

IDLE_SECONDS: Final = 4.0
"""How long a connection is kept without a question: less than the five seconds after which usual servers end it."""

Origin = tuple[str, int, ssl.SSLContext | None]
"""Host, port, and how the peer must prove itself: what shares connections."""


class Connection(asyncio.Protocol):
    """One connection; once closed, by whichever side, it is never opened again."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport
        self._incoming: Incoming | None = None
        self._asked: asyncio.Future[Reply] | None = None
        self.is_open = False
        self.is_idle = False
        """Whole and clean after its last question: may be asked the next one."""
        self.idle_since = 0.0
        self.lost: Final[asyncio.Future[None]] = loop.create_future()
        """Done when the socket is closed."""
        self._arriving: select.poll | None = None

    async def ask(self, request: bytes, limit: int) -> Reply:
        """Sends once and reads one reply with at most `limit` bytes of body. Whoever is cancelled here closes it.

        Raises Unreachable or BadReply, and is closed then.
        """
        self.is_idle = False
        if not self.is_open:
            raise Unreachable("the connection was closed before it was used")
        self._incoming, self._asked = Incoming(limit), self._loop.create_future()
        self._transport.write(request)
        try:
            reply = await self._asked
        except BaseException:  # cancelled too: the reply to this question must not meet the next one
            self.close()
            raise
        finally:
            self._incoming = self._asked = None
        if not self.is_idle:
            self.close()
        return reply

    @property
    def is_silent(self) -> bool:
        """Open, and neither bytes nor an end wait in the socket that the loop has not come to tell of yet."""
        return self.is_open and not (self._arriving is not None and self._arriving.poll(0))

    def close(self) -> None:
        """Ends it now: what is on its way in either direction is lost."""
        if self.is_open:
            self.is_open = self.is_idle = False
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True
        if hasattr(select, "poll"):  # not on Windows: there, what comes too late to be seen costs an attempt
            self._arriving = select.poll()
            self._arriving.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        incoming = self._incoming
        if incoming is None or incoming.reply is not None:
            self.close()  # an answer to no question: the next one must not find it here
            return
        try:
            is_whole = incoming.feed(data)
        except Trouble as trouble:
            self._fail(trouble)
        else:
            if is_whole:
                self._finish(incoming)

    def eof_received(self) -> None:
        self._ended(is_clean=True)

    def connection_lost(self, error: Exception | None) -> None:
        self._ended(is_clean=error is None)
        self.lost.set_result(None)

    def _finish(self, incoming: Incoming) -> None:
        # A reply that came before the whole question left: what is still to leave would stand before the next one.
        self.is_idle = incoming.is_keepable and self.is_open and not self._transport.get_write_buffer_size()
        if self._asked is not None and not self._asked.done() and incoming.reply is not None:
            self._asked.set_result(incoming.reply)

    def _ended(self, *, is_clean: bool) -> None:
        incoming = self._incoming
        if incoming is not None and incoming.reply is None:
            try:
                if not is_clean:
                    raise Unreachable("the connection broke on the wire")
                incoming.end()
            except Trouble as trouble:
                self._fail(trouble)
            else:
                self._finish(incoming)
        self.close()

    def _fail(self, trouble: Trouble) -> None:
        self.close()
        if self._asked is not None and not self._asked.done():
            self._asked.set_exception(trouble)


class Pool:
    """Connections by origin, the newest first. How many there may be is bounded by the places of each channel, not here."""

    def __init__(self, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._idle: dict[Origin, list[Connection]] = {}
        self._all: set[Connection] = set()
        self._sweep: asyncio.TimerHandle | None = None

    def take(self, origin: Origin) -> Connection | None:
        """An idle connection, if there is one that can still be believed to be open."""
        kept = self._idle.get(origin)
        oldest = asyncio.get_running_loop().time() - self._idle_seconds
        while kept:
            connection = kept.pop()
            if connection.idle_since > oldest and connection.is_silent:
                return connection
            connection.close()
        return None

    async def connect(self, origin: Origin) -> Connection:
        """A new one, to any of the host's addresses. Raises OSError, and UnicodeError for a name that can be no host's."""
        host, port, tls = origin
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: Connection(loop), host, port, ssl=tls)
        self._all.add(connection)
        connection.lost.add_done_callback(lambda _: self._all.discard(connection))
        return connection

    def keep(self, origin: Origin, connection: Connection) -> None:
        """Takes back a connection after its question, if it may carry another."""
        if not connection.is_idle:
            return
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.setdefault(origin, []).append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(self._idle_seconds, self._close_old)

    def drop(self, origin: Origin) -> None:
        """Ends the idle ones of that origin."""
        for connection in self._idle.pop(origin, []):
            connection.close()

    def _close_old(self) -> None:
        self._sweep = None
        loop = asyncio.get_running_loop()
        oldest = loop.time() - self._idle_seconds
        for origin, kept in list(self._idle.items()):
            for connection in kept:
                if connection.idle_since <= oldest:
                    connection.close()
            self._idle[origin] = [connection for connection in kept if connection.is_open]
            if not self._idle[origin]:
                del self._idle[origin]
        if self._idle:
            self._sweep = loop.call_later(self._idle_seconds, self._close_old)

    async def close(self) -> None:
        """Ends every connection, those with a question too, and returns when their sockets are closed."""
        if self._sweep is not None:
            self._sweep.cancel()
        closing = list(self._all)
        for connection in closing:
            connection.close()
        if closing:
            await asyncio.wait([connection.lost for connection in closing])
