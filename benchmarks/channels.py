"""Each channel alone, by the shipped contracts: build and sign a request, carry it, verify and read its reply."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from benchmarks.parts import Call, Parts
from benchmarks.timing import Timer
from gateway.calling.dialect import Prepared
from gateway.calling.wire import Reply, Wire

CHANNELS: Final = (
    ("guardianship_archive", "share", "proof", "REST, RFC 9421"),
    ("residence_permit", "share", "permit", "REST, RFC 9421"),
    ("household_registry", "query", "person", "SOAP, WS-Security"),
    ("social_insurance", "share", "share_months", "REST, the platform's HMAC"),
    ("social_insurance", "query", "query_months", "SOAP, the platform's HMAC"),
)
"""Authority, channel, operation, and how it is protected."""
LIMIT: Final = 1_048_576
SIDE_BY_SIDE: Final = 16


async def time_channels(timer: Timer, parts: Parts, wire: Wire) -> None:
    """Three steps of every channel, named `authority.channel build`, `... call` and `... read`."""
    tools = parts.tools(wire)
    for authority, channel, operation, _ in CHANNELS:
        name = f"{authority}.{channel}"
        call = await parts.call(authority, channel, operation, tools)
        await time_call(timer, name, call, wire)
        await timer.awaited(f"{name} call", _carrying(wire, call.prepare()), SIDE_BY_SIDE)


async def time_call(timer: Timer, name: str, call: Call, wire: Wire) -> None:
    """Building and reading; the reply is the authority's own to this very request."""
    prepared = call.prepare()
    reply = await _carrying(wire, prepared)()
    timer.step(f"{name} read", lambda: call.read(prepared, reply))
    timer.step(f"{name} build", call.prepare)


def _carrying(wire: Wire, prepared: Prepared) -> Callable[[], Awaitable[Reply]]:
    return lambda: wire.post(prepared.url, prepared.headers, prepared.body, limit=LIMIT)
