"""Renewal: a rotated secret costs a question nothing; a refusal for any other reason stays a refusal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from gateway.calling.renewal import RENEWALS, renewal
from gateway.calling.secrets import IN_VAIN_SECONDS, Secret, SecretKeeper
from gateway.calling.tasks import Tasks
from gateway.errors import BadReply, BadSignature, ConfigFault, TimedOut, Trouble, TurnedAway, Unreachable
from gateway.model import Check, Finding, Intent
from tests.still import StillClock

from .doubles import Asked, Platform, check, finding, intent, keeper


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    async with Tasks() as owner:
        yield owner


@dataclass
class Rotating(Platform):
    """Accepts the newest secret alone; rotates before each of so many calls, and after each so many turns of the loop."""

    accepted: str = "s1"
    rotations: int = 0
    calls: int = 0
    refusal: type[Trouble] = TurnedAway

    def connector(self, kept: SecretKeeper) -> Asked:
        platform = self

        class Calling(Asked):
            async def __call__(self, intent: Intent, check: Check) -> Finding:
                used = kept.current.text
                if platform.rotations > 0:
                    platform.rotations -= 1
                    platform.rotate()
                await super().__call__(intent, check)
                if used != platform.accepted:
                    raise platform.refusal("as the contract reads their reply")
                return finding()

        return Calling([finding()])

    def rotate(self) -> None:
        self.accepted = f"s{self.given + 1}"

    async def fetch(self) -> Secret:
        fetched = await super().fetch()
        self.accepted = fetched.text
        return fetched


@pytest.mark.parametrize("refusal", [TurnedAway, BadSignature])
@pytest.mark.parametrize("rotations", range(RENEWALS + 1))
async def test_a_secret_rotated_in_mid_flight_is_renewed_inside_the_attempt(
    tasks: Tasks, refusal: type[Trouble], rotations: int
) -> None:
    platform = Rotating(StillClock(), refusal=refusal, rotations=rotations)
    kept = keeper(platform, tasks)
    asked = platform.connector(kept)
    found = await renewal(kept)(asked)(intent(), check())
    assert found == finding()
    assert (len(asked.checks), platform.fetches) == (rotations + 1, rotations + 1)


async def test_two_hundred_at_once_over_a_rotation(tasks: Tasks) -> None:
    platform = Rotating(StillClock())
    kept = keeper(platform, tasks)
    asked = platform.connector(kept)
    asked.gate = asyncio.Event()
    connector = renewal(kept)(asked)
    questions = [tasks.start(connector(intent(), check())) for _ in range(200)]  # type: ignore[arg-type]
    while len(asked.checks) < 200:
        await asyncio.wait(questions, timeout=0)
    platform.rotate()
    asked.gate.set()
    assert await asyncio.gather(*questions) == [finding()] * 200
    assert (platform.fetches, platform.most_at_once) == (2, 1)
    assert len(asked.checks) == 400


@pytest.mark.parametrize("refusal", [TurnedAway("we may not"), BadSignature("by none of our secrets")])
async def test_where_the_secret_is_not_the_reason_nothing_is_repeated(tasks: Tasks, refusal: Trouble) -> None:
    platform = Platform(StillClock(), fixed="same")
    kept = keeper(platform, tasks)
    asked = Asked([refusal])
    with pytest.raises(type(refusal), match=refusal.why):
        await renewal(kept)(asked)(intent(), check())
    assert (len(asked.checks), platform.fetches) == (1, 2)


async def test_a_platform_that_always_has_a_new_secret_and_always_refuses_is_not_asked_without_end(
    tasks: Tasks,
) -> None:
    platform = Platform(StillClock())
    kept = keeper(platform, tasks)
    asked = Asked([TurnedAway("we may not")])
    connector = renewal(kept)(asked)
    for questions in (1, 2, 3):
        with pytest.raises(TurnedAway):
            await connector(intent(), check())
        assert (len(asked.checks), platform.fetches) == (questions * (RENEWALS + 1), questions * RENEWALS + 1)
        assert platform.clock.slept == [IN_VAIN_SECONDS] * (questions - 1)  # one search a second


async def test_one_request_that_the_platform_outran_spoils_nothing_for_the_others(tasks: Tasks) -> None:
    platform = Platform(StillClock())
    kept = keeper(platform, tasks)
    refused, answered = Asked([TurnedAway("rotated")]), Asked([finding()])
    for _ in range(3):
        with pytest.raises(TurnedAway):
            await renewal(kept)(refused)(intent(), check())
        assert await renewal(kept)(answered)(intent(), check()) == finding()
    assert platform.fetches == 3 * RENEWALS + 1  # each search went on to its end
    assert platform.clock.slept == [IN_VAIN_SECONDS] * 2  # and the next one waited for its second


@pytest.mark.parametrize("trouble", [Unreachable("x"), TimedOut("x"), BadReply("x"), ConfigFault("x")])
async def test_other_troubles_pass(tasks: Tasks, trouble: Trouble) -> None:
    platform = Platform(StillClock())
    kept = keeper(platform, tasks)
    asked = Asked([trouble])
    with pytest.raises(type(trouble)):
        await renewal(kept)(asked)(intent(), check())
    assert (len(asked.checks), platform.fetches) == (1, 1)


async def test_without_a_secret_nothing_is_asked(tasks: Tasks) -> None:
    platform = Platform(StillClock(), broken=Unreachable("OSError on the wire"))
    asked = Asked([finding()])
    with pytest.raises(Unreachable):
        await renewal(keeper(platform, tasks))(asked)(intent(), check())
    assert asked.checks == []
