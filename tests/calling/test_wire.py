"""The wire against a server that is written byte by byte: everything that a connection can do to us."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from yarl import URL

from gateway.calling.wire import Wire
from gateway.errors import BadReply, Unreachable

LIMIT = 1000


@dataclass
class Raw:
    """A server that reads one request, writes these bytes and closes (or resets). It keeps what it was sent."""

    answer: bytes = b""
    is_reset: bool = False
    stays_open: bool = False
    requests: list[bytes] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        self.requests.append(head + await reader.readexactly(length))
        writer.write(self.answer)
        if self.stays_open:
            with suppress(ConnectionError):
                await reader.read()
            self.gone.set()
        if self.is_reset:
            raw: socket.socket = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        writer.close()


@asynccontextmanager
async def asked(raw: Raw) -> AsyncIterator[Callable[[], object]]:
    """Posts to the server; gives a function that does it once."""
    server = await asyncio.start_server(raw.serve, "127.0.0.1", 0)
    url = URL(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/a%2Fb", encoded=True)
    async with server, Wire() as wire:
        yield lambda: wire.post(url, {"Content-Type": "text/xml", "X-One": "1"}, b"body", limit=LIMIT)


def ok(body: bytes = b"", *headers: bytes, status: bytes = b"200 OK", length: int | None = None) -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % (len(body) if length is None else length), *headers]
    return b"\r\n".join([*lines, b"", b""]) + body


async def test_bytes_go_out_and_come_back_as_they_are():
    raw = Raw(ok(b"\x00\xff", b"Content-Type: a/b", b"Retry-After: 3"))
    async with asked(raw) as post:
        reply = await post()
    assert (reply.status, reply.body, reply.headers["retry-after"]) == (200, b"\x00\xff", "3")
    (sent,) = raw.requests
    head, _, body = sent.partition(b"\r\n\r\n")
    assert body == b"body"
    assert head.startswith(b"POST /a%2Fb HTTP/1.1\r\n")
    names = {line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:]}
    assert names == {b"host", b"content-type", b"x-one", b"content-length"}


async def test_a_refused_connection_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    async with Wire() as wire:
        with pytest.raises(Unreachable, match="on the wire"):
            await wire.post(URL(f"http://127.0.0.1:{port}/"), {}, b"", limit=LIMIT)


async def test_a_host_that_does_not_exist_is_unreachable():
    async with Wire() as wire:
        with pytest.raises(Unreachable):
            await wire.post(URL("http://registry.invalid/"), {}, b"", limit=LIMIT)


CUT_SHORT = [
    Raw(b""),
    Raw(b"", is_reset=True),
    Raw(b"HTTP/1.1 200 OK\r\nContent-Le"),
    Raw(ok(b"half", length=100)),
    Raw(ok(b"half", length=100), is_reset=True),
    Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
    Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"),
]


@pytest.mark.parametrize("raw", CUT_SHORT, ids=range(len(CUT_SHORT)))
async def test_what_breaks_before_its_end_is_unreachable(raw):
    async with asked(Raw(raw.answer, raw.is_reset)) as post:
        with pytest.raises(Unreachable) as refused:
            await post()
    assert refused.value.retryable


GARBAGE = [
    b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    b"HTTP/1.1 abc OK\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"<html>200 OK</html>\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nBad Header : x\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000 + b"\r\n\r\n",
]


@pytest.mark.parametrize("answer", GARBAGE, ids=range(len(GARBAGE)))
async def test_what_is_not_http_is_a_bad_reply(answer):
    async with asked(Raw(answer)) as post:
        with pytest.raises(BadReply, match="not HTTP"):
            await post()


async def test_a_chunk_that_is_no_chunk_is_never_an_answer():
    async with asked(Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab")) as post:
        with pytest.raises((BadReply, Unreachable)):
            await post()


async def test_as_much_as_the_contract_allows_is_read():
    async with asked(Raw(ok(b"x" * LIMIT))) as post:
        assert len((await post()).body) == LIMIT


async def test_more_is_refused_by_its_length_before_it_is_read():
    raw = Raw(ok(b"", length=LIMIT + 1), stays_open=True)
    async with asked(raw) as post:
        with pytest.raises(BadReply, match="larger"):
            await post()
        await raw.gone.wait()


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT * 1000])
async def test_more_is_refused_while_it_streams_and_the_connection_is_dropped(size):
    chunk = b"%x\r\n%s\r\n" % (size, b"x" * size)
    raw = Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk, stays_open=True)
    async with asked(raw) as post:
        with pytest.raises(BadReply, match="larger"):
            await post()
        await raw.gone.wait()


async def test_a_body_until_the_end_of_the_connection_is_cut_too():
    async with asked(Raw(b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * (LIMIT + 1))) as post:
        with pytest.raises(BadReply, match="larger"):
            await post()


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"deflate", b"identity"])
async def test_a_compressed_reply_is_refused_unread(encoding):
    async with asked(Raw(ok(gzip.compress(b"x" * 100), b"Content-Encoding: " + encoding))) as post:
        with pytest.raises(BadReply, match="compressed"):
            await post()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_a_reply_and_is_not_followed(status):
    raw = Raw(ok(b"", b"Location: /elsewhere", status=b"%d Moved" % status))
    async with asked(raw) as post:
        assert (await post()).status == status
    assert len(raw.requests) == 1


async def test_cookies_are_not_kept():
    raw = Raw(ok(b"", b"Set-Cookie: session=1; Path=/", b"Connection: close"))
    async with asked(raw) as post:
        await post()
        await post()
    assert len(raw.requests) == 2
    assert all(b"cookie" not in sent.lower() for sent in raw.requests)


async def test_the_proxy_of_the_environment_is_not_used(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with asked(Raw(ok(b"direct"))) as post:
        assert (await post()).body == b"direct"


async def test_a_cancelled_call_closes_its_connection():
    raw = Raw(b"", stays_open=True)
    async with asked(raw) as post:
        task = asyncio.ensure_future(post())
        while not raw.requests:
            await asyncio.wait([task], timeout=0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await raw.gone.wait()
