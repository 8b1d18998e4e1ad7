"""Bytes to an authority and back, over one shared aiohttp session: capped, no redirects, no proxy, no cookies."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gateway.errors import BadReply, Unreachable

_SKIPPED = ("User-Agent", "Accept", "Accept-Encoding")


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP reply as it came: nothing decoded, nothing believed."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes = field(repr=False)


class Wire:
    """The session. Places towards each authority are counted by the stack, so the pool itself has no limit."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),  # the attempt limit above is the one clock
            auto_decompress=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def post(
        self, url: URL, headers: Mapping[str, str], body: bytes, *, limit: int, tls: ssl.SSLContext | None = None
    ) -> Reply:
        """Sends once; `tls` is for an https url.

        Raises:
            Unreachable: no connection, or it broke before the whole reply was here.
            BadReply: the reply is larger than the contract allows, or is encoded, or is not HTTP.
        """
        try:
            async with self._session.post(
                url,
                data=body,
                headers=CIMultiDict(headers),
                allow_redirects=False,
                skip_auto_headers=_SKIPPED,
                ssl=tls or True,
            ) as reply:
                if "Content-Encoding" in reply.headers:
                    raise BadReply("the reply is compressed, which nobody asked for")
                return Reply(reply.status, reply.headers, await _read(reply, limit))
        except aiohttp.ClientResponseError as error:
            raise BadReply("the reply is not HTTP") from error
        except (aiohttp.ClientError, asyncio.IncompleteReadError, OSError) as error:
            raise Unreachable(f"{type(error).__name__} on the wire") from error
        except ValueError as error:
            raise BadReply("the reply is not HTTP") from error


async def _read(reply: aiohttp.ClientResponse, limit: int) -> bytes:
    if (reply.content_length or 0) > limit:
        raise BadReply("the reply is larger than its contract allows")
    body = b""
    async for chunk in reply.content.iter_any():
        body = body + chunk if body else chunk
        if len(body) > limit:
            raise BadReply("the reply is larger than its contract allows")
    return body
