"""The whole cast at the counter: what each one's story says, through signed HTTP, real dialects and real mocks."""

from __future__ import annotations

import pytest

from tests.system import GUARDIANSHIP, RESIDENCE, System

pytestmark = pytest.mark.asyncio(loop_scope="module")

# By reason: who gets it for this material as of 2018-05-02. With + and the guardian who comes along.
GUARDIANSHIP_BY_REASON = {
    "prior_submission": "M01+A01 M24+P12",
    "registry_guardian": "P04+A04 P14+A14 M02+A02 M22+A02 M32+A32 M42+A02 M17+A07 M05+A25",
    "parent_head": "P03+P01 P06+A06 M03+A03 M05+A15",
    "parent_of_head": "M04+A24",
    "spouse_of_head": "P03+P02",
    "no_guardian_on_record": "M09+P16 M19+A19 M10+A10 M20+A20 M30+A30",
    "needs_officer": "M05+A05 M06+P15 M07+A07 M08+A08 M11+A11 M12+A12 M13+A13 M23+A13",
    "config_fault": "T20+A99 T21+A99 T24+A99 T25+A99 T26+A99 T41+A99 T42+A99 T43+A99",
    "closed_window": "T22+A99 T40+A99",
    "bad_reply": "T23+A99 T48+A99",
    "unreachable": "T27+A99 T29+A99 T30+A99 T45+A99 T46+A99",
    "busy": "T28+A99 T44+A99",
    "timeout": "T31+A99 T47+A99",
    "ambiguous": "T32+A99 T34+A99 T49+A99",
    "subject_mismatch": "T33+A99 T50+A99",
    "not_a_minor": """
        P01 P02 P05+A06 P07 P08 P09 P11 P12 P13 P15 P16 P17 F01 F02 F03 F04
        A01 A02 A03 A04 A05 A06 A07 A08 A10 A11 A12 A13 A14 A15 A19 A20 A24 A25 A30 A32 A99
        R01 R02 R03 R04 R05 R06 R07 R08 R09 R10 R11 T01 T02 T03 T04 T05 T06 T07 T08 T09 T10 T11 T12 T13 T14
        S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11 S12 S13 S14 S15 S16 S17 S18 S19 S20 S21 T60 T61 T62 T63 T64 T65
        T66 T67 T68 T69 T70 T71 T72 T73 T74 T75 T76 T77 T78 T79 T80 T81 T82 T83 T84 T85 T86 T87 T88 T89 T90 T91 T92
        T93
    """,
}
RESIDENCE_BY_REASON = {
    "permit_valid": "P09 P12 P13 M24+P12 R01 R02 R09 R10 R11 T14",
    "permit_suspended": "P11 R03",
    "permit_replaced": "R04",
    "permit_cancelled": "R05",
    "permit_lost": "R06",
    "no_permit_on_record": """
        P08 R07 A12 A20
        S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 S11 S12 S13 S14 S15 S16 S17 S18 S19 S20 S21 T60 T61 T62 T63 T64 T65
        T66 T67 T68 T69 T70 T71 T72 T73 T74 T75 T76 T77 T78 T79 T80 T81 T82 T83 T84 T85 T86 T87 T88 T89 T90 T91 T92
        T93
    """,
    "ambiguous": "R08 T12",
    "config_fault": "T01 T03 T04",
    "unreachable": "T02 T06 T07",
    "busy": "T05",
    "timeout": "T08",
    "bad_reply": "T09",
    "subject_mismatch": "T10 T11",
    "locality_unknown": """
        F01 F02 F03 F04 A10 T13
        T20+A99 T21+A99 T22+A99 T23+A99 T24+A99 T25+A99 T26+A99 T27+A99 T28+A99 T29+A99 T30+A99 T31+A99 T32+A99
    """,
    "local_applicant": """
        P01 P02 P03+P01 P03+P02 P04+A04 P05+A06 P06+A06 P07 P14+A14 P15 P16 P17
        M01+A01 M02+A02 M22+A02 M32+A32 M42+A02 M03+A03 M04+A24 M05+A05 M05+A15 M05+A25 M06+P15 M07+A07 M17+A07 M08+A08
        M09+P16 M19+A19 M10+A10 M20+A20 M30+A30 M11+A11 M12+A12 M13+A13 M23+A13
        A01 A02 A03 A04 A05 A06 A07 A08 A11 A13 A14 A15 A19 A24 A25 A30 A32 A99
        T33+A99 T34+A99 T40+A99 T41+A99 T42+A99 T43+A99 T44+A99 T45+A99 T46+A99 T47+A99 T48+A99 T49+A99 T50+A99
    """,
}
CONFIRMED = {
    "prior_submission", "registry_guardian", "parent_head", "parent_of_head", "spouse_of_head", "permit_valid",
}  # fmt: skip
CONTRADICTED = {"permit_suspended", "permit_replaced", "permit_cancelled", "permit_lost"}
NO_RECORD = {"no_guardian_on_record", "no_permit_on_record"}
NOT_APPLICABLE = {"not_a_minor", "local_applicant"}


def by_applicant(table: dict[str, str]) -> dict[str, str]:
    return {applicant: reason for reason, applicants in table.items() for applicant in applicants.split()}


GUARDIANSHIPS, RESIDENCES = by_applicant(GUARDIANSHIP_BY_REASON), by_applicant(RESIDENCE_BY_REASON)


def decided(reason: str) -> tuple[str, str, str]:
    """Verdict, disposition and reason, as the policy jilin-2018-05 ties them together."""
    if reason in CONFIRMED:
        return "confirmed", "waived", reason
    if reason in CONTRADICTED:
        return "contradicted", "paper_required", reason
    if reason in NO_RECORD:
        return "no_record", "paper_required", reason
    if reason in NOT_APPLICABLE:
        return "not_applicable", "not_applicable", reason
    return "undetermined", "officer_check", reason


@pytest.mark.parametrize("applicant", GUARDIANSHIPS)
async def test_each_one_gets_what_their_story_says(system: System, applicant: str):
    subject, _, guardian = applicant.partition("+")
    if subject.startswith("T"):
        await system.recover()
    answer = await system.ask(subject, guardian or None, materials=[GUARDIANSHIP, RESIDENCE])
    given = {each.material: (each.verdict, each.disposition, each.reason) for each in answer.materials}
    assert given == {
        GUARDIANSHIP: decided(GUARDIANSHIPS[applicant]),
        RESIDENCE: decided(RESIDENCES[applicant]),
    }
    silent = any(source.status not in ("answered", "no_record") for each in answer.materials for source in each.sources)
    assert answer.outcome == ("partial" if silent else "complete")
    for each in answer.materials:
        may_pass = {source.status for source in each.sources} & {"unreachable", "timeout", "busy"}
        assert (each.retry_after_seconds is not None) == (each.verdict == "undetermined" and bool(may_pass))


async def test_the_table_has_the_whole_cast_and_every_pair_that_comes_to_the_counter(system: System):
    assert GUARDIANSHIPS.keys() == RESIDENCES.keys()
    people = {key: member for key, member in system.cast.people.items() if member.under is None}
    assert {applicant.partition("+")[0] for applicant in GUARDIANSHIPS} == people.keys()
    assert {f"{key}+{member.guardian}" for key, member in people.items() if member.guardian} <= GUARDIANSHIPS.keys()
    assert {"+".join(pair.people) for pair in system.cast.pairs} <= GUARDIANSHIPS.keys()


@pytest.mark.parametrize("spelled", ["{0}x", "{0}Ｘ", "{0}ｘ", "{0}X"])
@pytest.mark.parametrize(("key", "guardian"), [("P17", None), ("P04", "A04")])
async def test_a_check_character_may_be_written_in_four_ways(system: System, key: str, guardian: str, spelled: str):
    person = system.person(key)
    assert person["citizen_id"].endswith("X")
    person["citizen_id"] = spelled.format(person["citizen_id"][:-1])
    answer = await system.ask(key, guardian, subject=person, materials=[GUARDIANSHIP, RESIDENCE])
    assert [each.reason for each in answer.materials] == [
        by_applicant(table)[f"{key}+{guardian}" if guardian else key]
        for table in (GUARDIANSHIP_BY_REASON, RESIDENCE_BY_REASON)
    ]


async def test_numbers_that_are_none_are_refused_before_anybody_is_asked(system: System):
    asked_before = system.calls()
    for refused in system.cast.refused.values():
        person = {"citizen_id": refused.number, "name": refused.name}
        reply = await system.send(system.asked(system.question("P12", subject=person)))
        assert (reply.status, reply.code) == (400, "subject_format")
    assert system.calls() == asked_before


async def test_a_minor_without_a_guardian_needs_an_officer_and_nobody_is_asked_about_guardianship(system: System):
    answer = await system.ask("P03", materials=[GUARDIANSHIP])
    (material,) = answer.materials
    assert (material.verdict, material.reason, material.sources) == ("undetermined", "guardian_not_named", ())


async def test_a_strangers_guardian_proves_nothing(system: System):
    """Two people of the cast who have nothing to do with each other."""
    answer = await system.ask("M01", "A02", materials=[GUARDIANSHIP])
    assert [(each.verdict, each.reason) for each in answer.materials] == [("undetermined", "needs_officer")]


async def test_what_is_asked_of_whom_stands_in_the_answer(system: System):
    answer = await system.ask("P03", "P01", materials=[GUARDIANSHIP])
    (material,) = answer.materials
    registry, archive = sorted(material.sources, key=lambda source: source.authority, reverse=True)
    assert (registry.authority, registry.status, registry.attempts) == ("household_registry", "answered", 3)
    assert (registry.request_grade, registry.reply_grade) == ("B", "B")
    assert (archive.authority, archive.status, archive.attempts) == ("guardianship_archive", "no_record", 1)
    assert (archive.request_grade, archive.reply_grade) == ("A", "A")
    evidence = [each for source in material.sources for each in source.evidence]
    assert len(set(evidence)) == 4
    assert answer.policy == "jilin-2018-05"
