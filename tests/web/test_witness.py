import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from gateway.ledger.witness import Held, Witness
from gateway.proofs import witnessing
from gateway.web.framing import Runner
from gateway.web.witness import application
from tests.ledger.test_witness import LOGS, SHARD, body
from tests.proofs.signing import BY_WITNESS, SIGNER, cosignature, head
from tests.still import StillClock


@asynccontextmanager
async def serving(folder: Path, seconds: float = 10) -> AsyncIterator[str]:
    """A witness on loopback."""
    with Held(folder) as held:
        app = application(Witness(BY_WITNESS, SIGNER, LOGS, held), held, StillClock(), seconds=seconds)
        runner = Runner(app, lambda _: None, shutdown_seconds=0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


def spoil(folder: Path) -> None:
    next(folder.glob("*.checkpoint")).write_bytes(b"junk")


async def test_it_cosigns_and_shows_what_it_holds(tmp_path: Path) -> None:
    now = int(StillClock().unix())
    async with serving(tmp_path) as url, aiohttp.ClientSession() as session:
        async with session.post(url + witnessing.PATH, data=body(0, 5)) as reply:
            assert (reply.status, await reply.read()) == (200, cosignature(head(5, SHARD), at=now).encode())
        async with session.post(url + witnessing.PATH, data=body(0, 5)) as reply:
            assert (reply.status, reply.headers["Content-Type"]) == (409, "text/x.tlog.size")
            assert await reply.read() == b"5\n"
        async with session.get(url) as reply:
            assert await reply.text() == f"{SHARD} 5 {head(5).root.hex()} 2018-05-02T00:00:00.000Z\n"


async def test_what_cannot_be_remembered_is_not_cosigned(tmp_path: Path) -> None:
    async with serving(tmp_path) as url, aiohttp.ClientSession() as session:
        async with session.post(url + witnessing.PATH, data=body(0, 5)) as reply:
            assert reply.status == 200
        spoil(tmp_path)
        async with session.post(url + witnessing.PATH, data=body(5, 8)) as reply:
            assert (reply.status, b"\xe2\x80\x94" in await reply.read()) == (500, False)


async def test_a_body_has_a_size_and_a_time(tmp_path: Path) -> None:
    async with serving(tmp_path, seconds=0) as url, aiohttp.ClientSession() as session:

        async def hanging() -> AsyncIterator[bytes]:
            yield b"old"
            await asyncio.Event().wait()

        async with session.post(url + witnessing.PATH, data=hanging()) as reply:
            assert reply.status == 408
    large = b"x" * (witnessing.MAX_BYTES + 1)
    async with (
        serving(tmp_path) as url,
        aiohttp.ClientSession() as session,
        session.post(url + witnessing.PATH, data=large) as reply,
    ):
        assert reply.status >= 400
