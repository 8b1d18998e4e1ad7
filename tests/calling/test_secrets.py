"""The keeper of a secret: early, by one at a time, never in anybody's way while the old one is good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from gateway.calling.secrets import IN_VAIN_SECONDS, REMEMBERED, Secret, SecretKeeper
from gateway.calling.tasks import Tasks
from gateway.errors import ConfigFault, Unreachable
from tests.still import StillClock

from .doubles import Platform, Told, keeper, turns


@pytest.fixture
def platform() -> Platform:
    return Platform(StillClock())


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    async with Tasks() as owner:
        yield owner


async def text(kept: SecretKeeper) -> str:
    return (await kept.ready()).text


async def test_the_first_caller_waits_and_later_ones_do_not_fetch(platform: Platform, tasks: Tasks) -> None:
    kept = keeper(platform, tasks)
    assert [await text(kept) for _ in range(5)] == ["s1"] * 5
    assert platform.fetches == 1


async def test_nothing_is_there_before_the_first(platform: Platform, tasks: Tasks) -> None:
    kept = keeper(platform, tasks)
    assert (kept.taken, kept.known(1)) == (0, ())
    with pytest.raises(ConfigFault):
        _ = kept.current


@pytest.mark.parametrize(
    ("life", "jitter", "early"),
    [(3600, 1.0, 60), (3600, 0.0, 30), (100, 1.0, 20), (100, 0.0, 10), (1, 1.0, 0.2), (7200, 1.0, 3660)],
)
async def test_it_is_renewed_early_behind_everybody_s_back(
    platform: Platform, tasks: Tasks, life: float, jitter: float, early: float
) -> None:
    platform.life = life  # one of 7200 s is held against the contract's usual 3600 s
    kept = keeper(platform, tasks, jitter=jitter)
    await kept.ready()
    platform.clock.move(life - early - 0.01)
    assert await text(kept) == "s1"
    await turns()
    assert platform.fetches == 1
    platform.clock.move(0.02)
    platform.gate = asyncio.Event()
    assert [await text(kept) for _ in range(10)] == ["s1"] * 10  # nobody waits
    await turns()
    assert (platform.fetches, platform.at_once) == (2, 1)
    platform.gate.set()
    await turns()
    assert await text(kept) == "s2"
    assert (kept.known(1), kept.known(2)) == (("s2", "s1"), ("s2",))


async def test_two_hundred_at_once_share_one_refresh(platform: Platform, tasks: Tasks) -> None:
    kept = keeper(platform, tasks)
    platform.gate = asyncio.Event()
    callers = [tasks.start(text(kept)) for _ in range(200)]
    await turns()
    platform.gate.set()
    assert set(await asyncio.gather(*callers)) == {"s1"}
    assert (platform.fetches, platform.most_at_once) == (1, 1)


async def test_a_caller_that_is_cancelled_cancels_no_refresh(platform: Platform, tasks: Tasks) -> None:
    kept = keeper(platform, tasks)
    platform.gate = asyncio.Event()
    first, second = tasks.start(text(kept)), tasks.start(text(kept))
    await turns()
    first.cancel()
    await turns()
    platform.gate.set()
    assert await second == "s1"
    assert platform.fetches == 1


async def test_a_failed_refresh_keeps_the_old_secret_and_alarms(platform: Platform, tasks: Tasks) -> None:
    told = Told()
    kept = keeper(platform, tasks, told)
    await kept.ready()
    platform.broken = Unreachable("ConnectionRefusedError on the wire")
    platform.clock.move(3550)
    with capture_logs() as logs:
        assert await text(kept) == "s1"
        await turns()
        assert await text(kept) == "s1"
        await turns()
        assert platform.fetches == 2  # not again at once
        platform.clock.move(5)
        assert await text(kept) == "s1"
        await turns()
    assert platform.fetches == 3
    assert [(log["event"], log["log_level"], log["status"], log["seconds"]) for log in logs] == [
        ("secret.refresh_failed", "error", "unreachable", 50),
        ("secret.refresh_failed", "error", "unreachable", 45),
    ]
    assert told.calls == [("social_insurance", "share", worked) for worked in (True, False, False)]
    platform.broken = None
    platform.clock.move(5)
    await kept.ready()
    await turns()
    assert await text(kept) == "s2"


async def test_a_secret_that_is_over_on_arrival_is_a_matter_of_clocks(platform: Platform, tasks: Tasks) -> None:
    platform.life = 0.0
    with pytest.raises(ConfigFault, match="clocks"):
        await keeper(platform, tasks).ready()


async def test_who_waits_when_the_gateway_ends_is_told(platform: Platform) -> None:
    platform.gate = asyncio.Event()
    async with Tasks(close_seconds=0.0) as tasks:
        kept = keeper(platform, tasks)
        caller = asyncio.ensure_future(kept.ready())
        await turns()
    with pytest.raises(Unreachable, match="stopping"):
        await caller


async def test_after_a_refusal_a_newer_secret_is_fetched_once_for_all(platform: Platform, tasks: Tasks) -> None:
    kept = keeper(platform, tasks)
    refused = await kept.ready()
    platform.gate = asyncio.Event()
    callers = [tasks.start(kept.renewed(refused)) for _ in range(200)]
    await turns()
    platform.gate.set()
    assert await asyncio.gather(*callers) == [True] * 200
    assert (platform.fetches, platform.most_at_once, await text(kept)) == (2, 1, "s2")
    assert await kept.renewed(refused)  # another one is known already
    assert platform.fetches == 2


async def test_a_refresh_that_began_before_the_rotation_is_not_enough(platform: Platform, tasks: Tasks) -> None:
    platform.fixed = "old"
    kept = keeper(platform, tasks)
    refused = await kept.ready()
    platform.clock.move(3550)
    platform.gate = asyncio.Event()
    await kept.ready()
    await turns()
    assert platform.at_once == 1
    caller = tasks.start(kept.renewed(refused))
    await turns()

    class Rotating(asyncio.Event):
        async def wait(self) -> bool:  # type: ignore[override]
            platform.fixed = "new"
            return True

    first, platform.gate = platform.gate, Rotating()
    first.set()
    assert await caller is True
    assert kept.current.text == "new"
    assert platform.fetches == 3


async def test_where_the_secret_is_the_same_again_refusals_are_not_about_it(platform: Platform, tasks: Tasks) -> None:
    platform.fixed = "same"
    kept = keeper(platform, tasks)
    refused = await kept.ready()
    assert not await kept.renewed(refused)
    assert (platform.fetches, platform.clock.slept) == (2, [])
    assert not await kept.renewed(refused)
    assert (platform.fetches, platform.clock.slept) == (3, [IN_VAIN_SECONDS])  # once a second at most
    platform.clock.move(IN_VAIN_SECONDS)
    assert not await kept.renewed(refused)
    assert (platform.fetches, platform.clock.slept) == (4, [IN_VAIN_SECONDS])


async def test_a_rotation_right_after_a_search_in_vain_is_waited_for_by_all_and_fetched_once(
    platform: Platform, tasks: Tasks
) -> None:
    platform.fixed = "same"
    kept = keeper(platform, tasks)
    refused = await kept.ready()
    assert not await kept.renewed(refused)  # one forged reply, for one person
    platform.fixed = "new"
    assert await asyncio.gather(*(kept.renewed(refused) for _ in range(200))) == [True] * 200
    assert (platform.fetches, platform.clock.slept[0]) == (3, IN_VAIN_SECONDS)


async def test_two_hundred_refusals_that_no_secret_helps_share_their_refreshes(
    platform: Platform, tasks: Tasks
) -> None:
    platform.fixed = "same"
    kept = keeper(platform, tasks)
    refused = await kept.ready()
    assert await asyncio.gather(*(kept.renewed(refused) for _ in range(200))) == [False] * 200
    # One for the first, and a second later one for all that were refused while it was on its way.
    assert (platform.fetches, platform.most_at_once) == (1 + 2, 1)


async def test_a_refresh_that_fails_after_a_refusal_gives_no_hope(platform: Platform, tasks: Tasks) -> None:
    kept = keeper(platform, tasks)
    refused = await kept.ready()
    platform.broken = Unreachable("OSError on the wire")
    assert not await kept.renewed(refused)
    assert kept.current == refused


async def test_a_few_secrets_are_remembered(platform: Platform, tasks: Tasks) -> None:
    kept = keeper(platform, tasks)
    for _ in range(REMEMBERED + 2):
        await kept.renewed(await kept.ready())
    assert kept.known(1) == ("s7", "s6", "s5", "s4")
    assert (kept.known(6), kept.known(7)) == (("s7", "s6"), ("s7",))


async def test_a_secret_given_again_keeps_its_number(platform: Platform, tasks: Tasks) -> None:
    platform.fixed = "same"
    kept = keeper(platform, tasks)
    await kept.renewed(await kept.ready())
    assert (kept.taken, kept.known(1)) == (1, ("same",))


async def test_no_secret_is_in_any_text(platform: Platform, tasks: Tasks) -> None:
    kept = keeper(platform, tasks)
    secret = await kept.ready()
    assert repr(secret) == "Secret(ends=1525222800.0)"
    assert secret == Secret("s1", secret.ends)
    assert "s1" not in repr(kept) + str(vars(kept)["_secrets"])
