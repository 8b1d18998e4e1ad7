"""The cast as it is shipped: fictitious, unique, one identity everywhere, and every scenario told about somebody."""

from __future__ import annotations

import csv
import os
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.contract.people import load_cast
from gateway.contract.scenarios import load_scenarios
from gateway.errors import BrokenFiles
from mocks.answers import Answers
from tests.mocks.asking import permit_question, proof_question

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_checked(number: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number, strict=False))
    return len(number) == 18 and number[17] == "10X98765432"[total % 11]


def is_fictitious(number: str) -> bool:
    """Domain section 11: a second-level region 99 (never 9900), or the fixed prefixes with birth 1899 or country 999."""
    if number[:6] in ("810000", "820000", "830000"):
        return number[6:10] == "1899"
    return number[3:6] == "999" if number[0] == "9" else number[2:4] == "99" and number[4:6] != "00"


def test_numbers_are_checked_fictitious_and_unique(cast):
    numbers = [member.citizen_id for member in cast.people.values()]
    assert [number for number in numbers if not is_checked(number)] == []
    assert [number for number in numbers if not is_fictitious(number)] == []
    assert len(set(numbers)) == len(numbers)


def test_names_are_unique_and_say_that_they_are_samples(cast):
    names = [member.name for member in cast.people.values()]
    assert len(set(names)) == len(names)
    assert [name for name in names if not any(word in name for word in ("测试", "样例", "SAMPLE"))] == []


def test_the_shared_people_are_all_there(cast):
    shared = os.getenv("GATEWAY_SHARED_DATA")
    if shared is None:
        pytest.skip("GATEWAY_SHARED_DATA is not set: the cast is not compared with the shared people")
    file = Path(shared) / "people.csv"
    for row in csv.DictReader(file.read_text("utf-8").splitlines()):
        key = row["key"]
        if key in cast.refused:
            assert (cast.refused[key].number, cast.refused[key].name) == (row["citizen_id"], row["name"])
        else:
            assert (cast.people[key].citizen_id, cast.people[key].name) == (row["citizen_id"], row["name"])


def test_refused_numbers_are_nobodys(cast):
    assert not {refused.number for refused in cast.refused.values()} & {m.citizen_id for m in cast.people.values()}


def test_every_scenario_is_told_about_somebody(folders, cast, scenarios):
    told = {
        (authority, operation, answer.scenario)
        for holder in (*cast.people.values(), *cast.pairs)
        for authority, operations in holder.answers.items()
        for operation, answer in operations.items()
    }
    told |= {(n, op, scenario) for n, f in folders.items() for op, scenario in f.contract.unknown_person.items()}
    written = {(a, op, name) for a, found in scenarios.items() for op, names in found.items() for name in names}
    assert written - told == set()


def test_every_meaning_has_a_scenario(folders, scenarios):
    """Of those that a scenario can have: what the mock itself refuses (its own 401) is there in scenarios as well."""
    for name, folder in folders.items():
        for channel in folder.contract.channels.values():
            for operation, rules in channel.operations.items():
                found = {scenario.means for scenario in scenarios[name][operation].values()}
                assert {meaning.means for meaning in rules.meanings} <= found, (name, operation)


def test_everybody_registered_has_a_national_answer(cast):
    silent = {k for k, m in cast.people.items() if "national" not in m.answers.get("household_registry", {})}
    assert silent == {"F01", "F02", "F03", "F04"}


def test_every_status_of_the_exchange_has_somebody(cast, scenarios):
    """Domain 2.3: each four-digit status of `query`."""
    known = scenarios["social_insurance"]["query_months"]
    told = [member.answers.get("social_insurance", {}).get("query_months") for member in cast.people.values()]
    asked = {answer.scenario for answer in told if answer is not None}
    heads = [known[name].reply["head"] for name in asked if known[name].reply is not None]
    statuses = """
        0001 0002 0003 0004 0050 0051 0052 0100 0101 0102 0103 0104 0105 0500 0501 0502 0503 1000 9999 7777
    """
    assert {head["rm"][:4] for head in heads if head["rc"] == "1"} == set(statuses.split())
    assert {head["rc"] for head in heads} == {"0", "1", "2"}


def test_minors_come_with_an_adult_and_are_under_16(cast):
    for key, member in cast.people.items():
        if member.guardian is None or key == "P05":
            continue
        assert member.citizen_id[6:14] > "20020502", key
        assert cast.people[member.guardian].citizen_id[6:14] < "20000502", key


def test_pairs_say_what_the_persons_own_records_say(folders, cast, scenarios):
    """Relation to the head and kind of household, in `same_household` and in each one's own record."""
    answers = Answers(folders["household_registry"], scenarios["household_registry"], cast)

    def record(operation, **numbers):
        answer = answers.find(operation, numbers)
        (found,) = answers.compose(operation, answer)["list"]
        return found

    checked = 0
    for pair in cast.pairs:
        told = pair.answers.get("household_registry", {}).get("same_household")
        if told is None or told.scenario != "same_household":
            continue
        first, second = (cast.people[key].citizen_id for key in pair.people)
        both = record("same_household", sfzh1=first, sfzh2=second)
        one, other = (record("person", sfzh=number) for number in (first, second))
        assert (both["YHZGX1"], both["YHZGX2"], both["HB"]) == (one["YHZGX"], other["YHZGX"], one["HB"]), pair.people
        assert one["HH"] == other["HH"], pair.people
        checked += 1
    assert checked > 15


async def test_every_answer_of_the_cast_is_one_that_its_interface_allows(caller, cast):
    """No 599: asked of the running mocks, one question for each answer of the REST authorities."""
    for member in cast.people.values():
        if "residence_permit" in member.answers:
            reply = await caller.ask("residence_permit", permit_question(member.citizen_id))
            assert reply.status != 599, reply.body
    for pair in cast.pairs:
        if "guardianship_archive" in pair.answers:
            first, second = (cast.people[key].citizen_id for key in pair.people)
            reply = await caller.ask("guardianship_archive", proof_question(first, second))
            assert reply.status != 599, reply.body


def test_every_registry_answer_keeps_its_payloads_schema(folders, cast, scenarios):
    folder = folders["household_registry"]
    answers = Answers(folder, scenarios["household_registry"], cast)
    operations = folder.contract.channels["query"].operations
    for holder in (*({"of": [m.citizen_id], "in": m.answers} for m in cast.people.values()), *pairs(cast)):
        for operation, told in holder["in"].get("household_registry", {}).items():
            if scenarios["household_registry"][operation][told.scenario].reply is None:
                continue
            names = ["sfzh"] if len(holder["of"]) == 1 else ["sfzh1", "sfzh2"]
            answer = answers.find(operation, dict(zip(names, holder["of"], strict=True)))
            assert answer.name == told.scenario
            tree = answers.compose(operation, answer)
            schema = folder.payloads["query"][operations[operation].payload]
            assert schema.faults(tree) == [], (answer.people, operation)


def pairs(cast):
    return ({"of": [cast.people[k].citizen_id for k in p.people], "in": p.answers} for p in cast.pairs)


def test_every_mistake_in_a_cast_is_found_at_its_place(tmp_path, scenarios):
    file = tmp_path / "people.yaml"
    file.write_text(
        """people:
  P01:
    citizen_id: "229901198805121012"
    name: 测试父
    story: {zh: a, en: a}
    guardian: P77
    answers:
      residence_permit: {permit: {scenario: holdr}}
      residence_permits: {permit: {scenario: holder}}
      household_registry:
        persn: {scenario: resident}
        person: {scenario: resident, record: {FQXM: "{P99.name}", FQ: {XM: "{P98.name}"}}}
  P02: {citizen_id: "229901198805121012", name: 测试母, story: {zh: a, en: a}}
pairs:
  - {people: [P01, P02], answers: {}}
  - {people: [P01, P02], answers: {}}
  - {people: [P01, P88], answers: {}}
""",
        "utf-8",
    )
    with pytest.raises(BrokenFiles) as caught:
        load_cast(file, scenarios)
    found = {(problem.line, problem.text.split(";")[0]) for problem in caught.value.problems}
    assert found == {
        (6, "names nobody in the cast"),
        (8, "unknown scenario"),
        (9, "unknown authority"),
        (11, "unknown operation"),
        (12, "refers to nobody in the cast"),
        (12, "refers to nobody in the cast"),
        (13, "is the number of P01 too"),
        (16, "these two stand here twice"),
        (17, "P88 is nobody in the cast"),
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("operation: permits\nscenarios: {a: {means: answered, reply: {}}}", "must be the file's name"),
        ("operation: permit\nscenarios: {a: {means: answered, reply: {}}}", "'unknown_person' names no scenario"),
        ("operation: permit\nscenarios: {nobody: {means: answered}}", "exactly one of"),
        ("operation: permit\nscenarios: {nobody: {means: answered, fault: Server}}", "status: 500"),
        (
            'operation: permit\nscenarios: {nobody: {means: answered, reply: {}, record: {A: "{someone.name}"}}}',
            "stands for nothing",
        ),
    ],
)
def test_a_wrong_scenario_file_is_refused(tmp_path, folders, text, why):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "permit.yaml").write_text(text, "utf-8")
    folder = folders["residence_permit"]
    copy = replace(folder, path=tmp_path)
    with pytest.raises(BrokenFiles, match=why):
        load_scenarios(copy)


def test_a_scenario_file_for_no_operation_is_refused(tmp_path, folders):
    (tmp_path / "scenarios").mkdir()
    text = "operation: permits\nscenarios: {nobody: {means: answered, reply: {}}}"
    (tmp_path / "scenarios" / "permits.yaml").write_text(text, "utf-8")
    folder = folders["residence_permit"]
    copy = replace(folder, path=tmp_path)
    with pytest.raises(BrokenFiles, match="did you mean 'permit'"):
        load_scenarios(copy)
