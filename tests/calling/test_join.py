"""Several channels, one Finding: which one ends the asking, and in which order they are asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.calling.tasks import Tasks
from gateway.model import Finding, Join, Status

from .channels import BOTH, LATER, RACE, SOON, YES, Channels, no, status
from .doubles import check, finding, turns


@pytest.fixture
async def channels() -> AsyncIterator[Channels]:
    async with Tasks(close_seconds=0.0) as tasks:
        yield Channels(tasks)


async def test_a_race_asks_both_and_the_first_conclusive_one_is_given_at_once(channels: Channels) -> None:
    work = channels.begin(RACE)
    await turns()
    assert channels.asked == (1, 1)
    channels.open("query")
    found = await work
    assert (found.channel, found.status, found.diverges_on) == ("query", Status.ANSWERED, ())
    ((late),) = found.others
    assert (late.channel, late.status, late.attempts) == ("share", Status.LATE, 1)
    assert late.reply_grade is None
    assert channels.share.cancelled == 0


@pytest.mark.parametrize("first", [no(), status(Status.NO_RECORD), status(Status.TIMEOUT)])
async def test_what_does_not_confirm_waits_for_the_other_channel(channels: Channels, first: Finding) -> None:
    channels.says(first, finding(channel="query", **YES))
    work = channels.begin(RACE)
    channels.open("share")
    await turns()
    assert not work.done()
    channels.open("query")
    found = await work
    assert (found.channel, found.status) == ("query", Status.ANSWERED)
    assert [(other.channel, other.status) for other in found.others] == [("share", first.status)]


@pytest.mark.parametrize(
    ("share", "query", "best"),
    [
        (no(), no("query"), "share"),
        (status(Status.NO_RECORD), no("query"), "query"),
        (no(), status(Status.NO_RECORD, "query"), "share"),
        (status(Status.UNREACHABLE), status(Status.NO_RECORD, "query"), "query"),
        (status(Status.UNREACHABLE), status(Status.TIMEOUT, "query"), "share"),
        (no(), finding(channel="query", **YES), "query"),
    ],
)
@pytest.mark.parametrize("how", [RACE, BOTH, SOON, LATER])
async def test_the_best_of_what_came_in(
    channels: Channels, how: Join, share: Finding, query: Finding, best: str
) -> None:
    channels.says(share, query)
    work = channels.begin(how)
    channels.open()
    found = await work
    assert found.channel == best
    assert {found.status, *(other.status for other in found.others)} == {share.status, query.status}
    assert channels.asked == (1, 1)


async def test_the_policy_s_order_is_the_order_of_preference(channels: Channels) -> None:
    work = channels.begin(Join("both_and_compare", ("query", "share")))
    channels.open()
    found = await work
    assert (found.channel, [other.channel for other in found.others]) == ("query", ["share"])


async def test_after_a_delay_the_next_is_not_asked_when_the_first_confirms_in_time(channels: Channels) -> None:
    channels.open("share")
    found = await channels.begin(LATER)
    assert found.channel == "share"
    assert [(other.channel, other.status, other.attempts) for other in found.others] == [
        ("query", Status.NOT_REQUESTED, 0)
    ]
    assert channels.asked == (1, 0)


@pytest.mark.parametrize("first", [no(), status(Status.NO_RECORD), status(Status.UNREACHABLE)])
async def test_the_next_is_asked_at_once_when_the_first_does_not_confirm(channels: Channels, first: Finding) -> None:
    channels.says(first, finding(channel="query", **YES))
    channels.open()
    found = await channels.begin(LATER)
    assert (found.channel, channels.asked) == ("query", (1, 1))


async def test_the_next_is_asked_when_the_delay_is_over(channels: Channels) -> None:
    work = channels.begin(SOON)
    channels.open("query")
    found = await work
    assert found.channel == "query"
    assert [(other.channel, other.status) for other in found.others] == [("share", Status.LATE)]
    assert channels.share.cancelled == 0


async def test_a_slow_first_may_still_win(channels: Channels) -> None:
    work = channels.begin(SOON)
    while channels.asked != (1, 1):
        await asyncio.wait([work], timeout=0.001)
    channels.open("share")
    found = await work
    assert (found.channel, found.others[0].status) == ("share", Status.LATE)


async def test_both_are_awaited_though_the_first_confirms(channels: Channels) -> None:
    work = channels.begin(BOTH)
    channels.open("share")
    await turns()
    assert not work.done()
    channels.open("query")
    found = await work
    assert (found.channel, found.others[0].status) == ("share", Status.ANSWERED)


async def test_each_channel_has_a_trail_of_its_own(channels: Channels) -> None:
    asked = check(RACE)
    channels.open()
    await channels.begin(RACE, trail=asked.trail)
    (share,), (query,) = channels.share.checks, channels.query.checks
    assert share.trail is not query.trail
    assert asked.trail.attempts == 0


async def test_a_channel_is_asked_only_questions_that_it_has(channels: Channels) -> None:
    del channels.questions["query"]
    channels.open()
    for how in (None, RACE):
        found = await channels.begin(how)
        assert (found.channel, found.others) == ("share", ())
    assert channels.asked == (2, 0)


async def test_without_a_join_all_that_can_be_asked_are_asked_and_compared(channels: Channels) -> None:
    work = channels.begin(None)
    channels.open("share")
    await turns()
    assert not work.done()
    channels.open("query")
    assert len((await work).others) == 1
