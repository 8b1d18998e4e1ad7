from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from gateway.contract.folders import AuthorityFolder, load_authorities, shipped
from gateway.contract.people import Cast
from gateway.contract.scenarios import Scenarios
from mocks.server import Mocks, cast_of, start
from tests.mocks.asking import Caller, Keys

REST = ("residence_permit", "guardianship_archive")


@pytest.fixture(scope="session")
def folders() -> dict[str, AuthorityFolder]:
    return load_authorities(shipped())


@pytest.fixture(scope="session")
def told(folders: dict[str, AuthorityFolder]) -> tuple[Cast, dict[str, Scenarios]]:
    return cast_of(folders.values())


@pytest.fixture(scope="session")
def cast(told: tuple[Cast, dict[str, Scenarios]]) -> Cast:
    return told[0]


@pytest.fixture(scope="session")
def scenarios(told: tuple[Cast, dict[str, Scenarios]]) -> dict[str, Scenarios]:
    return told[1]


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys()


@pytest.fixture
async def mocks(folders, cast, scenarios, keys) -> AsyncIterator[Mocks]:
    identities = {(name, "share"): keys.rest() for name in REST} | {("household_registry", "query"): keys.soap()}
    async with start(folders, cast, identities, scenarios=scenarios) as running:
        yield running


@pytest.fixture
async def caller(mocks, keys) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(session, mocks, keys)
