"""A server whose every byte is written down beforehand, connection by connection."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from yarl import URL

from gateway.calling.wire import Wire

LIMIT = 1000
PATIENCE_SECONDS = 30
"""A test whose server is asked something else than its script says ends by this, and not never."""
HANG_UP = b""
"""Ends the connection instead of an answer."""


def ok(body: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers, b"", body])


@dataclass
class Script:
    """A server that gives these answers, one for each request on each connection's own list; it keeps count."""

    connections: list[list[bytes]]
    asked: list[int] = field(default_factory=list)
    """The connection of each request."""
    opened: int = 0
    ended: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    """Connections that the caller ended."""
    reads: bool = True
    port: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = self.opened
        self.opened += 1
        self.writers.append(writer)
        try:
            for answer in self.connections[number]:
                head = await reader.readuntil(b"\r\n\r\n")
                self.asked.append(number)
                if self.reads:
                    await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
                if answer == HANG_UP:
                    return
                writer.write(answer)
            while await reader.read(65536):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
        self.ended.put_nowait(number)

    def url(self, scheme: str = "http", host: str = "127.0.0.1") -> URL:
        return URL(f"{scheme}://{host}:{self.port}/")

    @asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[Script]:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        async with server, asyncio.timeout(PATIENCE_SECONDS):
            yield self
            for writer in self.writers:
                writer.close()


async def ask(wire: Wire, script: Script, body: bytes = b"?") -> bytes:
    return (await wire.post(script.url(), {}, body, limit=LIMIT)).body
