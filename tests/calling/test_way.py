"""A channel's way out: its own origin by its own TLS, and nobody else whatever goes wrong above."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from gateway.calling.way import Way
from gateway.calling.wire import Reply, Wire
from gateway.errors import ConfigFault
from gateway.security import tls
from gateway.security.reloading import Reloaded
from tests.private_ca import PrivateCa
from tests.still import StillClock

from .doubles import reply


class Sent(Wire):
    """A wire that only remembers."""

    def __init__(self) -> None:
        self.calls: list[tuple[URL, ssl.SSLContext | None]] = []

    async def post(
        self, url: URL, headers: Mapping[str, str], body: bytes, *, limit: int, tls: ssl.SSLContext | None = None
    ) -> Reply:
        self.calls.append((url, tls))
        assert (headers, body, limit) == ({"A": "b"}, b"body", 7)
        return reply("said")


async def asked(way: Way, url: str) -> Any:
    return await way.post(URL(url), {"A": "b"}, b"body", limit=7)


@pytest.mark.parametrize("url", ["https://a.example/x", "https://a.example:443/", "https://A.example/%2F?q"])
async def test_its_own_origin_is_asked(url: str) -> None:
    wire = Sent()
    assert (await asked(Way(wire, StillClock(), URL("https://a.example")), url)).body == b"said"
    assert wire.calls == [(URL(url), None)]


@pytest.mark.parametrize(
    "url",
    ["http://a.example/", "https://a.example:8443/", "https://b.example/", "https://a.example.evil/", "https://[::1]/"],
)
async def test_nobody_else_is(url: str) -> None:
    wire = Sent()
    with pytest.raises(ConfigFault, match="another host"):
        await asked(Way(wire, StillClock(), URL("https://a.example")), url)
    assert wire.calls == []


async def test_each_call_has_the_newest_tls(tmp_path: Path) -> None:
    ca, wire, clock = PrivateCa(tmp_path), Sent(), StillClock()
    reloaded = Reloaded("a.share", lambda: tls.called(ca.file, None, None, None), {"a.share.ca": ca.file})
    way = Way(wire, clock, URL("https://a.example"), reloaded)
    for _ in range(2):
        await asked(way, "https://a.example/")
    PrivateCa(tmp_path)
    clock.move(1)
    await asked(way, "https://a.example/")
    first, second, third = (context for _, context in wire.calls)
    assert isinstance(first, ssl.SSLContext)
    assert first is second
    assert third is not first
