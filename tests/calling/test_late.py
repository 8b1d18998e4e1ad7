"""Who goes on after the answer, and the end of the gateway."""

from __future__ import annotations

import asyncio

from gateway.calling.late import Late
from gateway.calling.tasks import Tasks
from tests.calling.doubles import Told, turns


async def test_each_completion_runs_and_is_forgotten():
    ended = Told()

    async def completion() -> None:
        ended("one")

    async with Tasks() as tasks, Late(tasks, 20.0, Told()) as late:
        late.begin(completion())
        await turns()
        assert (ended.calls, len(tasks), late.stop.done()) == ([("one",)], 0, False)
    assert late.stop.done()


async def test_at_the_end_they_are_waited_for_and_then_told_to_end_with_what_there_is():
    told = Told()
    async with Tasks() as tasks:
        async with Late(tasks, 20.0, Told(), stop_seconds=0.01) as late:

            async def completion() -> None:
                await asyncio.wait([late.stop])
                await turns()
                told("what there is")

            late.begin(completion())
        assert told.calls == [("what there is",)]


async def test_what_cannot_end_holds_up_nobody_for_ever():
    never = asyncio.Event()

    async def completion() -> None:
        await never.wait()

    async with Tasks(close_seconds=0.0) as tasks:
        async with Late(tasks, 20.0, Told(), stop_seconds=0.001) as late:
            late.begin(completion())
        assert len(tasks) == 1
    assert len(tasks) == 0
