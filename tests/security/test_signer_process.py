"""A key in another process: it signs over the socket; and whatever goes wrong there is a signer that is down, in time."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import SignerDown
from gateway.security import keys
from gateway.security.signer_process import MAX_FRAME, InUse, OverSocket, serving

PRIVATE, PUBLIC = keys.new_ed25519()
HERE = keys.signer("held", PRIVATE)
VERIFIER = keys.verifier("gateway-answers", PUBLIC)
HASTY = 0.05
"""For a signer that never answers: the bound itself is what is tested."""


def over(path: Path, name: str = "held", **more: float) -> OverSocket:
    return OverSocket(VERIFIER, str(path), name, **more)


def frame(content: Any) -> bytes:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return len(data).to_bytes(4, "big") + data


@asynccontextmanager
async def answering(
    path: Path, answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]
) -> AsyncIterator[None]:
    """Something that is no signer behind the socket."""
    server = await asyncio.start_unix_server(answer, str(path))
    try:
        yield
    finally:
        server.close()


async def raw(path: Path, data: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(data)
    writer.write_eof()
    async with asyncio.timeout(5):
        received = await reader.read()
    writer.close()
    await writer.wait_closed()
    return received


@pytest.mark.parametrize("make", [keys.new_ed25519, keys.new_p256, keys.new_sm2])
async def test_it_signs_as_the_key_itself_would(tmp_path: Path, make) -> None:
    private, public = make()
    signer, verifier = keys.signer("k", private), keys.verifier("gateway-answers", public)
    async with serving(tmp_path / "s", {"k": signer}):
        holder = OverSocket(verifier, str(tmp_path / "s"), "k")
        verifier.verify(await holder.sign(b"data"), b"data")
        assert (holder.keyid, holder.alg, holder.ready()) == ("gateway-answers", signer.alg, None)


async def test_many_at_once(tmp_path: Path) -> None:
    async with serving(tmp_path / "s", {"held": HERE}):
        holder = over(tmp_path / "s")
        signatures = await asyncio.gather(*(holder.sign(b"%d" % n) for n in range(50)))
    assert signatures == [HERE.sign(b"%d" % n) for n in range(50)]


async def test_the_socket_is_for_owner_and_group_and_gone_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "s"
    async with serving(path, {"held": HERE}):
        assert path.stat().st_mode & 0o777 == 0o660
    assert not path.exists()


async def test_a_socket_that_is_served_or_is_none_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    async with serving(path, {"held": HERE}):
        with pytest.raises(InUse):
            async with serving(path, {}):
                pytest.fail("must not serve")
        await over(path).sign(b"still the first one's")
    path.write_text("a file")
    with pytest.raises(InUse):
        async with serving(path, {}):
            pytest.fail("must not serve")
    assert path.read_text() == "a file"


async def test_a_socket_that_a_dead_signer_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(os.fspath(path))
    async with serving(path, {"held": HERE}):
        await over(path).sign(b"data")


async def test_a_dead_signer_is_down_until_it_signs_again(tmp_path: Path) -> None:
    holder = over(tmp_path / "s")
    with pytest.raises(SignerDown, match="'gateway-answers'"):
        await holder.sign(b"data")
    trying = holder.ready()
    assert trying is not None
    with pytest.raises(SignerDown):
        await trying
    async with serving(tmp_path / "s", {"held": HERE}):
        trying = holder.ready()
        assert trying is not None
        await trying
        assert holder.ready() is None


async def test_a_key_that_it_does_not_hold(tmp_path: Path) -> None:
    async with serving(tmp_path / "s", {"held": HERE}):
        with pytest.raises(SignerDown):
            await over(tmp_path / "s", "other").sign(b"data")


async def test_a_signature_by_another_key_is_never_used(tmp_path: Path) -> None:
    async with serving(tmp_path / "s", {"held": keys.signer("held", keys.new_ed25519()[0])}):
        with pytest.raises(SignerDown):
            await over(tmp_path / "s").sign(b"data")


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\x00\x00",
        (MAX_FRAME + 1).to_bytes(4, "big") + b"{}",
        frame(b"no json"),
        frame(b'{"signature": "a", "signature": "b"}'),
        frame([]),
        frame({"signature": 1}),
        frame({"signature": "not base64!"}),
        frame({"signature": b64encode(b"short").decode()}),
        frame({"error": "unknown_key"}),
    ],
)
async def test_whatever_comes_back_that_is_no_signature(tmp_path: Path, reply: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(4)
        writer.write(reply)
        writer.close()

    async with answering(tmp_path / "s", answer):
        with pytest.raises(SignerDown):
            await over(tmp_path / "s").sign(b"data")


async def test_one_that_never_answers_is_given_up_in_time(tmp_path: Path) -> None:
    closing = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await closing.wait()
        writer.close()

    async with answering(tmp_path / "s", silent):
        with pytest.raises(SignerDown, match="TimeoutError"):
            await over(tmp_path / "s", seconds=HASTY).sign(b"data")
        closing.set()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (frame({"key": "held"}), {"error": "malformed"}),
        (frame({"key": "held", "data": "?"}), {"error": "malformed"}),
        (frame({"key": "other", "data": ""}), {"error": "unknown_key"}),
    ],
)
async def test_the_signer_says_what_was_wrong(tmp_path: Path, asked: bytes, says: dict[str, str]) -> None:
    async with serving(tmp_path / "s", {"held": HERE}):
        assert await raw(tmp_path / "s", asked) == frame(says)


@pytest.mark.parametrize(
    "asked", [b"", b"\xff", (MAX_FRAME + 1).to_bytes(4, "big"), frame(b"{"), frame([]), b"\0\0\0\x09{}"]
)
async def test_the_signer_closes_on_what_is_no_question_and_signs_on(tmp_path: Path, asked: bytes) -> None:
    async with serving(tmp_path / "s", {"held": HERE}):
        assert await raw(tmp_path / "s", asked) == b""
        await over(tmp_path / "s").sign(b"data")
