"""The guardian table of domain 3.5: worked rows, their order, and that no fault ever speaks against anybody."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.policies import GuardianshipParameters
from gateway.judging import guardianship, household
from gateway.judging.rulings import Ruling
from gateway.model import Decision, Finding, Reason, Status

from .builders import (
    DAY,
    FATHER,
    FAULTS,
    MOTHER,
    NO_PROOF,
    OFF,
    ON,
    finding,
    person,
    proof,
    registry,
    together,
    verification,
)

HERE = person()
ASKED = verification(FATHER)
OFFICER = (Decision.UNDETERMINED, Reason.NEEDS_OFFICER)
NOBODY = (Decision.NO_RECORD, Reason.NO_GUARDIAN_ON_RECORD)


def confirmed(reason: Reason) -> tuple[Decision, Reason]:
    return (Decision.CONFIRMED, reason)


NAMED = confirmed(Reason.REGISTRY_GUARDIAN)
HEAD = confirmed(Reason.PARENT_HEAD)
NAMES_FATHER = person(father_citizen_id=FATHER.citizen_id)
NAMES_MOTHER = person(mother_citizen_id=MOTHER.citizen_id, mother_name=MOTHER.name)
GONE = person(state="moved_out")

ROWS: list[tuple[str, Finding, GuardianshipParameters, tuple[Decision, Reason]]] = [
    ("minor", registry(None, HERE, together("21", "02")), ON, OFFICER),
    ("minor", registry(person(record="historical"), HERE, together("21", "02")), ON, OFFICER),
    ("minor", registry(person(state="dead", father_citizen_id=FATHER.citizen_id), HERE), ON, OFFICER),
    ("minor", registry(None, GONE), ON, OFFICER),
    ("G10", registry(NAMES_FATHER, GONE, together("21", "02")), ON, NOBODY),
    ("G10", registry(HERE, person(record="historical"), together("21", "02")), ON, NOBODY),
    ("G10", registry(HERE, person(state="dead"), None, "51"), ON, NOBODY),
    ("G10", registry(NAMES_FATHER, person(reversal="reversed"), together("21", "02")), ON, NOBODY),
    ("G2", registry(NAMES_FATHER, HERE), OFF, NAMED),
    ("G2", registry(person(mother_citizen_id=FATHER.citizen_id), HERE), OFF, NAMED),
    ("G2", registry(person(guardian1_citizen_id=FATHER.citizen_id), HERE), OFF, NAMED),
    ("G2", registry(person(guardian2_citizen_id=FATHER.citizen_id), HERE), OFF, NAMED),
    ("G2", registry(NAMES_FATHER, None), OFF, NAMED),  # the adult is registered elsewhere
    ("G2", registry(NAMES_FATHER, HERE, together("99", "99", "collective")), OFF, NAMED),
    ("G2", registry(NAMES_FATHER, HERE, together("41", "02")), OFF, NAMED),
    ("G3", registry(HERE, HERE, together("21", "02")), OFF, HEAD),
    ("G3", registry(HERE, HERE, together("20", "01")), OFF, HEAD),
    ("G3", registry(HERE, HERE, together("27", "03")), OFF, HEAD),
    ("G3", registry(HERE, HERE, together("30", "02")), OFF, HEAD),
    ("G3", registry(HERE, HERE, together("37", "02")), OFF, HEAD),
    ("else", registry(HERE, HERE, together("28", "02")), ON, OFFICER),
    ("else", registry(HERE, HERE, together("29", "02")), ON, OFFICER),
    ("else", registry(HERE, HERE, together("38", "02")), ON, OFFICER),
    ("else", registry(HERE, HERE, together("39", "02")), ON, OFFICER),
    ("else", registry(HERE, HERE, together("21", "04")), ON, OFFICER),
    ("else", registry(HERE, None, together("21", "02")), ON, OFFICER),
    ("G4", registry(HERE, HERE, together("02", "50")), OFF, confirmed(Reason.PARENT_OF_HEAD)),
    ("G4", registry(HERE, HERE, together("02", "51")), OFF, confirmed(Reason.PARENT_OF_HEAD)),
    ("G4", registry(HERE, HERE, together("01", "52")), OFF, confirmed(Reason.PARENT_OF_HEAD)),
    ("G4", registry(HERE, HERE, together("03", "57")), OFF, confirmed(Reason.PARENT_OF_HEAD)),
    ("G4", registry(HERE, HERE, together("02", "58")), OFF, confirmed(Reason.PARENT_OF_HEAD)),
    ("else", registry(HERE, HERE, together("02", "53")), ON, OFFICER),
    ("else", registry(HERE, HERE, together("02", "56")), ON, OFFICER),
    ("else", registry(HERE, HERE, together("02", "59")), ON, OFFICER),
    ("G5", registry(HERE, HERE, together("22", "10")), ON, confirmed(Reason.SPOUSE_OF_HEAD)),
    ("G5", registry(HERE, HERE, together("31", "12")), ON, confirmed(Reason.SPOUSE_OF_HEAD)),
    ("G5", registry(HERE, HERE, together("31", "11")), OFF, OFFICER),
    ("G5", registry(NAMES_MOTHER, HERE, together("21", "11")), ON, OFFICER),  # a step-parent
    ("G5", registry(person(mother_name="测试"), HERE, together("21", "11")), ON, OFFICER),
    (
        "G5",
        registry(person(guardian1_name=MOTHER.name), HERE, together("21", "11")),
        ON,
        confirmed(Reason.SPOUSE_OF_HEAD),
    ),
    ("else", registry(HERE, HERE, together("21", "13")), ON, OFFICER),
    ("G6", registry(HERE, HERE, together("41", "02")), ON, OFFICER),
    ("G6", registry(HERE, HERE, together("40", "12")), ON, OFFICER),
    ("G6", registry(HERE, HERE, together("44", "03")), ON, OFFICER),
    ("G7", registry(HERE, HERE, together("43", "22")), ON, OFFICER),
    ("G7", registry(HERE, HERE, together("41", "28")), ON, OFFICER),
    ("G7", registry(HERE, HERE, together("42", "39")), ON, OFFICER),
    ("else", registry(HERE, HERE, together("47", "22")), ON, OFFICER),
    ("G8", registry(person(guardian1_name=FATHER.name), HERE), ON, OFFICER),
    ("G8", registry(person(father_name="测 试父"), HERE), ON, OFFICER),
    ("G8", registry(person(father_name=FATHER.name), HERE, together("21", "80", "collective")), ON, OFFICER),
    ("G9", registry(HERE, HERE, together("21", "02", "collective")), ON, NOBODY),
    ("G9", registry(HERE, HERE, together("99", "02")), ON, NOBODY),
    ("G9", registry(HERE, HERE, together("21", "99")), ON, NOBODY),
    ("G9", registry(NAMES_MOTHER, HERE, together("02", "52", "collective")), ON, NOBODY),
    ("G9", registry(HERE, HERE, together("02", "12", "collective"), "70"), ON, NOBODY),
    ("else", registry(HERE, None, together("21", "02", "collective")), ON, OFFICER),
    ("G11", registry(HERE, HERE, None, "51"), ON, confirmed(Reason.DIRECT_KIN)),
    ("G11", registry(HERE, HERE, None, "58"), ON, confirmed(Reason.DIRECT_KIN)),
    ("G11", registry(HERE, HERE, None, "51"), OFF, OFFICER),
    ("G11", registry(HERE, HERE, together("21", "02", "collective"), "52"), ON, confirmed(Reason.DIRECT_KIN)),
    ("G11", registry(HERE, HERE, together("21", "02", "collective"), "52"), OFF, OFFICER),
    ("G6", registry(HERE, HERE, together("41", "02"), "51"), ON, OFFICER),
    ("else", registry(HERE, HERE, together("21", "80"), "51"), ON, OFFICER),
    ("else", registry(HERE, HERE, None, "61"), ON, OFFICER),
    ("else", registry(HERE, HERE, None), ON, OFFICER),
    ("else", registry(NAMES_MOTHER, HERE, None), ON, OFFICER),
    ("else", registry(HERE, None, None), ON, OFFICER),
    ("else", registry(person(father_name=FATHER.name, father_citizen_id=MOTHER.citizen_id), HERE), ON, OFFICER),
]


@pytest.mark.parametrize(("row", "found", "rules", "ruling"), ROWS)
def test_every_row(row: str, found: Finding, rules: GuardianshipParameters, ruling: tuple[Decision, Reason]) -> None:
    ruled = guardianship.rule_registry(found, ASKED, rules)
    assert (ruled.decision, ruled.reason) == ruling
    home = household.of(found, ASKED)
    assert home is not None
    assert guardianship.row(home).id == row


def test_every_row_of_the_table_has_a_worked_example() -> None:
    assert {row.id for row in guardianship.TABLE} == {row for row, *_ in ROWS}


@pytest.mark.parametrize(
    ("found", "ruling"),
    [
        (proof(), (Decision.CONFIRMED, Reason.PRIOR_SUBMISSION)),  # G1
        (proof(accepted_on=DAY), (Decision.CONFIRMED, Reason.PRIOR_SUBMISSION)),
        (proof(accepted_on=DAY + timedelta(1)), OFFICER),
        (proof("withdrawn"), OFFICER),
        (NO_PROOF, NOBODY),
        (finding("guardianship_archive", Status.NO_RECORD), NOBODY),
        (finding("guardianship_archive", Status.ANSWERED, {"proof": None}), NOBODY),
        (finding("guardianship_archive", Status.ANSWERED), OFFICER),
    ],
)
def test_the_archive(found: Finding, ruling: tuple[Decision, Reason]) -> None:
    ruled = guardianship.rule_archive(found, ASKED)
    assert (ruled.decision, ruled.reason) == ruling


@pytest.mark.parametrize("status", FAULTS)
def test_g12_a_silent_source_is_undetermined(status: Status) -> None:
    told = {"minor": NAMES_FATHER, "adult": GONE, "household": None, "proof": None}
    silent = finding("any", status, told)
    expected = Ruling(Decision.UNDETERMINED, Reason(status.value))
    assert guardianship.rule_registry(silent, ASKED, ON) == expected
    assert guardianship.rule_archive(silent, ASKED) == expected


@pytest.mark.parametrize("missing", ["minor", "adult", "household"])
def test_a_reply_without_one_of_its_steps_needs_an_officer(missing: str) -> None:
    records = dict(registry(HERE, GONE).records)
    del records[missing]
    ruled = guardianship.rule_registry(finding("household_registry", Status.ANSWERED, records), ASKED, ON)
    assert (ruled.decision, ruled.reason) == OFFICER


def test_a_registry_that_knows_nobody_needs_an_officer() -> None:
    nobody = finding("household_registry", Status.NO_RECORD, {"minor": None, "adult": None, "household": None})
    empty = finding("household_registry", Status.NO_RECORD)
    for found in (nobody, empty):
        ruled = guardianship.rule_registry(found, ASKED, ON)
        assert (ruled.decision, ruled.reason) == OFFICER


def test_without_a_guardian_there_is_nothing_to_compare() -> None:
    assert household.of(registry(HERE, HERE), verification(None)) is None


RELATIONS = st.integers(1, 99).map("{:02d}".format)
HOMES = st.none() | st.builds(together, RELATIONS, RELATIONS, st.sampled_from(["family", "collective"]))
STATES = st.sampled_from(["normal", "dead", "moved_out", "missing", "deleted"])
NUMBERS = st.none() | st.sampled_from([FATHER.citizen_id, MOTHER.citizen_id])


def _person(record: str, state: str, number: str | None, name: str | None) -> dict[str, Any]:
    return person(record, state) | {"father_citizen_id": number, "father_name": name}


PEOPLE = st.none() | st.builds(
    _person, st.sampled_from(["current", "historical"]), STATES, NUMBERS, st.none() | st.sampled_from([FATHER.name])
)
REPLIES = st.builds(registry, PEOPLE, PEOPLE, HOMES, st.none() | RELATIONS)


@given(REPLIES, st.sampled_from([ON, OFF]))
def test_the_table_is_total_and_careful(found: Finding, rules: GuardianshipParameters) -> None:
    ruled = guardianship.rule_registry(found, ASKED, rules)
    minor, adult = found.records["minor"], found.records["adult"]
    assert ruled.decision is not Decision.CONTRADICTED
    if ruled.decision is Decision.CONFIRMED:
        assert minor is not None
        assert (minor["record"], minor["state"]) == ("current", "normal")
        assert adult is None or (adult["record"], adult["state"]) == ("current", "normal")
        assert adult is not None or ruled.reason is Reason.REGISTRY_GUARDIAN


@given(REPLIES)
def test_a_stricter_policy_never_confirms_more(found: Finding) -> None:
    strict = guardianship.rule_registry(found, ASKED, OFF)
    if strict.decision is Decision.CONFIRMED:
        assert guardianship.rule_registry(found, ASKED, ON) == strict


def test_dates_of_proofs_are_held_against_the_application() -> None:
    assert guardianship.rule_archive(proof(accepted_on=date(2018, 5, 1)), ASKED).decision is Decision.CONFIRMED
