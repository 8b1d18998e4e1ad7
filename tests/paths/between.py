"""Somebody between the gateway and an authority's mock: passes everything on, or does what goes wrong on real wires.

Requests keep their Host, so the mock's signature stays right for the address that the gateway asked; only the chosen fault
is wrong. A fault takes the request and what the mock replied, and gives what the gateway gets.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from gateway.clock import SystemClock
from gateway.contract import xml
from mocks.envelope import SOAP, WSSE, serialised, tag
from mocks.http_signatures import Asked, HttpSignatures
from mocks.keys import Identity
from mocks.ws_security import WsSecurity
from tests.mocks.asking import certificate, private_pem

_HOP = ("content-length", "date", "server", "connection")


@dataclass(frozen=True)
class Said:
    """A request or a reply, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""


@dataclass
class Between:
    """One authority's address as the gateway knows it. `fault` is what happens to each reply; None passes it on."""

    identity: Identity
    target: str
    """The mock's origin."""
    session: aiohttp.ClientSession
    fault: Fault | None = None
    before: list[Said] = field(default_factory=list)
    """Every reply that was passed on."""
    seen: int = 0
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen += 1
        asked = Said(0, dict(request.headers), await request.read(), f"http://{request.host}{request.raw_path}")
        said = await self.passed_on(request, asked)
        if self.fault is None:
            self.before.append(said)
            return _response(said)
        outcome = self.fault(self, request, asked, said)
        return _response(outcome) if isinstance(outcome, Said) else await outcome

    async def passed_on(self, request: web.Request, asked: Said) -> Said:
        url = self.target + request.raw_path
        async with self.session.post(url, data=asked.body, headers=dict(asked.headers)) as reply:
            headers = {name: value for name, value in reply.headers.items() if name.lower() not in _HOP}
            return Said(reply.status, headers, await reply.read())

    @property
    def is_soap(self) -> bool:
        return self.identity.certificate_pem is not None

    def signed(self, asked: Said, body: bytes, status: int = 200, media_type: str | None = None) -> Said:
        """The authority's own signature over another body: REST over any bytes, SOAP over the text in the reply's part."""
        return _signed(self.identity, asked, body, status, media_type)


Fault = Callable[[Between, web.Request, Said, Said], Said | Awaitable[web.StreamResponse]]


@asynccontextmanager
async def between(identity: Identity, port: int, host: str = "127.0.0.1") -> AsyncIterator[tuple[Between, int]]:
    """Listens on a free port in front of the mock on `port`."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        here = Between(identity, f"http://{host}:{port}", session)
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", here.handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, host, 0).start()
        try:
            yield here, runner.addresses[0][1]
        finally:
            here.closing.set()
            await runner.cleanup()


def stranger(identity: Identity) -> Identity:
    """The same key ids and another key."""
    if identity.certificate_pem is not None:
        key = ec.generate_private_key(ec.SECP256R1())
        return replace(identity, private_pem=private_pem(key), certificate_pem=certificate(key, "stranger"))
    return replace(identity, private_pem=private_pem(ed25519.Ed25519PrivateKey.generate()))


def _signed(identity: Identity, asked: Said, body: bytes, status: int, media_type: str | None) -> Said:
    clock = SystemClock()
    if identity.certificate_pem is None:
        headers = {"Content-Type": media_type or "application/json"}
        HttpSignatures(identity, clock).protect(Asked("POST", asked.url, asked.headers), status, headers, body)
        return Said(status, headers, body)
    envelope = xml.parse(body)
    header, _ = envelope
    for old in header.findall(tag(WSSE, "Security")):
        header.remove(old)
    WsSecurity(identity, clock).protect(envelope)
    return Said(status, {"Content-Type": media_type or "text/xml; charset=utf-8"}, serialised(envelope))


def _response(said: Said) -> web.Response:
    return web.Response(status=said.status, headers=dict(said.headers), body=said.body)


def _payload(here: Between, said: Said, change: Callable[[str], str]) -> bytes:
    """The reply's body with its JSON changed; in SOAP it is the text of the one part."""
    if not here.is_soap:
        return change(said.body.decode()).encode()
    envelope = xml.parse(said.body)
    part = envelope.find(f"{tag(SOAP, 'Body')}/*/*")
    assert part is not None
    part.text = change(part.text or "")
    return serialised(envelope)


# The faults. Those that `signed` are the authority's own word; the others are what a wire or a proxy does.


def unsigned(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    if not here.is_soap:
        kept = {name: value for name, value in said.headers.items() if not name.startswith("Signature")}
        return replace(said, headers=kept)
    envelope = xml.parse(said.body)
    envelope[0].clear()
    return replace(said, body=serialised(envelope))


def wrong_key(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    return _signed(stranger(here.identity), asked, said.body, 200, None)


def swapped(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    """Rightly signed, and the reply to an earlier question (in SOAP, of the same operation)."""
    return next(earlier for earlier in reversed(here.before) if _kind(here, earlier) == _kind(here, said))


def _kind(here: Between, said: Said) -> str:
    return str(xml.parse(said.body)[1][0].tag) if here.is_soap else ""


def changed_body(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    """Rightly signed once; then a space was added, which changes nothing but the bytes."""
    return replace(said, body=_payload(here, said, lambda text: text + " "))


def html_page(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    return Said(200, {"Content-Type": "text/html"}, b"<!doctype html><title>login</title><br>")


def signed_html(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    page = "<html><body>login</body></html>"
    return here.signed(asked, _payload(here, said, lambda _: page))


def duplicate_key(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    return here.signed(asked, _payload(here, said, lambda text: '{"message": "", ' + text[1:]))


def empty_object(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    return here.signed(asked, _payload(here, said, lambda _: "{}"))


def gbk(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    if here.is_soap:
        return replace(said, body=said.body.decode().encode("gbk", "replace"))
    return here.signed(asked, '{"code": "0", "message": "成功"}'.encode("gbk"))


def oversized(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    return replace(said, body=said.body + b" " * 300_000)


def redirect(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    return Said(302, {"Location": asked.url}, b"")


def compressed(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    return replace(said, headers={**said.headers, "Content-Encoding": "gzip"}, body=gzip.compress(said.body))


def nothing_at_all(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    return Said(200, {"Content-Type": said.headers.get("Content-Type", "application/json")}, b"")


def no_content(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    return Said(204, {}, b"")


def not_found(here: Between, request: web.Request, asked: Said, said: Said) -> Said:
    return Said(404, {"Content-Type": "application/json"}, b'{"code": "0", "data": {"JZZ": []}}')


async def _cut(request: web.Request, said: Said) -> web.StreamResponse:
    response = web.StreamResponse(status=said.status, headers={**said.headers, "Content-Length": str(len(said.body))})
    await response.prepare(request)
    await response.write(said.body[:-20])
    assert request.transport is not None
    request.transport.close()
    return response


def truncated(here: Between, request: web.Request, asked: Said, said: Said) -> Awaitable[web.StreamResponse]:
    return _cut(request, said)


async def _gone(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def hung_up(here: Between, request: web.Request, asked: Said, said: Said) -> Awaitable[web.StreamResponse]:
    return _gone(request)


async def _never(here: Between) -> Any:
    await here.closing.wait()
    return web.Response()


def silent(here: Between, request: web.Request, asked: Said, said: Said) -> Awaitable[web.StreamResponse]:
    """Takes the question and never answers."""
    return _never(here)
