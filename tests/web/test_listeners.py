"""The open pages: alive, ready; and that they are open."""

from __future__ import annotations

import pytest

from gateway.errors import Unwritable
from tests.system import System
from tests.web.doorway import Doorway
from tests.wire import exchange


@pytest.mark.asyncio(loop_scope="module")
async def test_alive_and_ready_are_open_and_not_kept(system: System):
    for path, status in (("/livez", "live"), ("/readyz", "ready")):
        reply = await system.get(path)
        assert (reply.status_code, reply.json()) == (200, {"status": status})
        assert reply.headers["cache-control"] == "no-store"
        assert "signature" not in reply.headers


@pytest.mark.asyncio(loop_scope="module")
async def test_ready_does_not_depend_on_an_authority(system: System):
    for authority in system.mocks.journals:
        await system.mocks.stop_one(authority)
    try:
        assert (await system.get("/readyz")).json() == {"status": "ready"}
    finally:
        for authority in system.mocks.journals:
            await system.mocks.start_one(authority)


async def test_without_a_ledger_it_is_alive_and_not_ready(door: Doorway):
    door.ledger.fails_with = Unwritable("disk full")
    ready = await exchange(door.address, b"GET /readyz HTTP/1.1\r\nHost: gw.example\r\n\r\n")
    live = await exchange(door.address, b"GET /livez HTTP/1.1\r\nHost: gw.example\r\n\r\n")
    assert (ready.status, ready.json) == (503, {"status": "ledger_unwritable"})
    assert (live.status, live.json) == (200, {"status": "live"})
