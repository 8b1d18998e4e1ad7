from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from gateway.clock import SystemClock
from gateway.contract.folders import load_authorities, shipped
from mocks.server import Mocks, cast_of, start
from tests.faults.wires import CHANNELS, HastyMockClock, Wire
from tests.mocks.asking import Keys


@dataclass
class Everything:
    """All five channels of running mocks."""

    mocks: Mocks
    clock: HastyMockClock
    wires: dict[str, Wire] = field(default_factory=dict)


@pytest.fixture(scope="session")
def everything():
    """Contracts, cast, scenarios and keys: read and made once."""
    shipped_ones = load_authorities(shipped())
    folders = {name: shipped_ones[name] for name, _ in CHANNELS}
    return folders, *cast_of(shipped_ones.values()), Keys()


@pytest.fixture
async def five(everything) -> AsyncIterator[Everything]:
    folders, cast, scenarios, keys = everything
    makers = {"household_registry": keys.soap, "social_insurance": keys.platform}
    identities = {key: makers.get(key[0], keys.rest)() for key in CHANNELS}
    clock = HastyMockClock(SystemClock())
    async with start(folders, cast, identities, scenarios=scenarios, clock=clock) as mocks:
        wires = {f"{a}.{c}": Wire(a, c, mocks, keys, cast, folders) for a, c in CHANNELS}
        yield Everything(mocks, clock, wires)
