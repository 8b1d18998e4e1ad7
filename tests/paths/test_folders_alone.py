"""Authorities that are files alone: whoever's story is told under a policy of their own gets what the story says.

A story ends with the reason that the material gets. Nothing here names an authority: another folder is held to it as well.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.contract.files import load_or_raise
from gateway.contract.folders import shipped
from gateway.contract.policies import MaterialRule, PolicyFile
from tests.system import System, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOLDERS, CAST, SCENARIOS = told()
_FILES = [load_or_raise(path, PolicyFile) for path in sorted((shipped() / "policies").glob("*.yaml"))]
POLICIES = {file.policy: file for file in _FILES}
DECISIONS = {"record_holds": "confirmed", "record_does_not_hold": "contradicted", "no_such_record": "no_record"}
"""By reason; any other one is undetermined."""


def stories() -> Iterator[tuple[str, MaterialRule]]:
    """Everybody of such a story, with each material whose authority knows them."""
    for key, member in CAST.people.items():
        if member.under is not None:
            for rule in POLICIES[member.under].materials:
                if rule.record is not None and any(proof.authority in member.answers for proof in rule.proven_by):
                    yield key, rule


STORIES = list(stories())
BY_STORY = pytest.mark.parametrize(("key", "rule"), STORIES, ids=[f"{key}-{rule.material}" for key, rule in STORIES])


def unit(key: str) -> str:
    (region,) = POLICIES[str(CAST.people[key].under)].regions
    return region.ljust(4, "0").replace("00", "01").ljust(12, "0")


async def asked(system: System, key: str, rule: MaterialRule):
    operator = {"id": "op-0117", "name": "样例警员", "unit_code": unit(key)}
    answer = await system.ask(key, CAST.people[key].guardian, operator=operator, materials=[rule.material])
    assert answer.policy == CAST.people[key].under
    (material,) = answer.materials
    return material


def reason_of(key: str) -> str:
    return CAST.people[key].story.en.rpartition(": ")[2]


def pages_of(key: str, rule: MaterialRule) -> int:
    """The most calls that one of the material's authorities takes for this person."""
    (proof,) = rule.proven_by
    (told_of,) = CAST.people[key].answers[proof.authority].items()
    pages = SCENARIOS[proof.authority][told_of[0]][told_of[1].scenario].pages
    if pages is None or told_of[1].record.get(pages.rows.split("/")[1]) is None:
        return 1
    rows = told_of[1].record
    for name in pages.rows.split("/")[1:]:
        rows = rows[name]
    return max(1, -(-len(rows) // pages.size))


async def test_all_four_decisions_are_told_of_each_material_and_more_than_one_page(system: System):
    for material in {rule.material for _, rule in STORIES}:
        mine = [(key, rule) for key, rule in STORIES if rule.material == material]
        assert {DECISIONS.get(reason_of(key), "undetermined") for key, _ in mine} == {
            *DECISIONS.values(), "undetermined",
        }  # fmt: skip
    assert {pages_of(key, rule) for key, rule in STORIES} >= {1, 2, 3}


@BY_STORY
async def test_each_one_gets_what_the_story_says(system: System, key: str, rule: MaterialRule):
    system.clock.rest()
    material = await asked(system, key, rule)
    assert material.reason == reason_of(key)
    assert material.verdict == DECISIONS.get(material.reason, "undetermined")
    if material.verdict in ("confirmed", "contradicted"):
        (source,) = material.sources
        assert (source.status, source.attempts) == ("answered", pages_of(key, rule))
        assert len(set(source.evidence)) == source.attempts


PAGED = [(key, rule) for key, rule in STORIES if pages_of(key, rule) > 1]


@pytest.mark.parametrize("fault", ["unreachable", "status_503", "swapped_person", "cut_json", "wrong_signature"])
@pytest.mark.parametrize(("key", "rule"), PAGED, ids=[key for key, _ in PAGED])
async def test_a_page_that_does_not_come_leaves_the_whole_open(
    system: System, key: str, rule: MaterialRule, fault: str
):
    """What was not read might have decided: the first page alone is neither a yes nor a no."""
    system.clock.rest()
    (authority,) = (proof.authority for proof in rule.proven_by)
    system.mocks.arm(key, authority, "answers", fault, fault)
    try:
        material = await asked(system, key, rule)
    finally:
        system.mocks.faults.clear()
    assert (material.verdict, material.disposition) == ("undetermined", "officer_check")
