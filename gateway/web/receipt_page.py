"""The page that checks receipts in a browser: one file, sent nowhere, allowed nothing but its own script and style."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Final

from aiohttp import web

PATH: Final = "/receipt"

_FILE: Final = Path(__file__).parent / "pages" / "receipt.html"
_INSIDE: Final = r"<{0}>(.*?)</{0}>"


@cache
def content() -> bytes:
    """The page."""
    return _FILE.read_bytes()


@cache
def policy() -> str:
    """Its Content-Security-Policy: the script and style that stand in it, by hash, and no connection to anywhere."""
    text = content().decode()
    script, style = (_hash(re.findall(_INSIDE.format(name), text, re.DOTALL)) for name in ("script", "style"))
    return (
        f"default-src 'none'; script-src {script}; style-src {style}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


async def page(_: web.Request) -> web.StreamResponse:
    """`/receipt`."""
    headers = {
        "Content-Security-Policy": policy(),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "public, max-age=300",
    }
    return web.Response(body=content(), content_type="text/html", charset="utf-8", headers=headers)


def _hash(parts: list[str]) -> str:
    return " ".join(f"'sha256-{b64encode(hashlib.sha256(part.encode()).digest()).decode()}'" for part in parts)
