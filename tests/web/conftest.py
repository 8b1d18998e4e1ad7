from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.web.doorway import Doorway, doorway


@pytest.fixture
async def door() -> AsyncIterator[Doorway]:
    """The door on a socket, with doubles behind it and time standing still."""
    async with doorway() as here:
        yield here
