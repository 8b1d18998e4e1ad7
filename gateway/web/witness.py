"""The witness as a server: `POST /add-checkpoint`, and `/` with what it holds, for whoever compares."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from aiohttp import web

from gateway.clock import Clock, rfc3339
from gateway.ledger.witness import Answered, Held, Unheld, Witness
from gateway.logs import place_of
from gateway.proofs import witnessing
from gateway.proofs.checkpoints import Signed

READ_SECONDS = 10
"""Within which a whole submission must be here."""

_log = structlog.get_logger("gateway.witness")


def application(witness: Witness, held: Held, clock: Clock, *, seconds: float = READ_SECONDS) -> web.Application:
    """To be served by `framing.Runner`."""
    app = web.Application(client_max_size=witnessing.MAX_BYTES)

    async def add(request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(seconds):
                body = await request.read()
        except TimeoutError:
            return _closing(408)
        except (ConnectionError, web.RequestPayloadError):
            return _closing(400)
        return _guarded(lambda: witness.add(body, int(clock.unix())))

    async def shown(_: web.Request) -> web.Response:
        return _guarded(lambda: Answered(200, "".join(f"{text(each)}\n" for each in held.all()).encode()))

    app.add_routes([web.post(witnessing.PATH, add), web.get("/", shown)])
    return app


def text(signed: Signed) -> str:
    """What is held of one log in one line: origin, size, head in hex, and when it was cosigned."""
    checkpoint, last = signed.checkpoint, signed.note.lines[-1]
    at = rfc3339(int.from_bytes(last.signature[:8], "big"))
    return f"{checkpoint.origin} {checkpoint.size} {checkpoint.root.hex()} {at}"


def _guarded(answer: Callable[[], Answered]) -> web.Response:
    try:
        given = answer()
    except (Unheld, OSError) as error:
        # Nothing was cosigned: a witness that cannot remember must not vouch.
        _log.error("witness.broke", error=place_of(error))
        given = Answered(500, b"what is held cannot be read or written\n")
    headers = {"Content-Type": given.content_type, "Cache-Control": "no-store"}
    return web.Response(status=given.status, body=given.body, headers=headers)


def _closing(status: int) -> web.Response:
    response = web.Response(status=status)
    response.force_close()
    return response
