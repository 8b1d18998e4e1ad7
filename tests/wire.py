"""A consumer written by hand for these tests: raw sockets, and RFC 9421 from the RFC's text on top of `cryptography` only.

Every part of a request can be made wrong; whatever comes back is held against the signature rules of the answer profile.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PATH = "/v1/verifications"
POST = ("@method", "@authority", "@path", "content-type", "content-digest")
GET = ("@method", "@authority", "@path")
_ANSWER = ("@status", "content-type", "content-digest", '@method";req', '@authority";req', '@path";req')

PROBLEM = "application/problem+json"
PROBLEMS_SEEN: list[str] = []
"""Every problem document that any test got through here; the privacy sweep reads it."""


@dataclass(frozen=True)
class Reply:
    """What came back: header names in lower case, values joined by a comma."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_closed: bool = False
    """The server ended the connection after it."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The problem's stable code."""
        assert self.headers["content-type"] == PROBLEM, self
        found = self.json
        assert found["status"] == self.status
        assert found["type"] == f"/problems/{found['code']}"
        return str(found["code"])


def digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def _always(text: str) -> str:
    return text


class Signs(Protocol):
    """A private key of any kind."""

    def sign(self, data: bytes, /) -> bytes:
        """64 bytes."""
        ...


@dataclass(frozen=True)
class Asked:
    """One request. `components` and what follows are what is signed; `sent` and the edits change the wire afterwards."""

    authority: str
    key: Signs
    now: float
    body: bytes = b""
    method: str = "POST"
    path: str = PATH
    keyid: str = "counter-test-key"
    components: tuple[str, ...] = POST
    tag: str = "gdx-verify-v1"
    label: str = "gw"
    alg: str = "ed25519"
    ahead: int = 0
    """Seconds that `created` lies in the future."""
    span: int = 60
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    media_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    """More headers."""
    sent: Mapping[str, str | None] = field(default_factory=dict)
    """Headers put on the wire instead of the signed ones; None leaves one out."""
    edit: Callable[[str], str] = _always
    """Changes the parameters before they are signed."""

    def values(self) -> dict[str, str]:
        return {
            "@method": self.method, "@authority": self.authority, "@path": self.path, "content-type": self.media_type,
            "content-digest": digest(self.body), **{name.lower(): value for name, value in self.headers},
        }  # fmt: skip

    def signed(self) -> dict[str, str]:
        """Signature-Input and Signature."""
        names = " ".join(f'"{name}"' for name in self.components)
        created = int(self.now) + self.ahead
        params = self.edit(
            f'({names});created={created};expires={created + self.span};nonce="{self.nonce}"'
            f';keyid="{self.keyid}";alg="{self.alg}";tag="{self.tag}"'
        )
        values = self.values()
        lines = [f'"{name}": {values.get(name, "")}' for name in self.components]
        base = "\n".join([*lines, f'"@signature-params": {params}']).encode()
        proof = base64.b64encode(self.key.sign(base)).decode()
        return {"Signature-Input": f"{self.label}={params}", "Signature": f"{self.label}=:{proof}:"}

    def fields(self) -> dict[str, str]:
        """Every header on the wire."""
        fields = {"Host": self.authority, **dict(self.headers)}
        if self.method == "POST":
            fields |= {"Content-Type": self.media_type, "Content-Digest": digest(self.body)}
            fields["Content-Length"] = str(len(self.body))
        fields |= self.signed()
        for name, value in self.sent.items():
            fields.pop(name, None)
            if value is not None:
                fields[name] = value
        return fields

    def head(self, *more: str) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{n}: {v}" for n, v in self.fields().items()), *more]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def bytes(self, *more: str) -> bytes:
        """The whole request; `more` are raw header lines."""
        return self.head(*more) + self.body

    def again(self, **changes: Any) -> Asked:
        return replace(self, **changes)


def reading(asked: Asked, path: str, **changes: Any) -> Asked:
    """The same consumer's request without a body."""
    plain = {"body": b"", "method": "GET", "components": GET, "tag": "gdx-read-v1", "nonce": secrets.token_urlsafe(16)}
    return replace(asked, path=path, **{**plain, **changes})


async def exchange(authority: str, data: bytes | tuple[bytes, ...], *, method: str = "") -> Reply:
    """Sends raw bytes on a connection of their own and reads one response, then whether the server closes."""
    host, _, port = authority.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for part in data if isinstance(data, tuple) else (data,):
            writer.write(part)
        with suppress(ConnectionError):  # it may refuse before it has read everything
            await writer.drain()
        async with asyncio.timeout(10):
            reply = await _response(reader, is_head=data[:4] == b"HEAD")
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    if reply.headers.get("content-type") == PROBLEM:
        PROBLEMS_SEEN.append(reply.body.decode())
    return reply


async def until_closed(authority: str, *parts: bytes) -> bytes:
    """Sends raw bytes and reads all that comes back until the server ends the connection."""
    host, _, port = authority.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    found = b""
    try:
        async with asyncio.timeout(10):
            with suppress(ConnectionError):  # it may end before it has read everything
                for part in parts:
                    writer.write(part)
                    await writer.drain()
                while more := await reader.read(65536):
                    found += more
        return found
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _response(reader: asyncio.StreamReader, *, is_head: bool = False) -> Reply:
    top = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(top[0].split()[1])
    if status == 100:
        return await _response(reader)
    headers: dict[str, str] = {}
    for line in filter(None, top[1:]):
        name, _, value = line.partition(":")
        known = headers.get(name.lower())
        headers[name.lower()] = value.strip() if known is None else f"{known}, {value.strip()}"
    body = b"" if is_head else await reader.readexactly(int(headers.get("content-length", "0")))
    is_closed = headers.get("connection", "").lower() == "close"
    return Reply(status, headers, body, is_closed)


def proved(reply: Reply, asked: Asked, public: Ed25519PublicKey, *, path: str | None = None) -> bool:
    """Whether the answer is bound to the request's own signature. Fails unless it is rightly signed for this request."""
    assert reply.headers["content-digest"] == digest(reply.body)
    form = (
        r'gw=(\(([^)]*)\);created=(\d+);expires=(\d+);nonce="[\w-]{22,64}";keyid="gateway-answers";alg="ed25519";(.*))'
    )
    given = re.fullmatch(form, reply.headers["signature-input"])
    assert given is not None, reply.headers["signature-input"]
    assert given[5] == 'tag="gdx-answer-v1"'
    assert abs(int(given[3]) - asked.now) < 60
    assert 0 < int(given[4]) - int(given[3]) <= 120
    plain = [f'"{name}"' if not name.endswith("req") else f'"{name}' for name in _ANSWER]
    bound = '"signature";req;key="gw"'
    is_bound = given[2] == " ".join([*plain, bound])
    assert is_bound or given[2] == " ".join(plain)
    values = {
        '"@status"': str(reply.status), '"content-type"': reply.headers["content-type"],
        '"content-digest"': reply.headers["content-digest"], '"@method";req': asked.method,
        '"@authority";req': asked.authority, '"@path";req': asked.path if path is None else path,
    }  # fmt: skip
    if is_bound:
        values[bound] = asked.fields()["Signature"].removeprefix("gw=")
    base = "\n".join([*(f"{name}: {value}" for name, value in values.items()), f'"@signature-params": {given[1]}'])
    proof = base64.b64decode(reply.headers["signature"].removeprefix("gw=:").removesuffix(":"))
    try:
        public.verify(proof, base.encode())
    except InvalidSignature:
        raise AssertionError("the answer's signature is not over this request and these bytes") from None
    return is_bound
