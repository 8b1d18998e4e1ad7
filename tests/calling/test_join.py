"""Several channels, one Finding: which one ends the asking, what becomes of the others, and where they disagree."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.calling.join import Branch, Joined, join
from gateway.calling.tasks import Tasks
from gateway.model import Check, Finding, Grade, Intent, Join, Status
from tests.still import StillClock

from .doubles import AUTHORITY, QUESTION, Asked, Told, check, finding, intent, question, turns

RACE, BOTH = Join("race", ("share", "query")), Join("both_and_compare", ("share", "query"))
SOON, LATER = Join("after_delay", ("share", "query"), 0.001), Join("after_delay", ("share", "query"), 60.0)
YES = {"name": "x", "confirms": True}
NO = {"name": "x", "confirms": False}


@dataclass
class Channels:
    """Two channels, each behind a gate of its own, and everything that a join is made with."""

    tasks: Tasks
    share: Asked = field(default_factory=lambda: Asked([finding(**YES)], gate=asyncio.Event()))
    query: Asked = field(default_factory=lambda: Asked([finding(channel="query", **YES)], gate=asyncio.Event()))
    told: Told = field(default_factory=Told)
    questions: dict[str, Any] = field(default_factory=lambda: {"share": question(), "query": question()})

    def says(self, share: Finding, query: Finding) -> None:
        self.share.says, self.query.says = [share], [query]

    def open(self, *names: str) -> None:
        for name in names or ("share", "query"):
            gate = getattr(self, name).gate
            assert gate is not None
            gate.set()

    def begin(self, how: Join | None, seconds: float = 7.0, **changes: Any) -> asyncio.Task[Finding]:
        def conclusive(intent: Intent, check: Check, found: Finding) -> bool:
            facts = found.records.get("insured")
            return facts is not None and bool(facts.get("confirms"))

        branches = {
            name: Branch(asked, Grade.D, {QUESTION: self.questions[name]} if name in self.questions else {})
            for name, asked in (("share", self.share), ("query", self.query))
        }
        connector = join(branches, Joined(conclusive, self.told, self.tasks, StillClock()))
        return asyncio.ensure_future(connector(intent(seconds), check(how, **changes)))

    @property
    def asked(self) -> tuple[int, int]:
        return len(self.share.checks), len(self.query.checks)


@pytest.fixture
async def channels() -> AsyncIterator[Channels]:
    async with Tasks(close_seconds=0.0) as tasks:
        yield Channels(tasks)


def no(channel: str = "share", **more: Any) -> Finding:
    return finding(channel=channel, **NO | more)


def status(status: Status, channel: str = "share") -> Finding:
    return finding(status, channel)


async def test_a_race_asks_both_and_the_first_conclusive_one_is_given_at_once(channels: Channels) -> None:
    work = channels.begin(RACE)
    await turns()
    assert channels.asked == (1, 1)
    channels.open("query")
    found = await work
    assert (found.channel, found.status, found.diverges_on) == ("query", Status.ANSWERED, ())
    ((late),) = found.others
    assert (late.channel, late.status, late.attempts, late.request_grade) == ("share", Status.LATE, 1, Grade.D)
    assert late.reply_grade is None
    assert channels.share.cancelled == 0


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
    assert channels.told.calls == [(AUTHORITY, ("name",))]
    assert len(channels.tasks) == 0


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
    assert channels.told.calls == [(AUTHORITY, ("day",))]


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
    assert channels.told.calls == [(AUTHORITY, ("day",))]


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
