"""The one path where somebody is slow: an answer on time, and the last revision of it."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import Unwritable
from gateway.model import Status
from gateway.verify import verify
from tests.calling.doubles import turns
from tests.test_verify import ADULT, HUKOU, PERMIT, SIGNED, World, policy, question

SLOW = 40
"""Milliseconds, as a consumer never may: the one thing here that takes real time, and little."""


async def test_what_is_slow_is_answered_without_on_time_and_completed_later():
    world = World(slow={"guardianship_archive": asyncio.Event()})
    asked = question(materials=("guardianship_proof",), deadline_ms=SLOW)
    answered = await verify(asked, SIGNED, policy(), world.house)
    assert (answered.verdict.revision, answered.verdict.outcome) == (1, "pending")
    assert world.ends == [(1, "pending", False)]
    statuses = {source.authority: source.status for source in answered.verdict.judgements[0].sources}
    assert statuses["guardianship_archive"] is Status.TIMEOUT
    world.slow["guardianship_archive"].set()
    await turns()
    assert world.ends[1:] == [(2, "complete", True)]
    assert [verdict.revision for verdict in world.completed] == [2]
    assert len(world.tasks) == 0


async def test_when_nothing_is_late_the_first_answer_is_the_last():
    world = World()
    await verify(question(), SIGNED, policy(), world.house)
    await turns()
    assert world.ends == [(1, "complete", True)]
    assert world.completed == []


async def test_where_late_findings_are_not_wanted_the_answer_on_time_is_the_last():
    world = World(slow={"guardianship_archive": asyncio.Event()}, late_seconds=0.0)
    asked = question(materials=("guardianship_proof",), deadline_ms=SLOW)
    await verify(asked, SIGNED, policy(), world.house)
    world.slow["guardianship_archive"].set()
    await turns()
    assert world.ends == [(1, "partial", True)]


async def test_what_does_not_end_within_its_bound_is_left_out_for_good():
    world = World(slow={"guardianship_archive": asyncio.Event()}, late_seconds=0.001)
    await verify(question(materials=("guardianship_proof",), deadline_ms=SLOW), SIGNED, policy(), world.house)
    while not world.completed:
        await turns(1)
    assert world.ends == [(1, "pending", False), (2, "partial", True)]


async def test_a_registry_that_is_slow_costs_only_the_first_round_and_counts_as_soon_as_it_speaks():
    world = World(region="22", slow={"household_registry": asyncio.Event()})
    asked = question(ADULT, None, materials=("residence_permit",), deadline_ms=SLOW)
    answered = await verify(asked, SIGNED, policy(), world.house)
    assert (world.asked(), answered.body) == ({HUKOU, PERMIT}, b"residence_permit=undetermined")
    world.slow["household_registry"].set()
    await turns()
    assert world.told[-1] == "conclude residence_permit=not_applicable"


async def test_without_a_durable_answer_nothing_is_completed():
    world = World(slow={"guardianship_archive": asyncio.Event()}, conclude_fails=Unwritable("disk full"))
    with pytest.raises(Unwritable):
        await verify(question(materials=("guardianship_proof",), deadline_ms=SLOW), SIGNED, policy(), world.house)
    world.slow["guardianship_archive"].set()
    await turns()
    assert world.ends == [(1, "pending", False)]
