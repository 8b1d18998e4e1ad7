"""What becomes of calls nobody waits for any more, and where channels disagree."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.calling.tasks import Tasks
from gateway.model import Join, Status

from .channels import BOTH, LATER, NO, RACE, SOON, YES, Channels, no
from .doubles import AUTHORITY, finding, question, turns


@pytest.fixture
async def channels() -> AsyncIterator[Channels]:
    async with Tasks(close_seconds=0.0) as tasks:
        yield Channels(tasks)


async def test_who_lost_the_race_ends_by_itself_and_is_compared(channels: Channels) -> None:
    channels.says(finding(name="y", **{"confirms": True}), finding(channel="query", **YES))
    work = channels.begin(RACE)
    channels.open("query")
    await work
    with capture_logs() as logs:
        channels.open("share")
        await turns()
    assert [(log["event"], log["channel"]) for log in logs] == [
        ("check.ended_late", "share"),
        ("channels.diverged", "share"),
    ]
    assert logs[1]["name"] == "name"
    assert "'y'" not in str(logs)
    assert channels.told.calls == [(AUTHORITY, ("name",), "229901000000")]
    assert len(channels.tasks) == 0


async def test_where_they_disagree_the_facts_are_named_logged_and_counted(channels: Channels) -> None:
    channels.says(finding(**YES, day=1), finding(channel="query", **YES, day=2))
    channels.open()
    with capture_logs() as logs:
        found = await channels.begin(BOTH)
    assert found.diverges_on == ("day",)
    assert logs == [
        {
            "event": "channels.diverged",
            "log_level": "warning",
            "authority": AUTHORITY,
            "channel": "query",
            "name": "day",
        }
    ]
    assert channels.told.calls == [(AUTHORITY, ("day",), "229901000000")]


async def test_only_what_both_were_asked_about_is_compared(channels: Channels) -> None:
    def months(*days: date) -> list[dict[str, Any]]:
        return [{"month": day, "kind": "pension"} for day in days]

    channels.questions["query"] = question("per_year", months_back=15)
    old, both, after = date(2016, 12, 1), date(2017, 1, 1), date(2018, 6, 1)
    channels.says(finding(**YES, months=months(old, both)), finding(channel="query", **YES, months=months(both, after)))
    channels.open()
    assert (await channels.begin(BOTH)).diverges_on == ()


async def test_at_the_deadline_the_best_so_far_is_given_and_nothing_is_cancelled(channels: Channels) -> None:
    channels.says(no(), finding(channel="query", **YES))
    channels.open("share")
    found = await channels.begin(RACE, seconds=0.06)
    assert (found.channel, found.status) == ("share", Status.ANSWERED)
    ((other),) = found.others
    assert (other.channel, other.status, other.attempts) == ("query", Status.TIMEOUT, 1)
    assert (channels.query.cancelled, len(channels.tasks)) == (0, 2)
    with capture_logs() as logs:
        channels.open("query")
        await turns()
    assert logs[0]["event"] == "check.ended_late"
    assert len(channels.tasks) == 0


@pytest.mark.parametrize("how", [RACE, BOTH, LATER])
async def test_with_nothing_at_the_deadline_the_first_channel_has_timed_out(channels: Channels, how: Join) -> None:
    found = await channels.begin(how, seconds=0.06)
    assert (found.channel, found.status) == ("share", Status.TIMEOUT)
    second = Status.NOT_REQUESTED if how is LATER else Status.TIMEOUT
    assert [other.status for other in found.others] == [second]


async def test_two_that_come_too_late_are_compared_with_each_other(channels: Channels) -> None:
    channels.says(finding(**YES, day=1), finding(channel="query", **YES, day=2))
    await channels.begin(RACE, seconds=0.06)
    channels.open()
    await turns()
    assert channels.told.calls == [(AUTHORITY, ("day",), "229901000000")]


@pytest.mark.parametrize("answers", [YES, NO])
@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("first", ["share", "query"])
async def test_a_record_that_only_one_channel_has_is_told_and_changes_nothing(
    channels: Channels, answers: dict[str, Any], is_late: bool, first: str
) -> None:
    channels.says(finding(**answers), finding(Status.NO_RECORD, "query"))
    if first == "query":
        channels.says(finding(Status.NO_RECORD), finding(channel="query", **answers))
    with capture_logs() as logs:
        work = channels.begin(BOTH, seconds=0.06 if is_late else 7.0)
        if not is_late:
            channels.open()
        found = await work
        channels.open()
        await turns()
    assert found.diverges_on == ()
    assert channels.told.calls == [(AUTHORITY, ("no_record",), "229901000000")]
    assert [log["name"] for log in logs if log["event"] == "channels.diverged"] == ["no_record"]


@pytest.mark.parametrize("how", [RACE, BOTH, SOON])
async def test_when_the_asker_is_cancelled_the_calls_go_on(channels: Channels, how: Join) -> None:
    work = channels.begin(how)
    await turns()
    work.cancel()
    await turns()
    assert work.cancelled()
    assert channels.share.cancelled == 0
    assert len(channels.tasks) >= 1
    channels.open()
    await turns()
    assert len(channels.tasks) == 0


async def test_a_channel_that_sent_nothing_before_another_confirmed_is_not_late(channels: Channels) -> None:
    channels.share.sends = False
    work = channels.begin(RACE)
    channels.open("query")
    found = await work
    assert (found.channel, found.status) == ("query", Status.ANSWERED)
    assert [(other.channel, other.status) for other in found.others] == [("share", Status.NOT_REQUESTED)]


async def test_a_channel_that_sent_nothing_until_the_deadline_was_not_slow(channels: Channels) -> None:
    channels.share.sends = False
    found = await channels.begin(BOTH, seconds=0.06)
    assert (found.channel, found.status, found.attempts) == ("query", Status.TIMEOUT, 1)
    assert [(other.channel, other.status) for other in found.others] == [("share", Status.NOT_REQUESTED)]
