"""A caller that hangs up: the fault that waits does not wait for nobody, and stopping does not wait for it."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from gateway.clock import SystemClock
from mocks.server import start
from tests.faults.wires import Wire


@pytest.mark.parametrize("fault", ["hang", "slow_first_byte", "drip_body", "drip_headers"])
async def test_a_caller_that_gives_up_ends_the_wait(everything, fault):
    folders, cast, scenarios, keys = everything
    clock = SystemClock()
    begun = clock.monotonic()
    async with start(folders, cast, {("residence_permit", "share"): keys.rest()}, scenarios=scenarios) as mocks:
        mocks.arm("P12", "residence_permit", fault, seconds=60)
        wire = Wire("residence_permit", "share", mocks, keys, cast, folders)
        path, headers, body = wire.request()
        url = mocks.url("residence_permit", "share") + path
        patience = aiohttp.ClientTimeout(total=0.1)
        async with aiohttp.ClientSession(timeout=patience) as session:
            with pytest.raises(asyncio.TimeoutError):
                async with session.post(url, data=body, headers=headers) as response:
                    await response.read()
        mocks.faults.clear()
        assert (await wire.ask()).status == 200
        (first, second) = mocks.journals["residence_permit"]
        assert (first.fault, second.fault) == (fault, None)
    assert clock.monotonic() - begun < 10
