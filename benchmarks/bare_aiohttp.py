"""B: aiohttp in, aiohttp out, on uvloop; the same number of calls and nothing else. `python -m benchmarks.bare_aiohttp`."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import aiohttp
import uvloop
from aiohttp import web


def application(plan: dict[str, list[list[dict[str, str]]]]) -> web.Application:
    """One route for each workload, and one that answers at once."""

    async def one(session: aiohttp.ClientSession, call: dict[str, Any]) -> int:
        async with session.post(call["url"], data=call["body"], headers={"Content-Type": call["type"]}) as reply:
            await reply.read()
            return reply.status

    async def fan_out(request: web.Request) -> web.Response:
        await request.read()
        session, statuses = request.app[key], []
        for calls in plan[request.match_info["workload"]]:
            statuses += await asyncio.gather(*(one(session, call) for call in calls))
        return web.json_response({"answered": statuses.count(200)})

    async def constant(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"answered": 0})

    async def client(app: web.Application) -> Any:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            app[key] = session
            yield

    key = web.AppKey("session", aiohttp.ClientSession)
    app = web.Application()
    app.cleanup_ctx.append(client)
    app.router.add_post("/constant", constant)
    app.router.add_post("/{workload}", fan_out)
    return app


if __name__ == "__main__":
    loop = uvloop.new_event_loop()
    served = application(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    web.run_app(served, host="127.0.0.1", port=int(sys.argv[2]), access_log=None, print=None, loop=loop, backlog=1024)
