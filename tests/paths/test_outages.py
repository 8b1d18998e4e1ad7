"""An authority that is down costs its own material an officer's look, and nobody else anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.client import Answer
from tests.system import ARCHIVE, GUARDIANSHIP, PERMITS, REGISTRY, RESIDENCE, System

pytestmark = pytest.mark.asyncio(loop_scope="module")

OFFICER = ("undetermined", "officer_check")
CHILD = ("M24", "P12")
"""Owes both materials: a child from elsewhere with a permit, and a proof in the archive."""


@asynccontextmanager
async def down(system: System, *authorities: str) -> AsyncIterator[None]:
    system.clock.rest()
    for authority in authorities:
        await system.mocks.stop_one(authority)
    try:
        yield
    finally:
        for authority in authorities:
            await system.mocks.start_one(authority)
        system.clock.rest()


def given(answer: Answer) -> dict[str, tuple[str, str, str]]:
    """What was decided of each material that is owed, or may be."""
    decided = {each.material: (each.verdict, each.disposition, each.reason) for each in answer.materials}
    return {material: what for material, what in decided.items() if what[0] != "not_applicable"}


def statuses(answer: Answer) -> dict[str, str]:
    return {source.authority: source.status for each in answer.materials for source in each.sources}


async def test_with_everybody_there_the_child_owes_no_paper(system: System):
    answer = await system.ask(*CHILD)
    assert answer.outcome == "complete"
    assert given(answer) == {
        GUARDIANSHIP: ("confirmed", "waived", "prior_submission"),
        RESIDENCE: ("confirmed", "waived", "permit_valid"),
    }


async def test_without_the_permit_register_residence_needs_an_officer_and_guardianship_is_complete(system: System):
    async with down(system, PERMITS):
        answer = await system.ask(*CHILD)
    assert answer.outcome == "partial"
    assert given(answer) == {
        GUARDIANSHIP: ("confirmed", "waived", "prior_submission"),
        RESIDENCE: (*OFFICER, "unreachable"),
    }
    assert {name for name, status in statuses(answer).items() if status == "unreachable"} == {PERMITS}
    assert [each.retry_after_seconds for each in answer.materials] == [None, 60, None]


async def test_without_the_archive_guardianship_needs_an_officer_and_residence_is_complete(system: System):
    async with down(system, ARCHIVE):
        answer = await system.ask(*CHILD)
    assert given(answer) == {
        GUARDIANSHIP: (*OFFICER, "needs_officer"),
        RESIDENCE: ("confirmed", "waived", "permit_valid"),
    }
    assert {name for name, status in statuses(answer).items() if status == "unreachable"} == {ARCHIVE}


async def test_without_the_archive_what_the_registry_knows_is_still_confirmed(system: System):
    async with down(system, ARCHIVE):
        answer = await system.ask("P03", "P01")
    assert given(answer)[GUARDIANSHIP] == ("confirmed", "waived", "parent_head")
    assert answer.outcome == "partial"


async def test_without_the_archive_a_registry_that_proves_nothing_is_no_no(system: System):
    """With the archive there it is `no_record`: only both together may say that."""
    async with down(system, ARCHIVE):
        answer = await system.ask("M09", "P16")
    assert given(answer)[GUARDIANSHIP] == (*OFFICER, "unreachable")


async def test_without_the_registry_a_valid_permit_and_a_kept_proof_are_still_confirmed(system: System):
    async with down(system, REGISTRY):
        answer = await system.ask(*CHILD)
    assert given(answer) == {
        GUARDIANSHIP: ("confirmed", "waived", "prior_submission"),
        RESIDENCE: ("confirmed", "waived", "permit_valid"),
    }
    assert answer.outcome == "partial"


@pytest.mark.parametrize(("who", "reason"), [("R07", "no permit"), ("R06", "lost"), ("P17", "local")])
async def test_without_the_registry_nobody_hears_a_no_about_residence(system: System, who: str, reason: str):
    async with down(system, REGISTRY):
        answer = await system.ask(who)
    assert given(answer)[RESIDENCE] == (*OFFICER, "locality_unknown"), reason


async def test_without_the_registry_guardianship_needs_an_officer(system: System):
    async with down(system, REGISTRY):
        answer = await system.ask("P03", "P01", materials=[GUARDIANSHIP])
    assert given(answer) == {GUARDIANSHIP: (*OFFICER, "unreachable")}
    assert statuses(answer) == {REGISTRY: "unreachable", ARCHIVE: "no_record"}


async def test_with_everybody_down_there_is_an_answer_with_a_receipt_and_a_hint(system: System):
    async with down(system, PERMITS, ARCHIVE, REGISTRY):
        answer = await system.ask(*CHILD)
    assert answer.outcome == "partial"
    assert {(verdict, disposition) for verdict, disposition, _ in given(answer).values()} == {OFFICER}
    assert set(statuses(answer).values()) <= {
        "unreachable",
        "circuit_open",
    }  # the registry is asked more than five times
    guardianship, residence, insurance = (each.retry_after_seconds for each in answer.materials)
    assert (0 < (guardianship or 0) <= 60, residence, insurance) == (True, 60, None)
    assert len(answer.receipt.entry_hash) == 64


async def test_what_needs_no_authority_is_answered_with_everybody_down(system: System):
    async with down(system, PERMITS, ARCHIVE, REGISTRY):
        answer = await system.ask("P05", "A06", residence_basis="study")
    assert answer.outcome == "complete"
    assert [each.reason for each in answer.materials] == ["not_a_minor", "other_basis", "other_basis"]


async def test_health_tells_an_operator_who_is_ill(system: System):
    async def rows() -> dict[str, dict]:
        found = (await system.get("/health/authorities", admin=True)).json()["authorities"]
        return {row["authority"]: row for row in found}

    async with down(system, PERMITS):
        for _ in range(5):
            system.clock.rest()
            await system.ask("P12")
    ill = (await rows())[PERMITS]
    assert (ill["state"], ill["last_failure"], ill["channel"]) == ("failing", "unreachable", "share")
    assert ill["last_failure_at"] > (ill["last_success_at"] or "")
    system.clock.rest()
    await system.ask("P12")
    assert (await rows())[PERMITS]["state"] == "degraded"
    for _ in range(5):
        await system.ask("P12")
    well = (await rows())[PERMITS]
    assert (well["state"], well["recent_good"] < well["recent"]) == ("works", True)
