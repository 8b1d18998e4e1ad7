"""Replies that take their time. `seconds` is what the fault is armed with; the wait ends when the caller hangs up."""

from __future__ import annotations

from aiohttp import web

from mocks.faults.fault import Fault, Given, Reply
from mocks.faults.raw import head, lines, transport_of

PIECES = 10


async def _hang(request: web.Request, reply: Reply, given: Given) -> None:
    await given.clock.sleep(given.seconds)
    transport_of(request).close()


async def _slow_first_byte(request: web.Request, reply: Reply, given: Given) -> None:
    await given.clock.sleep(given.seconds)
    transport_of(request).write(head(reply) + reply.body)


async def _drip_body(request: web.Request, reply: Reply, given: Given) -> None:
    transport_of(request).write(head(reply))
    size = max(1, -(-len(reply.body) // PIECES))
    for at in range(0, len(reply.body), size):
        await given.clock.sleep(given.seconds / PIECES)
        transport_of(request).write(reply.body[at : at + size])


async def _drip_headers(request: web.Request, reply: Reply, given: Given) -> None:
    pieces = list(lines(reply))
    for piece in pieces:
        await given.clock.sleep(given.seconds / len(pieces))
        transport_of(request).write(piece)
    transport_of(request).write(reply.body)


FAULTS = {
    "hang": Fault(
        zh="一直不回答，到时间后不发一个字节就关闭",
        en="no answer; after `seconds` the connection is closed without a byte",
        seconds=60,
        send=_hang,
    ),
    "slow_first_byte": Fault(
        zh="过很久才发出第一个字节，然后是完整的答复",
        en="the first byte comes after `seconds`, then the whole right reply",
        seconds=10,
        send=_slow_first_byte,
    ),
    "drip_body": Fault(
        zh="正文一点一点地发", en="the head at once, the body in ten drops over `seconds`", seconds=10, send=_drip_body
    ),
    "drip_headers": Fault(
        zh="报文头一行一行地慢发",
        en="the head line by line over `seconds`, then the body",
        seconds=10,
        send=_drip_headers,
    ),
}
