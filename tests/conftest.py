"""For the whole run: a listening ear on every log line, the system fixture, and the privacy sweep as the last test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from tests.paths.margins import LINES, is_last, listen
from tests.system import System
from tests.system import system as whole

# A machine that is busy is no fault of ours: nothing here is measured by the clock.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _margins() -> None:
    """Before every test, because a test may set up the logs for itself; what it prints then is caught below."""
    listen()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Standard error of every test is read too: log lines of commands and of subprocesses end there."""
    LINES.extend(text for title, text in report.sections if title.startswith("Captured stderr"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=is_last)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    """One running system for a module whose tests say `pytest.mark.asyncio(loop_scope="module")`."""
    async with whole(tmp_path_factory.mktemp("system") / "home") as running:
        yield running
