"""Single flight: one call for all who ask the same at once, each with their own entries and their own time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gateway.calling.single_flight import single_flight
from gateway.calling.tasks import Tasks
from gateway.errors import QuotaSpent, TimedOut, Unreachable
from gateway.model import Check, Finding, Intent, Join, Person, Status
from tests.calling.doubles import OPERATOR, WHO, called, check, finding, intent, turns
from tests.calling.sharing import Setting

OTHER = Person("219901199203151081", "阿测·样例")


@pytest.fixture
async def here() -> AsyncIterator[Setting]:
    async with Tasks(close_seconds=0.0) as tasks:
        yield Setting(tasks)


async def test_equal_questions_make_one_call_and_each_has_its_own_entries(here: Setting):
    asking = [here.asks(f"e{n}", operator=replace(OPERATOR, id=f"op-{n}")) for n in range(5)]
    await turns()
    here.below.gate.set()
    found = await asyncio.gather(*asking)
    assert len(here.below.asked) == 1
    assert {(each.status, each.attempts, each.records["insured"]["months"]) for each in found} == {
        (Status.ANSWERED, 1, 12)
    }
    assert here.own("e0") == [], "the exchange writes the first asker's"
    ids = [call.evidence_id for each in found for call in each.evidence]
    assert len(set(ids)) == 5
    for number, each in enumerate(found[1:], 1):
        assert here.own(f"e{number}") == list(each.evidence)
        assert replace(each.evidence[0], evidence_id="call-1") == found[0].evidence[0]
    assert here.flights.shared["social_insurance"] == 4


@pytest.mark.parametrize(
    ("asked", "more"),
    [
        ({"about": {"subject": OTHER}}, {}),
        ({"about": {"guardian": WHO}}, {}),
        ({"about": {"subject": replace(WHO, name="阿测样例")}}, {}),
        ({"as_of": date(2018, 5, 3)}, {}),
        ({"question": "permit"}, {}),
        ({"authority": "permits"}, {}),
        ({"join": Join("race", ("share", "query"))}, {}),
        ({}, {"purpose": "household_registration"}),
    ],
)
async def test_what_is_not_the_same_question_is_asked_for_itself(here: Setting, asked: dict[str, Any], more: Any):
    asking = [here.asks(), here.asks(asked=check(**asked), **more)]
    await turns()
    assert len(here.below.asked) == 2
    here.below.gate.set()
    await asyncio.gather(*asking)


async def test_another_policy_is_another_question(here: Setting):
    asking = [asyncio.ensure_future(single_flight(here.flights)(here.below)(each, check())) for each in (
        intent(), replace(intent(), policy="jilin-2019-04")
    )]  # fmt: skip
    await turns()
    assert len(here.below.asked) == 2
    here.below.gate.set()
    await asyncio.gather(*asking)


@pytest.mark.parametrize(
    "more", [{"materials": ("a",)}, {"guardian": OTHER}, {"operator": replace(OPERATOR, unit_code="229902000000")}]
)
async def test_where_channels_join_what_is_conclusive_must_be_the_same_too(here: Setting, more: Any):
    joined = check(Join("race", ("share", "query")))
    asking = [here.asks(asked=joined), here.asks(asked=replace(joined), **more), here.asks(), here.asks(**more)]
    await turns()
    assert len(here.below.asked) == 3
    here.below.gate.set()
    await asyncio.gather(*asking)


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


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unreachable("down"), Status.UNREACHABLE),
        (QuotaSpent("spent", retry_after_seconds=30), Status.QUOTA_SPENT),
        (TimedOut("the attempt's own limit"), Status.TIMEOUT),
        (KeyError("a fault of ours"), Status.BAD_REPLY),
    ],
)
async def test_a_failure_is_shared_and_not_kept(here: Setting, error: Exception, status: Status):
    here.below.says = [error, finding(months=12)]
    asking = [here.asks(f"e{n}") for n in range(3)]
    await turns()
    here.below.gate.set()
    found = await asyncio.gather(*asking)
    assert [each.status for each in found] == [status] * 3
    assert len({each.retry_after_seconds for each in found}) == 1
    assert (await here.asks("later")).status is Status.ANSWERED
    assert len(here.below.asked) == 2


async def test_each_has_an_exception_of_its_own(here: Setting):
    here.below.says = [Unreachable("down", retry_after_seconds=3)]
    stage = single_flight(here.flights)(here.below)
    asking = [asyncio.ensure_future(stage(intent(), check())) for _ in range(3)]
    await turns()
    here.below.gate.set()
    raised = await asyncio.gather(*asking, return_exceptions=True)
    assert len(set(map(id, raised))) == 3
    assert {(type(each), str(each)) for each in raised} == {(Unreachable, "down")}


async def test_an_authority_of_several_channels_is_shared_with_all_that_they_said(here: Setting):
    """Below a join there is evidence in the findings, and none in the trail."""
    other = replace(finding(channel="query"), evidence=(called("query-1", Status.ANSWERED),))
    both = replace(finding(), evidence=(called("share-1", Status.ANSWERED),), others=(other,))
    gate = asyncio.Event()

    async def join(intent: Intent, check: Check) -> Finding:
        await gate.wait()
        return both

    stage = single_flight(here.flights)(join)
    asking = [asyncio.ensure_future(stage(replace(intent(), entry_id=name), check())) for name in ("e1", "e2")]
    await turns()
    gate.set()
    first, second = await asyncio.gather(*asking)
    assert first is both
    assert here.own("e2") == [*second.evidence, *second.others[0].evidence]
    assert replace(second, evidence=both.evidence, others=both.others) == both


async def test_nothing_is_kept_afterwards(here: Setting):
    here.below.gate.set()
    for number in range(50):
        await asyncio.gather(*(here.asks(f"{number}-{n}") for n in range(3)))
    await turns()
    assert (len(here.flights), len(here.tasks), len(here.below.asked)) == (0, 0, 50)
