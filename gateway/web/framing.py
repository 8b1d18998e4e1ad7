"""The connections under both listeners: aiohttp's, but silent about what it cannot read, and with a deadline for headers.

aiohttp answers such bytes with a page that quotes them, and logs them with a trace. Here each way to end has one fixed
document, nothing is logged and one number grows. These documents are unsigned: there is no request to sign an answer to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http import HttpVersion10, HttpVersion11
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.streams import EMPTY_PAYLOAD
from aiohttp.web_protocol import RequestHandler, _ErrInfo

from gateway.logs import place_of
from gateway.web import problems
from gateway.web.problems import refused

HEAD_SECONDS = 10
"""Between the first byte of a request and the end of its headers."""
KEEP_ALIVE_SECONDS = 75
"""Without a byte, after which a connection is closed without a word."""
LINGER_SECONDS = 1
"""How long the rest of a refused body is read and thrown away, so that its sender can still read why."""
SHUTDOWN_SECONDS = 10
MAX_HEADERS = 64
MAX_HEAD_BYTES = 32 * 1024
"""Of a head that comes in pieces. One line of it has at most 8190 bytes, as aiohttp has it."""

MAX_LINES = 1024
"""Ends of lines in one request, its body's too. In chunks of a byte each, 64 KiB would cost a hundred good requests."""

SERVER = "gateway"
"""Who answers; which version of which library is nobody's business."""

Count = Callable[[str], None]
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

_CODES = {400: "framing", 404: "not_found", 405: "method_not_allowed", 408: "head_too_slow", 417: "expectation"}
_UNREADABLE = 400
_LATE = 408
_log = structlog.get_logger("gateway.web")


class Runner(web.AppRunner):
    """Serves an application on such connections. `count` is told the code of every end that is none of the handlers'."""

    __slots__ = ("_count", "_head_seconds")

    def __init__(
        self,
        app: web.Application,
        count: Count,
        *,
        head_seconds: float = HEAD_SECONDS,
        keep_alive_seconds: float = KEEP_ALIVE_SECONDS,
        linger_seconds: float = LINGER_SECONDS,
        shutdown_seconds: float = SHUTDOWN_SECONDS,
    ) -> None:
        super().__init__(
            app,
            access_log=None,  # it costs as much as a call, and our own events say more
            auto_decompress=False,  # unpacking a compressed body, even to throw it away, is a bomb's chance
            keepalive_timeout=keep_alive_seconds,
            lingering_time=linger_seconds,
            shutdown_timeout=shutdown_seconds,
            max_headers=MAX_HEADERS,
        )
        self._count = count
        self._head_seconds = head_seconds

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        handler = _silent(made.request_handler, self._count)
        return _Server(handler, made.request_factory, self._count, self._head_seconds, made._kwargs)


class _Server(web.Server):
    """Makes the connections."""

    def __init__(self, handler: Any, factory: Any, count: Count, head_seconds: float, settings: dict[str, Any]) -> None:
        super().__init__(handler, request_factory=factory, **settings)
        self.count = count
        self.head_seconds = head_seconds

    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(RequestHandler):
    """One connection."""

    __slots__ = ("_count", "_head_bytes", "_head_seconds", "_head_timer", "_lines")

    def __init__(self, server: _Server, **settings: Any) -> None:
        super().__init__(server, **settings)
        self._count = server.count
        self._head_seconds = server.head_seconds
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._lines = 0

    def data_received(self, data: bytes) -> None:
        """Reads on. A head that is not whole yet starts a timer; one that is, or whatever belongs to a body, ends it."""
        self._lines += data.count(b"\r\n")
        if self._lines > MAX_LINES:
            self._overrun()
            return
        requests = self._request_count
        super().data_received(data)
        if self._request_count != requests:
            self._lines = 0
        if self._waiter is None or self._waiter.done():
            self._end_head()
        elif data.strip(b"\r\n"):
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._give_up(_UNREADABLE)
            elif self._head_timer is None:
                self._head_timer = self._loop.call_later(self._head_seconds, self._give_up, _LATE)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._end_head()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The fixed document, and the end of the connection. What `exc` and `message` quote goes nowhere."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was begun already")
        if status not in _CODES and isinstance(exc, Exception):
            _log.error("request.broke", error=place_of(exc))
        return _ending(request, status, self._count)

    def _overrun(self) -> None:
        """Reads no more. A body that is being read breaks off; whoever reads it says so."""
        self._give_up(_UNREADABLE)
        self._close = True
        if self._current_request is not None:
            self._current_request.content.set_exception(web.RequestPayloadError())

    def _give_up(self, status: int) -> None:
        if self._current_request is None and not self._messages:
            self._messages.append((_ErrInfo(status, HttpProcessingError(), ""), EMPTY_PAYLOAD))
            if self._waiter is not None and not self._waiter.done():
                self._waiter.set_result(None)
        self._end_head()

    def _end_head(self) -> None:
        self._head_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def _silent(handler: Any, count: Count) -> Handler:
    """The same handler, but where aiohttp would answer with a page of its own, it is the fixed document."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if request._version not in (HttpVersion10, HttpVersion11):  # `version` would remember what was claimed
            return _ending(request, _UNREADABLE, count)
        try:
            response: web.StreamResponse = await handler(request)
        except web.HTTPException as error:
            return _fixed(error.status, count, {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {})
        response.headers["Server"] = SERVER
        return response

    return handle


def _ending(request: web.BaseRequest, status: int, count: Count) -> web.Response:
    request._version = (
        HttpVersion11  # of a request that was not understood aiohttp says 1.0, or repeats what was claimed
    )
    response = _fixed(status, count)
    response.force_close()
    return response


def _fixed(status: int, count: Count, headers: dict[str, str] | None = None) -> web.Response:
    code = _CODES.get(status, "internal")
    count(code)
    return web.Response(
        body=_DOCUMENTS[code],
        status=problems.KINDS[code].status,
        headers={
            "Content-Type": problems.CONTENT_TYPE,
            "Cache-Control": "no-store",
            "Server": SERVER,
            **(headers or {}),
        },
    )


_DOCUMENTS = {code: problems.document(refused(code)) for code in (*_CODES.values(), "internal")}
