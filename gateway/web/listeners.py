"""The two aiohttp applications: one for consumers, one for operators."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from gateway.ledger.ledger import Ledger
from gateway.web import openapi, problems
from gateway.web.door import Door
from gateway.web.metrics import Metrics

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def public(door: Door, ledger: Ledger) -> web.Application:
    """`/v1/` behind the door, and the open pages."""
    document = json.dumps(openapi.document(), ensure_ascii=False).encode()

    async def livez(_: web.Request) -> web.Response:
        return _json({"status": "live"})

    async def readyz(_: web.Request) -> web.Response:
        if await ledger.writable():
            return _json({"status": "ready"})
        return _json({"status": "ledger_unwritable"}, 503)

    async def api_document(_: web.Request) -> web.Response:
        return web.Response(body=document, content_type="application/json")

    async def problem_page(request: web.Request) -> web.Response:
        page = problems.page(request.match_info["code"])
        if page is None:
            raise web.HTTPNotFound
        return web.Response(text=page, content_type="text/html")

    app = web.Application()
    app.router.add_route("*", "/v1/{rest:.*}", door.serve, expect_handler=_expected)
    app.router.add_get("/livez", livez)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/openapi.json", api_document)
    app.router.add_get("/problems/{code}", problem_page)
    return app


def admin(metrics: Metrics, ledger: Ledger, consumers: Callable[[], dict[str, Any]]) -> web.Application:
    """For operators: its own port, loopback by default. `consumers` says which are in force in this process."""

    async def exposition(_: web.Request) -> web.Response:
        return web.Response(body=metrics.exposition(ledger.counts), headers={"Content-Type": _PROMETHEUS})

    async def authorities(_: web.Request) -> web.Response:
        return _json({"authorities": metrics.authorities()})

    async def in_force(_: web.Request) -> web.Response:
        return _json(consumers())

    app = web.Application()
    app.router.add_get("/metrics", exposition)
    app.router.add_get("/health/consumers", in_force)
    app.router.add_get("/health/authorities", authorities)
    return app


async def _expected(request: web.Request) -> None:
    """Says 100 when asked to. Anything else that is expected is not met and not repeated (RFC 9110 section 10.1.1)."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # as aiohttp's own does: it must not count as a part of the answer


def _json(content: dict[str, Any], status: int = 200) -> web.Response:
    body = json.dumps(content, ensure_ascii=False).encode()
    return web.Response(
        body=body, status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )
