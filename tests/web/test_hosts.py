"""Forwarding headers (H11): whose count, and what is said of those that do not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.paths.margins import LINES
from tests.web.doorway import SERVED, Doorway, doorway

FROM_OUTSIDE = (("X-Forwarded-Host", "evil.example"), ("X-Real-IP", "192.0.2.77"), ("Forwarded", "for=192.0.2.77"))


@pytest.fixture
async def behind() -> AsyncIterator[Doorway]:
    """The door behind a listed proxy on this machine."""
    async with doorway(is_behind_proxy=True) as here:
        yield here


def through(door: Doorway, *forwarded: str, host: str = "127.0.0.1:8650"):
    """What a proxy that wrote another Host passes on."""
    return door.ask(sent={"Host": host}, headers=tuple(("X-Forwarded-Host", name) for name in forwarded))


async def test_a_listed_proxy_says_which_name_was_asked(behind: Doorway):
    asked = through(behind, SERVED[0])
    reply = await behind.send(asked)
    assert (reply.status, behind.is_bound(reply, asked), behind.forwarded) == (200, True, 0)


async def test_it_is_held_to_our_names_all_the_same(behind: Doorway):
    assert (await behind.send(through(behind, "evil.example", host=SERVED[0]))).status == 421
    assert (await behind.send(through(behind, f"{SERVED[0]}, {SERVED[0]}"))).status == 421
    assert behind.taken == []


async def test_two_lines_of_it_name_nobody(behind: Doorway):
    asked = behind.ask()
    reply = await behind.send(asked, *(f"X-Forwarded-Host: {SERVED[0]}" for _ in range(2)))
    assert reply.status == 421


async def test_the_signature_is_over_the_name_that_it_says(behind: Doorway):
    reply = await behind.send(through(behind, SERVED[1], host=SERVED[0]))
    assert (reply.status, reply.code) == (401, "signature_invalid")


async def test_without_it_host_counts(behind: Doorway):
    asked = behind.ask(headers=(("X-Forwarded-For", "192.0.2.77"), ("X-Forwarded-Proto", "https")))
    assert (await behind.send(asked)).status == 200
    assert behind.forwarded == 0


async def test_from_anybody_else_they_are_told_by_name_once_a_minute_and_never_by_value(door: Doorway):
    start = len(LINES)
    for _ in range(3):
        assert (await door.send(door.ask(headers=FROM_OUTSIDE))).status == 200
    assert await told(start) == ['"count": 1']
    door.clock.move(61)
    assert (await door.send(door.ask(headers=FROM_OUTSIDE))).status == 200
    assert await told(start) == ['"count": 1', '"count": 3']
    assert door.forwarded == 4
    said = "".join(LINES[start:])
    assert '"name": "Forwarded, X-Forwarded-Host, X-Real-IP"' in said
    assert "evil" not in said
    assert "192.0.2" not in said


async def told(start: int) -> list[str]:
    lines = [line for line in LINES[start:] if "forwarded.ignored" in line]
    return [part.strip(" {}") for line in lines for part in line.split(",") if '"count"' in part]
