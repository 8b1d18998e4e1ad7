"""Bytes to an authority and back, over kept connections: capped, no redirects, no proxy, no cookies, nothing decoded."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from yarl import URL

from gateway.calling import http1
from gateway.calling.connections import IDLE_SECONDS, Connection, Origin, Pool
from gateway.calling.http1 import Reply
from gateway.errors import Unreachable

__all__ = ["Reply", "Wire"]


class Wire:
    """The connections to every authority. The attempt limit of the stack is the one clock over them."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._pool = Pool(idle_seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.close()

    async def post(
        self, url: URL, headers: Mapping[str, str], body: bytes, *, limit: int, tls: ssl.SSLContext | None = None
    ) -> Reply:
        """Sends once, and reads at most `limit` bytes of the reply's body. `tls` is for `https`; without it the system's.

        Nothing is ever sent twice from here, not even where a kept connection turns out to have ended: whether the
        authority had read the question cannot be told, and each time that it is asked is an attempt, signed anew, and
        evidence (`retry`).

        Raises:
            Unreachable: no connection, or it broke before the whole reply was here.
            BadReply: the reply is larger than the contract allows, or is encoded, or is not HTTP.
            ValueError: the headers cannot be sent.
        """
        request, origin = http1.request(url, headers, body), _origin(url, tls)
        connection = self._pool.take(origin) or await self._connected(origin)
        try:
            reply = await connection.ask(request, limit)
        except Unreachable:
            self._pool.drop(origin)  # the others may have ended with it: the next attempt must not find one of them
            raise
        self._pool.keep(origin, connection)
        return reply

    async def _connected(self, origin: Origin) -> Connection:
        try:
            return await self._pool.connect(origin)
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"{type(error).__name__} on the wire") from error


def _origin(url: URL, tls: ssl.SSLContext | None) -> Origin:
    host, port = url.raw_host, url.port
    if host is None or port is None or url.scheme not in ("http", "https"):
        raise ValueError("an authority's address is http or https, with a host")
    return host, port, None if url.scheme == "http" else tls or _system_tls()


@functools.cache
def _system_tls() -> ssl.SSLContext:
    """What the system trusts; made once, because reading its certificates takes longer than many calls."""
    return ssl.create_default_context()
