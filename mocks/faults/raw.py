"""HTTP/1.1 by hand, for replies that aiohttp would be too well-behaved to send."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from mocks.faults.fault import Reply


class Sent(web.StreamResponse):
    """Tells aiohttp that everything has gone out already."""

    def __init__(self) -> None:
        super().__init__()
        self.force_close()

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        return None

    async def write_eof(self, data: bytes | bytearray | memoryview = b"") -> None:
        """Nothing is left to write."""


def transport_of(request: web.Request) -> asyncio.Transport:
    """The connection's transport.

    Raises:
        ConnectionResetError: the caller has gone.
    """
    transport = request.transport
    if transport is None:
        raise ConnectionResetError("the caller has gone")
    return transport


def lines(reply: Reply, *, chunked: bool = False) -> Iterator[bytes]:
    """The head, line by line, the empty one at its end included."""
    yield f"HTTP/1.1 {reply.status} {reply.reason or 'OK'}\r\n".encode()
    for name, value in reply.headers.items():
        yield f"{name}: {value}\r\n".encode()
    yield b"Transfer-Encoding: chunked\r\n" if chunked else b"Content-Length: %d\r\n" % len(reply.body)
    yield b"\r\n"


def head(reply: Reply, *, chunked: bool = False) -> bytes:
    return b"".join(lines(reply, chunked=chunked))
