"""The keeper of a secret where the platform gives none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.calling.secrets import BARREN_SECONDS, Kept, SecretKeeper
from gateway.calling.tasks import Tasks
from gateway.errors import BadReply, ConfigFault, Trouble, Unreachable
from tests.still import StillClock

from .doubles import Platform, Told, keeper


@pytest.fixture
def platform() -> Platform:
    return Platform(StillClock())


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    async with Tasks() as owner:
        yield owner


@pytest.mark.parametrize(
    ("broken", "raised"),
    [
        (ConfigFault("the platform gave no secret (HTTP 401)"), ConfigFault),
        (Unreachable("OSError on the wire"), Unreachable),
        (BadReply("not JSON"), Unreachable),
    ],
)
async def test_at_its_end_without_a_new_one_the_cause_is_told(
    platform: Platform, tasks: Tasks, broken: Trouble, raised: type[Trouble]
) -> None:
    kept = keeper(platform, tasks)
    await kept.ready()
    platform.broken = broken
    platform.clock.move(3600)
    callers = [tasks.start(kept.ready()) for _ in range(3)]
    await asyncio.wait(callers)
    troubles = [caller.exception() for caller in callers]
    assert [(type(trouble), str(trouble)) for trouble in troubles] == [(raised, broken.why)] * 3
    assert len(set(map(id, troubles))) == 3  # each its own: a shared one would collect everybody's traces
    platform.broken = None
    platform.clock.move(BARREN_SECONDS)
    assert (await kept.ready()).text == "s2"


@pytest.mark.parametrize("had_one", [True, False])
async def test_without_any_good_secret_the_platform_is_asked_once_a_second(
    platform: Platform, tasks: Tasks, had_one: bool
) -> None:
    kept = keeper(platform, tasks)
    if had_one:
        await kept.ready()
        platform.clock.move(3600)
    before, platform.broken = platform.fetches, Unreachable("OSError on the wire")
    for _ in range(10):
        with pytest.raises(Unreachable, match="OSError"):
            await kept.ready()
    assert platform.fetches == before + 1
    platform.clock.move(BARREN_SECONDS)
    with pytest.raises(Unreachable):
        await kept.ready()
    assert platform.fetches == before + 2


async def test_a_fetch_that_hangs_ends(platform: Platform, tasks: Tasks) -> None:
    platform.gate = asyncio.Event()
    kept = SecretKeeper(platform.fetch, Kept("a", "b", 3600.0, 0.001, Told()), tasks, platform.clock)
    with pytest.raises(Unreachable, match="in time"):
        await kept.ready()
    assert platform.at_once == 0
