"""Owned work: it outlives its beginner and not its owner."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from gateway.calling.tasks import Tasks

from .doubles import turns


async def test_it_goes_on_when_who_waits_for_it_is_cancelled() -> None:
    gate = asyncio.Event()
    async with Tasks() as tasks:
        work = tasks.start(gate.wait())
        waiter = tasks.start(asyncio.wait([work]))
        await turns()
        waiter.cancel()
        await turns()
        assert waiter.cancelled()
        assert len(tasks) == 1
        gate.set()
        assert await work is True
    assert len(tasks) == 0


async def test_the_end_waits_for_what_still_runs() -> None:
    gate = asyncio.Event()
    async with Tasks() as tasks:
        work = tasks.start(gate.wait())
        asyncio.get_running_loop().call_soon(gate.set)
    assert work.done()
    assert not work.cancelled()


async def test_the_end_is_bounded() -> None:
    async with Tasks(close_seconds=0.001) as tasks:
        work = tasks.start(asyncio.Event().wait())
    assert work.cancelled()
    assert len(tasks) == 0


async def test_a_fault_of_ours_is_logged_by_its_kind_alone() -> None:
    async def broken() -> None:
        raise KeyError("229901199003078910")

    with capture_logs() as logs:
        async with Tasks() as tasks:
            tasks.start(broken())
    assert logs == [{"event": "task.broke", "error": "KeyError", "log_level": "error"}]
