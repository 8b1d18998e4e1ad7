"""A policy whose judges would lack something is found at load."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gateway.contract.authority import Contract, Mapping
from gateway.contract.files import load_or_raise
from gateway.contract.policies import PolicyFile
from gateway.judging import problems
from gateway.judging.problems import reads
from gateway.judging.verdicts import judges_of

from .builders import POLICY, POLICY_FILE, RULES

FOLDERS = POLICY_FILE.parents[1] / "authorities"
NAMES = ("guardianship_archive", "household_registry", "residence_permit", "social_insurance")
CONTRACTS = {name: load_or_raise(FOLDERS / name / "contract.yaml", Contract) for name in NAMES}
MAPPINGS = {name: load_or_raise(FOLDERS / name / "mapping.yaml", Mapping) for name in NAMES}

PERMIT = ["status", "valid_until", "last_endorsed_on"]


def policy(material: int, authority: str, question: str) -> PolicyFile:
    tree: dict[str, Any] = POLICY.model_dump(by_alias=True, exclude_none=True)
    rule = POLICY.materials[material]
    facts = reads(rule, question) if question in judges_of(rule) else {"step": ["fact"]}
    tree["materials"][material]["proven_by"] = [{"authority": authority, "question": question, "facts": facts}]
    return PolicyFile.model_validate(tree)


def naming(material: int, source: int, **steps: list[str] | None) -> PolicyFile:
    """The shipped policy with other facts named of some steps; None leaves a step out."""
    tree: dict[str, Any] = POLICY.model_dump(by_alias=True, exclude_none=True)
    facts = tree["materials"][material]["proven_by"][source]["facts"]
    facts |= steps
    for step in [step for step, names in facts.items() if names is None]:
        del facts[step]
    return PolicyFile.model_validate(tree)


def without(authority: str, operation: str, fact: str) -> dict[str, Mapping]:
    tree = MAPPINGS[authority].model_dump(by_alias=True, exclude_none=True)
    del tree["operations"][operation]["facts"][fact]
    return MAPPINGS | {authority: Mapping.model_validate(tree)}


def test_the_shipped_policy_has_none() -> None:
    assert problems(POLICY, CONTRACTS, MAPPINGS) == []
    assert problems(policy(0, "household_registry", "guardianship_with_kin"), CONTRACTS, MAPPINGS) == []


def test_every_judge_says_what_it_reads() -> None:
    for rule in RULES.values():
        for question in judges_of(rule):
            assert all(reads(rule, question).values()), question


def test_a_question_that_no_judge_reads() -> None:
    ((pointer, text),) = problems(policy(1, "household_registry", "hukou"), CONTRACTS, MAPPINGS)
    assert pointer == ("materials", 1, "proven_by", 0, "question")
    assert "known here: residence" in text


def test_a_fact_that_no_mapping_gives() -> None:
    minor, adult = problems(POLICY, CONTRACTS, without("household_registry", "person", "state"))
    named = ("materials", 0, "proven_by", 1, "facts")
    assert minor == ((*named, "minor", 1), "no mapping gives this fact on the channel 'query'")
    assert adult[0] == (*named, "adult", 1)
    assert len(problems(POLICY, CONTRACTS, without("residence_permit", "permit", "last_endorsed_on"))) == 1


def test_a_fact_of_a_row_that_no_mapping_gives() -> None:
    tree = MAPPINGS["social_insurance"].model_dump(by_alias=True, exclude_none=True)
    del tree["operations"]["query_months"]["rows"]["months"]["facts"]["region"]
    mappings = MAPPINGS | {"social_insurance": Mapping.model_validate(tree)}
    named = ("materials", 2, "proven_by", 0, "facts", "insured")
    region = ((*named, 3), "no mapping gives this fact on the channel 'query'")
    assert problems(POLICY, CONTRACTS, mappings) == [region]
    del tree["operations"]["query_months"]["rows"]["kinds"]
    mappings = MAPPINGS | {"social_insurance": Mapping.model_validate(tree)}
    assert [pointer for pointer, _ in problems(POLICY, CONTRACTS, mappings)] == [(*named, at) for at in (3, 4, 5, 6)]


def test_a_step_that_the_question_does_not_take() -> None:
    tree = CONTRACTS["household_registry"].model_dump()
    del tree["channels"]["query"]["questions"]["guardianship"]["steps"]["household"]
    contracts = CONTRACTS | {"household_registry": Contract.model_validate(tree)}
    (found,) = problems(POLICY, contracts, MAPPINGS)
    place = ("materials", 0, "proven_by", 1, "facts", "household")
    assert found == (place, "the question has no such step on the channel 'query'")


@pytest.mark.parametrize(
    ("steps", "place", "says"),
    [
        ({"permit": ["status", "valid_until"]}, ("permit",), "the judge reads last_endorsed_on of the step 'permit'"),
        (
            {"permit": None, "x": ["y"]},
            (),
            "the judge reads last_endorsed_on, status, valid_until of the step 'permit'",
        ),
        (
            {"permits": ["status"]},
            ("permits",),
            "the judge reads nothing of such a step: unknown step; did you mean 'permit'",
        ),
        ({"permit": [*PERMIT, "citizen_id"]}, ("permit", 3), "the judge never reads this fact"),
        ({"permit": [*PERMIT, "valid_untill"]}, ("permit", 3), "unknown fact; did you mean 'valid_until'?"),
        (
            {"permit": [*PERMIT, "zzz"]},
            ("permit", 3),
            "unknown fact; known here: last_endorsed_on, status, valid_until",
        ),
        ({"permit": [*PERMIT, "status"]}, ("permit", 3), "this fact stands here twice"),
    ],
)
def test_a_policy_names_what_its_judge_reads_and_nothing_else(steps: Any, place: Any, says: str) -> None:
    first, *_ = problems(naming(1, 0, **steps), CONTRACTS, MAPPINGS)
    assert first[0] == ("materials", 1, "proven_by", 0, "facts", *place)
    assert says in first[1]


def test_where_place_is_no_matter_no_region_is_read() -> None:
    tree: dict[str, Any] = POLICY.model_dump(by_alias=True, exclude_none=True)
    tree["materials"][2]["insurance"]["place"] = "anywhere"
    place = ("materials", 2, "proven_by", 0, "facts", "insured", 3)
    found = problems(PolicyFile.model_validate(tree), CONTRACTS, MAPPINGS)
    assert found == [(place, "the judge never reads this fact, so nobody may")]
    tree["materials"][2]["proven_by"][0]["facts"]["insured"].remove("months/region")
    assert problems(PolicyFile.model_validate(tree), CONTRACTS, MAPPINGS) == []


def test_authorities_and_questions_that_do_not_exist_are_somebody_elses_to_report() -> None:
    assert problems(POLICY, {}, {}) == []
    assert problems(policy(0, "residence_permit", "prior_proof"), CONTRACTS, MAPPINGS) == []


def test_a_walk_that_does_not_reach_the_first_month_a_run_may_need() -> None:
    tree: dict[str, Any] = POLICY.model_dump(by_alias=True, exclude_none=True)
    rules = tree["materials"][2]["insurance"]
    assert (rules["min_months"], rules["reporting_lag_months"]) == (12, 2)  # and 15 months back are asked for
    for gaps, bridges in ((0, 2), (1, 1), (2, 0)):
        rules |= {"allowed_gap_months": gaps, "bridge_months": bridges}
        assert problems(PolicyFile.model_validate(tree), CONTRACTS, MAPPINGS) == []
    for changes in ({"allowed_gap_months": 3}, {"bridge_months": 1}):
        changed = copy.deepcopy(tree)
        changed["materials"][2]["insurance"] |= changes
        ((pointer, text),) = problems(PolicyFile.model_validate(changed), CONTRACTS, MAPPINGS)
        assert pointer == ("materials", 2, "proven_by", 0, "question")
        assert "needs 16 months" in text
        assert "'query' asks for 15" in text
    rules |= {"bridge_months": 24, "count_back_payment": True}  # nothing bridges then
    assert problems(PolicyFile.model_validate(tree), CONTRACTS, MAPPINGS) == []


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("pension_employe", "unknown kind; did you mean 'pension_employee'?"),
        ("zzz", "unknown kind; known here: maternity, medical_employee,"),
    ],
)
def test_a_kind_that_no_reply_can_name(word: str, says: str) -> None:
    tree: dict[str, Any] = POLICY.model_dump(by_alias=True, exclude_none=True)
    tree["materials"][2]["insurance"]["kinds_any_of"] = ["medical_employee", word]
    ((pointer, text),) = problems(PolicyFile.model_validate(tree), CONTRACTS, MAPPINGS)
    assert pointer == ("materials", 2, "insurance", "kinds_any_of", 1)
    assert "table 'insurance_kind' of 'social_insurance'" in text
    assert says in text


def test_a_misspelt_kind_in_a_table_of_one_channel() -> None:
    tree = MAPPINGS["social_insurance"].model_dump(by_alias=True, exclude_none=True)
    tree["tables"]["other_kind"] = tree["tables"]["insurance_kind"] | {"110": "pension_employe"}
    tree["operations"]["query_months"]["rows"]["kinds"]["facts"]["kind"]["table"] = "other_kind"
    mappings = MAPPINGS | {"social_insurance": Mapping.model_validate(tree)}
    ((pointer, text),) = problems(POLICY, CONTRACTS, mappings)
    assert pointer == ("materials", 2, "insurance", "kinds_any_of", 0)
    assert "table 'other_kind' of 'social_insurance': unknown kind; did you mean 'pension_employe'?" in text
    del tree["operations"]["query_months"]["rows"]["kinds"]["facts"]["kind"]["table"]  # their own words: not known here
    assert problems(POLICY, CONTRACTS, MAPPINGS | {"social_insurance": Mapping.model_validate(tree)}) == []
