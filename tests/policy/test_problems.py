"""What is wrong with policies is found at load, each thing at its place."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.contract.authority import Contract
from gateway.policy import problems

from .builders import JILIN, SHIPPED, contracts, file, mappings

CONTRACTS, MAPPINGS = contracts(), mappings()


def test_the_shipped_policies_have_none() -> None:
    assert problems([JILIN], CONTRACTS, MAPPINGS) == []
    assert problems(list(SHIPPED.values()), CONTRACTS, MAPPINGS) == []


@pytest.mark.parametrize(
    ("effective", "clashes"),
    [
        ({"from": "2018-09-01"}, False),
        ({"from": "2018-08-31"}, True),
        ({"from": "2017-01-01", "until": "2018-05-01"}, False),
        ({"from": "2017-01-01", "until": "2018-05-02"}, True),
        ({"from": "2018-06-01", "until": "2018-07-01"}, True),
        ({"from": "2017-01-01"}, True),
    ],
)
def test_two_policies_for_one_region_on_one_day(effective: dict[str, Any], clashes: bool) -> None:
    other = file(policy="other-2018", effective=effective, regions=["21", "22"])
    found = problems([JILIN, other], CONTRACTS, MAPPINGS)
    assert [(at, pointer) for at, pointer, _ in found] == ([(1, ("regions", 1))] if clashes else [])
    assert all("'jilin-2018-05' is in force for '22'" in text for _, _, text in found)
    assert len(problems([other, JILIN], CONTRACTS, MAPPINGS)) == len(found)


def test_a_smaller_region_is_no_clash() -> None:
    assert problems([JILIN, file(policy="city-2018", regions=["2201"])], CONTRACTS, MAPPINGS) == []


def test_one_name_for_two_policies() -> None:
    ((at, pointer, _),) = problems([JILIN, file(effective={"from": "2018-09-01"})], CONTRACTS, MAPPINGS)
    assert (at, pointer) == (1, ("policy",))


def test_a_policy_that_is_never_in_force() -> None:
    for until in ("2018-05-01", "2018-04-01"):
        ((_, pointer, _),) = problems([file(effective={"from": "2018-05-01", "until": until})], CONTRACTS, MAPPINGS)
        assert pointer == ("effective", "until")


def test_one_material_twice() -> None:
    materials = JILIN.model_dump(by_alias=True, exclude_none=True)["materials"]
    ((_, pointer, text),) = problems([file(materials=[*materials, materials[0]])], CONTRACTS, MAPPINGS)
    assert pointer == ("materials", 3, "material")
    assert "'guardianship_proof' stands here twice" in text


@pytest.mark.parametrize(
    ("key", "word", "says"),
    [
        ("authority", "household_registri", "unknown authority; did you mean 'household_registry'?"),
        (
            "authority",
            "zzz",
            "unknown authority; known here: disabled_federation, guardianship_archive, household_registry,"
            " residence_permit, social_insurance",
        ),
        ("question", "hukou_", "unknown question; did you mean 'hukou'?"),
        ("step", "person", "no such step; known here: subject"),
        ("fact", "hukou_regoin", "unknown region; did you mean 'hukou_region'?"),
        ("fact", "citizen_id", "unknown region; known here: hukou_region"),
    ],
)
def test_who_is_local(key: str, word: str, says: str) -> None:
    rule = JILIN.who_is_local.model_dump() | {key: word}
    ((_, pointer, text),) = problems([file(who_is_local=rule)], CONTRACTS, MAPPINGS)
    assert pointer == ("who_is_local", key)
    assert says in text


@pytest.mark.parametrize(
    ("proof", "key"),
    [
        ({"authority": "residence_permits", "question": "residence"}, "authority"),
        ({"authority": "residence_permit", "question": "residense"}, "question"),
        ({"authority": "guardianship_archive", "question": "prior_proof"}, "question"),
    ],
)
def test_proofs(proof: dict[str, str], key: str) -> None:
    materials = JILIN.model_dump(by_alias=True, exclude_none=True)["materials"]
    materials[1]["proven_by"] = [proof | {"facts": {"step": ["fact"]}}]
    ((_, pointer, _),) = problems([file(materials=materials)], CONTRACTS, MAPPINGS)
    assert pointer == ("materials", 1, "proven_by", 0, key)


JOIN = {"mode": "race", "channels": ["share", "query"]}


def joined(join: dict[str, Any] | None, material: int = 2) -> list[Any]:
    """The shipped policy with one proof joined in another way."""
    materials = JILIN.model_dump(by_alias=True, exclude_none=True)["materials"]
    materials[material]["proven_by"][0].pop("join", None)
    materials[material]["proven_by"][0] |= {} if join is None else {"join": join}
    return materials


def test_a_ground_that_no_question_can_give() -> None:
    """It would free everybody who says the right one: a wrong "not owed"."""
    materials = JILIN.model_dump(by_alias=True, exclude_none=True)["materials"]
    materials[2]["owed"]["residence_basis"] = ["employmant"]
    with pytest.raises(ValidationError, match="'employment', 'residence_permit', 'study' or 'dependant'"):
        file(materials=materials)


@pytest.mark.parametrize(
    ("join", "pointer", "says"),
    [
        (None, ("question",), "stands on several channels (share, query): a 'join' must say"),
        (JOIN | {"channels": ["share", "querry"]}, ("join", "channels", 1), "did you mean 'query'?"),
        (JOIN | {"channels": ["zzz", "query"]}, ("join", "channels", 0), "known here: share, query"),
        (JOIN | {"channels": ["share", "share"]}, ("join", "channels", 1), "stands here twice"),
    ],
)
def test_joins(join: dict[str, Any] | None, pointer: tuple[str | int, ...], says: str) -> None:
    ((_, found, text),) = problems([file(materials=joined(join))], CONTRACTS, MAPPINGS)
    assert found == ("materials", 2, "proven_by", 0, *pointer)
    assert says in text
    assert problems([file(materials=joined(JOIN))], CONTRACTS, MAPPINGS) == []


def test_a_channel_that_does_not_answer_the_question() -> None:
    tree = CONTRACTS["social_insurance"].model_dump(by_alias=True)
    tree["channels"]["query"]["questions"] = {"other": tree["channels"]["query"]["questions"]["insurance"]}
    changed = CONTRACTS | {"social_insurance": Contract.model_validate(tree)}
    ((_, pointer, text),) = problems([file(materials=joined(JOIN))], changed, MAPPINGS)
    assert pointer == ("materials", 2, "proven_by", 0, "join", "channels", 1)
    assert text == "this channel does not answer 'insurance'"
    assert problems([file(materials=joined(None))], changed, MAPPINGS) == []
    assert [p for _, p, _ in problems([file(materials=joined(JOIN, 1))], CONTRACTS, MAPPINGS)] == [
        ("materials", 1, "proven_by", 0, "join", "channels", 1)
    ]


def test_one_question_is_joined_in_one_way() -> None:
    other = joined({"mode": "both_and_compare", "channels": ["share", "query"]})[2] | {"material": "other"}
    ((_, pointer, text),) = problems([file(materials=[*joined(JOIN), other])], CONTRACTS, MAPPINGS)
    assert pointer == ("materials", 3, "proven_by", 0)
    assert "joined in another way" in text


def test_who_is_local_is_asked_on_one_channel() -> None:
    rule = JILIN.who_is_local.model_dump(exclude_none=True)
    asked = rule | {"authority": "social_insurance", "question": "insurance", "step": "insured"}
    ((_, pointer, text),) = problems([file(who_is_local=asked)], CONTRACTS, MAPPINGS)
    assert pointer == ("who_is_local", "question")
    assert "must be on one channel, and stands on share, query" in text
