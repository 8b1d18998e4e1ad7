"""The two aiohttp applications: one for consumers, one for operators."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Final

from aiohttp import web

from gateway.calling.timings import Timings
from gateway.ledger.ledger import Ledger
from gateway.web import openapi, own_keys, problem_page, receipt_page
from gateway.web.door import Door
from gateway.web.framing import Runner
from gateway.web.metrics import Metrics

BACKLOG: Final = 1024
HANDSHAKE_SECONDS: Final = 10
"""Within these, or the connection is closed."""

_Page = Callable[[web.Request], Awaitable[web.StreamResponse]]

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def public(door: Door, ledger: Ledger, published: Callable[[], bytes]) -> web.Application:
    """`/v1/` behind the door, and the open pages. `published` gives the document of our public keys as they are now."""
    document = json.dumps(openapi.document(), ensure_ascii=False).encode()

    async def livez(_: web.Request) -> web.Response:
        return _json({"status": "live"})

    async def readyz(_: web.Request) -> web.Response:
        status = await _readiness(door, ledger)
        return _json({"status": status}, 200 if status == "ready" else 503)

    async def api_document(_: web.Request) -> web.Response:
        return web.Response(body=document, content_type="application/json")

    async def explained(request: web.Request) -> web.Response:
        page = problem_page.page(request.raw_path.removeprefix("/problems/").partition("?")[0])
        if page is None:
            raise web.HTTPNotFound
        return web.Response(text=page, content_type="text/html")

    app = web.Application()
    pages = {
        "/livez": livez,
        "/readyz": readyz,
        "/openapi.json": api_document,
        own_keys.PATH: own_keys.page(published),
        receipt_page.PATH: receipt_page.page,
    }
    for path, page in pages.items():
        app.router.add_get(path, _as_spelled(path, page), expect_handler=_expected)
    app.router.add_get("/problems/{code}", explained, expect_handler=_expected)
    # Last, and everything else: whatever a path is spelled like, it is the door that says signed that nothing is there.
    app.router.add_route("*", "/{rest:.*}", door.serve, expect_handler=_expected)
    return app


def admin(
    metrics: Metrics, ledger: Ledger, consumers: Callable[[], dict[str, Any]], timings: Timings
) -> web.Application:
    """For operators: its own port, loopback by default. `consumers` says which are in force in this process."""

    async def timing(request: web.Request) -> web.Response:
        record = timings.of(request.match_info["verification_id"])
        if record is None:
            raise web.HTTPNotFound
        return _json(dict(record))

    async def exposition(_: web.Request) -> web.Response:
        return web.Response(body=metrics.exposition(ledger.counts), headers={"Content-Type": _PROMETHEUS})

    async def authorities(_: web.Request) -> web.Response:
        return _json({"authorities": metrics.authorities(), "divergences": metrics.joins.divergences()})

    async def in_force(_: web.Request) -> web.Response:
        return _json(consumers())

    app = web.Application()
    app.router.add_get("/metrics", exposition)
    app.router.add_get("/health/consumers", in_force)
    app.router.add_get("/health/authorities", authorities)
    app.router.add_get("/timing/{verification_id}", timing)
    return app


async def _readiness(door: Door, ledger: Ledger) -> str:
    if door.entrance.is_announced:
        return "draining"
    return "ready" if await ledger.writable() else "ledger_unwritable"


async def _expected(request: web.Request) -> None:
    """Says 100 when asked to. Anything else that is expected is not met and not repeated (RFC 9110 section 10.1.1)."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # as aiohttp's own does: it must not count as a part of the answer


def _as_spelled(path: str, page: _Page) -> _Page:
    """The page under that very path only: aiohttp's router finds it under percent-encoded spellings too."""

    async def exactly(request: web.Request) -> web.StreamResponse:
        if request.raw_path.partition("?")[0] != path:
            raise web.HTTPNotFound
        return await page(request)

    return exactly


def _json(content: dict[str, Any], status: int = 200) -> web.Response:
    body = json.dumps(content, ensure_ascii=False).encode()
    return web.Response(
        body=body, status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )


async def serve(
    stack: AsyncExitStack, runner: Runner, listening: socket.socket, tls: ssl.SSLContext | None
) -> tuple[str, Callable[[], None]]:
    """Gives the address that it serves, and what ends the listening: connections that are open stay."""
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    protocol = runner.server
    assert protocol is not None
    # By hand, because an aiohttp site leaves handshakes the minute that asyncio gives them.
    server = await asyncio.get_running_loop().create_server(
        protocol,
        sock=listening,
        ssl=tls,
        backlog=BACKLOG,
        ssl_handshake_timeout=HANDSHAKE_SECONDS if tls is not None else None,
    )
    stack.callback(server.close)
    host, port = listening.getsockname()[:2]
    return f"{'http' if tls is None else 'https'}://{host}:{port}", server.close
