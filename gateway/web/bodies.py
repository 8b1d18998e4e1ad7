"""The body of a request: of the right kind, and bounded in size and in time before a byte of it is believed."""

from __future__ import annotations

import asyncio

from aiohttp import web

from gateway.security.inspection import JSON_TYPES
from gateway.web.problems import refused
from gateway.web.questions import MAX_BODY_BYTES

READ_SECONDS = 10
"""Within which the whole body must be here."""


async def read(request: web.Request, *, takes_body: bool, seconds: float) -> bytes:
    """The exact bytes.

    Raises:
        Refused: it is encoded, not JSON by its type, too large, too slow, or broke off; or there should be none.
    """
    if "Content-Encoding" in request.headers:
        raise refused("content_encoding")
    if not takes_body:
        if request.body_exists:
            raise refused("body_not_allowed", Connection="close")
        return b""
    if request.headers.get("Content-Type", "").lower() not in JSON_TYPES:
        raise refused("content_type")
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise refused("body_too_large", Connection="close")
    try:
        async with asyncio.timeout(seconds):
            return await _bounded(request)
    except TimeoutError:
        raise refused("body_too_slow", Connection="close") from None
    except (ConnectionError, web.RequestPayloadError):
        # They went away, or their framing broke after the headers: nothing of ours is at fault.
        raise refused("body_incomplete", Connection="close") from None


async def _bounded(request: web.Request) -> bytes:
    parts, size = [], 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise refused("body_too_large", Connection="close")
        parts.append(chunk)
    return parts[0] if len(parts) == 1 else b"".join(parts)
