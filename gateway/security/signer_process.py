"""A signer process: holds private keys and signs over a Unix socket, so that they can be another account's than ours.

One connection is one signature. Each way goes one frame: four bytes of length (big endian, at most 64 KiB), then JSON:
`{"key": ..., "data": base64}`, and back `{"signature": base64}` or `{"error": "unknown_key" | "malformed"}`. Whoever can
open the socket can have anything signed: the socket's permissions are the protection. Nothing is kept open between
signatures, so there is nothing that could have gone stale.
"""

from __future__ import annotations

import asyncio
import binascii
import json
import socket
import stat
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import structlog

from gateway.contract import strict_json
from gateway.errors import GatewayError, SignerDown
from gateway.security.signatures import SignatureRefused, Signer, Verifier

MAX_FRAME: Final = 64 * 1024
SIGN_SECONDS: Final = 2.0
"""Connecting, asking and hearing, together."""
SERVE_SECONDS: Final = 5.0
"""How long the signer waits for a question that was begun."""
PROBE: Final = b"gateway: does this key sign?"
"""Signed to find out whether a key signs; no profile's signature base begins like this."""

_HEAD: Final = 4
_TROUBLES = (OSError, TimeoutError, EOFError, ValueError, SignatureRefused)
_log = structlog.get_logger("gateway.signer")


class InUse(GatewayError):
    """Somebody serves this socket already, or something else has its name."""


class OverSocket:
    """`KeyHolder` for a key of a signer process. Every signature is checked with the public half before it is used."""

    def __init__(self, verifier: Verifier, path: str, name: str, seconds: float = SIGN_SECONDS) -> None:
        self.keyid = verifier.keyid
        self.alg = verifier.alg
        self._verifier = verifier
        self._path = path
        self._name = name
        self._seconds = seconds
        self._is_down = False

    def __repr__(self) -> str:
        return f"OverSocket({self.keyid!r})"

    async def sign(self, data: bytes) -> bytes:
        """Raises SignerDown: nobody there, too slow, an error, or a signature that is not this key's."""
        try:
            async with asyncio.timeout(self._seconds):
                signature = await self._signed(data)
            self._verifier.verify(signature, data)
        except _TROUBLES as error:
            self._is_down = True
            raise SignerDown(f"the signer of key {self.keyid!r} does not sign ({type(error).__name__})") from error
        self._is_down = False
        return signature

    def ready(self) -> Awaitable[None] | None:
        return self._probe() if self._is_down else None

    async def _probe(self) -> None:
        await self.sign(PROBE)

    async def _signed(self, data: bytes) -> bytes:
        reader, writer = await asyncio.open_unix_connection(self._path)
        try:
            await _send(writer, {"key": self._name, "data": b64encode(data).decode("ascii")})
            reply = await _receive(reader)
        finally:
            writer.close()
        return _bytes(reply, "signature")


@asynccontextmanager
async def serving(path: Path, signers: Mapping[str, Signer], seconds: float = SERVE_SECONDS) -> AsyncIterator[None]:
    """Signs with these keys, by name, until the block ends. The socket is for its owner and group (mode 660).

    Raises InUse.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(seconds):
                await _send(writer, _reply(signers, await _receive(reader)))
        except _TROUBLES as error:
            _log.warning("signer.refused", error=type(error).__name__)
        finally:
            writer.close()

    listening = _listen(path)
    server = await asyncio.start_unix_server(answer, sock=listening)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)  # noqa: ASYNC240 - one local name, at the end


def _listen(path: Path) -> socket.socket:
    """The bound socket. One that nobody serves any more is replaced; anything else of that name is left alone."""
    if path.exists():
        if not stat.S_ISSOCK(path.stat().st_mode) or _is_served(path):
            raise InUse(f"{path} is in use: stop what serves it, or choose another name")
        path.unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listening.bind(str(path))
        path.chmod(0o660)  # before anybody can connect: nothing listens yet
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


def _is_served(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        try:
            asking.connect(str(path))
        except OSError:
            return False
    return True


def _reply(signers: Mapping[str, Signer], asked: dict[str, Any]) -> dict[str, str]:
    try:
        data = _bytes(asked, "data")
    except ValueError:
        return {"error": "malformed"}
    signer = signers.get(str(asked.get("key")))
    if signer is None:
        return {"error": "unknown_key"}
    return {"signature": b64encode(signer.sign(data)).decode("ascii")}


async def _send(writer: asyncio.StreamWriter, content: Mapping[str, str]) -> None:
    data = json.dumps(content).encode("ascii")
    writer.write(len(data).to_bytes(_HEAD, "big") + data)
    await writer.drain()


async def _receive(reader: asyncio.StreamReader) -> dict[str, Any]:
    """One frame. Raises ValueError for what is none, EOFError for half of one."""
    length = int.from_bytes(await reader.readexactly(_HEAD), "big")
    if length > MAX_FRAME:
        raise ValueError("a frame has at most 64 KiB")
    content = strict_json.read(await reader.readexactly(length))
    if not isinstance(content, dict):
        raise ValueError("a frame holds one JSON object")
    return content


def _bytes(content: Mapping[str, Any], name: str) -> bytes:
    text = content.get(name)
    if not isinstance(text, str):
        raise ValueError(f"no {name}")
    try:
        return b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{name} is not base64") from error
