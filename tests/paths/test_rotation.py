"""The platform rotates its secrets all the time, and no applicant notices; each channel has one refresh at a time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from gateway.client import Answer
from gateway.clock import SystemClock
from gateway.commands.scaffold import CONSUMER_KEY
from mocks.arming import EVERYBODY, REFRESH
from mocks.clock import MockClock
from mocks.keys import SecretTimes
from mocks.server import start
from tests.system import INSURANCE, System, consumer, identities, site, told

VERIFICATIONS, AT_ONCE = 200, 20
STEP = 0.1
"""How far each verification moves the platform's clock: every tenth meets the end of a second, and so new secrets."""
REFRESH_SECONDS = {"share": 0.011, "query": 0.013}
"""What a refresh takes: told apart by it, since nothing else waits on the platform's clock."""


@dataclass
class Refreshes(MockClock):
    """The platform's clock, which sees how many refreshes of a channel wait on it at once."""

    now: Counter[float] = field(default_factory=Counter)
    most: Counter[float] = field(default_factory=Counter)
    seen: Counter[float] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        super().__init__(SystemClock())

    async def sleep(self, seconds: float) -> None:
        self.now[seconds] += 1
        self.seen[seconds] += 1
        self.most[seconds] = max(self.most[seconds], self.now[seconds])
        try:
            await super().sleep(seconds)
        finally:
            self.now[seconds] -= 1


@pytest.fixture
async def rotating(tmp_path: Path) -> AsyncIterator[tuple[System, Refreshes]]:
    """A system whose platform accepts a secret for a second of its clock, without any grace."""
    folders, cast, scenarios = told()
    clock = Refreshes()
    async with site(tmp_path / "home") as here:
        known = {
            key: replace(each, secrets=SecretTimes(rotate_every=1)) if key[0] == INSURANCE else each
            for key, each in identities(here.home).items()
        }
        async with (
            start(folders, cast, known, scenarios=scenarios, ports=here.ports, clock=clock) as mocks,
            here.serving() as running,
            consumer(here, "counter", CONSUMER_KEY) as asks,
        ):
            for channel, seconds in REFRESH_SECONDS.items():
                mocks.arm(EVERYBODY, INSURANCE, "slow_first_byte", channel=channel, operation=REFRESH, seconds=seconds)
            yield System(here.home, running, mocks, cast, asks, asks), clock


async def test_two_hundred_verifications_while_the_secret_is_rotated_every_second(rotating: tuple[System, Refreshes]):
    system, clock = rotating
    places = asyncio.Semaphore(AT_ONCE)

    async def asked(number: int) -> Answer:
        async with places:
            clock.move_by(STEP)
            return await system.ask(("P08", "S06", "S15")[number % 3], residence_basis="employment")

    answers = await asyncio.gather(*(asked(number) for number in range(VERIFICATIONS)))
    materials = [each for answer in answers for each in answer.materials if each.material == "social_insurance_proof"]
    assert Counter((each.verdict, each.reason) for each in materials) == {
        ("confirmed", "insurance_continuous"): VERIFICATIONS
    }
    channels = [source for each in materials for source in each.sources if source.authority == INSURANCE]
    assert Counter((source.channel, source.status) for source in channels) == {
        ("share", "answered"): VERIFICATIONS, ("query", "answered"): VERIFICATIONS,
    }  # fmt: skip
    journal = [entry for entry in system.mocks.journals[INSURANCE] if entry.operation != REFRESH]
    assert sum(entry.outcome.startswith("refused") for entry in journal) > 0, "no secret was rotated away in mid-use"
    rotations = int(VERIFICATIONS * STEP)
    for channel, seconds in REFRESH_SECONDS.items():
        assert clock.most[seconds] == 1, f"refreshes of {channel} side by side"
        assert rotations / 2 <= clock.seen[seconds] <= rotations * 2 + 2, channel
