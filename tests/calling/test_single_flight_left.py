"""Single flight, when somebody leaves: each waits for their own time only, and ends nothing that others wait for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from gateway.calling.tasks import Tasks
from gateway.errors import TimedOut
from gateway.model import Status
from tests.calling.doubles import finding, turns
from tests.calling.sharing import Setting


@pytest.fixture
async def here() -> AsyncIterator[Setting]:
    async with Tasks(close_seconds=0.0) as tasks:
        yield Setting(tasks)


async def test_a_first_asker_who_leaves_ends_nothing(here: Setting):
    first, second = here.asks("e1"), here.asks("e2")
    await turns()
    first.cancel()
    await turns()
    assert not second.done()
    third = here.asks("e3")
    await turns()
    here.below.gate.set()
    assert [(await each).status for each in (second, third)] == [Status.ANSWERED] * 2
    assert (len(here.below.asked), here.below.cancelled) == (1, 0)
    assert len(here.own("e2")) == 1


async def test_when_the_last_one_leaves_the_call_ends_by_itself_and_nothing_new_is_sent(here: Setting):
    first, second = here.asks("e1"), here.asks("e2")
    await turns()
    for each in (second, first):
        each.cancel()
        with suppress(asyncio.CancelledError):
            await each
    trail = here.below.asked[0][1].trail
    assert (trail.is_closed, here.below.cancelled, len(here.flights)) == (True, 0, 0)
    third = here.asks("e3")
    await turns()
    assert len(here.below.asked) == 2, "nobody joins what sends nothing more"
    here.below.gate.set()
    assert (await third).status is Status.ANSWERED
    assert [call.evidence_id for call in here.own("e2")], "what was asked about them is in their entries all the same"


async def test_a_follower_has_only_its_own_time(here: Setting):
    first, short = here.asks("e1"), here.asks("e2", seconds=0.001)
    found = await short
    assert (found.status, found.attempts, found.evidence) == (Status.TIMEOUT, 1, ())
    assert not first.done()
    here.below.gate.set()
    assert (await first).status is Status.ANSWERED
    await turns()
    assert len(here.own("e2")) == 1, "the call that it did not wait for is among its entries"


async def test_a_first_asker_of_little_time_does_not_cost_the_others_theirs(here: Setting):
    here.below.says = [TimedOut("the first asker's deadline"), finding(months=12)]
    asking = [here.asks("e1", seconds=1.0), *(here.asks(f"e{n}") for n in range(2, 6))]
    await turns()
    here.clock.move(0.95)
    here.below.gate.set()
    found = await asyncio.gather(*asking)
    assert [each.status for each in found] == [Status.TIMEOUT, *[Status.ANSWERED] * 4]
    assert len(here.below.asked) == 2, "asked anew once, for all of them"
    assert [each.attempts for each in found] == [1, 2, 2, 2, 2]
    assert all(len({call.evidence_id for call in each.evidence}) == each.attempts for each in found)


async def test_who_has_hardly_any_time_left_does_not_ask_anew(here: Setting):
    here.below.says = [TimedOut("the first asker's deadline")]
    asking = [here.asks("e1", seconds=1.0), here.asks("e2", seconds=1.2)]
    await turns()
    here.clock.move(0.95)
    here.below.gate.set()
    assert [each.status for each in await asyncio.gather(*asking)] == [Status.TIMEOUT] * 2
    assert len(here.below.asked) == 1


async def test_nothing_is_kept_afterwards(here: Setting):
    here.below.gate.set()
    for number in range(50):
        await asyncio.gather(*(here.asks(f"{number}-{n}") for n in range(3)))
    await turns()
    assert (len(here.flights), len(here.tasks), len(here.below.asked)) == (0, 0, 50)


async def test_a_call_that_is_late_already_is_not_shared(here: Setting):
    here.below.says = [finding(months=12), finding(months=12)]
    first = here.asks("e1", seconds=2.0, late=20.0)
    await turns()
    here.clock.move(2.5)
    again = here.asks("e2", seconds=7.0)
    await turns()
    assert len(here.below.asked) == 2
    here.below.gate.set()
    assert {each.status for each in await asyncio.gather(first, again)} == {Status.ANSWERED}
    await turns()
    assert len(here.flights) == 0
