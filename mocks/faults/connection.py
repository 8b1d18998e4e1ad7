"""Connections that break: every byte here goes past aiohttp, straight to the transport."""

from __future__ import annotations

import asyncio
import socket
import struct

from aiohttp import web

from mocks.faults.fault import Fault, Given, Reply
from mocks.faults.raw import head, transport_of


async def _close(request: web.Request, reply: Reply, given: Given) -> None:
    transport_of(request).close()


async def _reset(request: web.Request, reply: Reply, given: Given) -> None:
    reset(transport_of(request))


async def _reset_mid_body(request: web.Request, reply: Reply, given: Given) -> None:
    transport = transport_of(request)
    transport.write(head(reply) + _half(reply))
    # A reset throws away what the peer has not read: one turn of the loop, then the bytes are on their way.
    await given.clock.sleep(given.seconds)
    reset(transport)


async def _cut_body(request: web.Request, reply: Reply, given: Given) -> None:
    transport = transport_of(request)
    transport.write(head(reply) + _half(reply))
    transport.close()


async def _malformed_chunk(request: web.Request, reply: Reply, given: Given) -> None:
    transport = transport_of(request)
    chunk = _half(reply)
    transport.write(head(reply, chunked=True) + b"%x\r\n%s\r\n" % (len(chunk), chunk) + b"zz\r\n")
    transport.close()


def reset(transport: asyncio.Transport) -> None:
    """Closes with RST instead of FIN: lingering zero seconds throws the connection away."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _half(reply: Reply) -> bytes:
    return reply.body[: len(reply.body) // 2]


FAULTS = {
    "unreachable": Fault(
        zh="接受连接后立即关闭，一个字节也不发",
        en="the connection is closed at once, without a byte (nobody can refuse it after accepting)",
        send=_close,
    ),
    "reset": Fault(zh="连接被重置（RST）", en="the connection is reset (RST) without a byte", send=_reset),
    "reset_mid_body": Fault(
        zh="发送一半正文后重置连接", en="half the body, then a reset", seconds=0.02, send=_reset_mid_body
    ),
    "cut_body": Fault(
        zh="正文比声明的长度短，连接正常关闭",
        en="half of the body that Content-Length announced, then a clean close",
        send=_cut_body,
    ),
    "malformed_chunk": Fault(
        zh="分块传输的块长度不是数字",
        en="a chunked body whose second chunk has no size that is one",
        send=_malformed_chunk,
    ),
}
