"""Scenario files and the cast: what is wrong with one is said with its place."""

from __future__ import annotations

import shutil

import pytest

from gateway.contract.folders import load_folder, shipped
from gateway.contract.people import load_cast, resolved
from gateway.contract.scenarios import load_scenarios
from gateway.errors import BrokenFiles

PERMIT = shipped() / "authorities" / "residence_permit"


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(PERMIT, tmp_path / "residence_permit")


def problems_of(folder) -> list[str]:
    loaded = load_folder(folder, [])
    assert loaded is not None
    with pytest.raises(BrokenFiles) as broken:
        load_scenarios(loaded)
    return [f"{problem.line} {problem.text}" for problem in broken.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("operation: permit", "operation: permt", "2 must be the file's name, 'permit'"),
        ("means: answered", "means: answerd", "5 must be one of 'answered'"),
        (
            "    status: 401\n",
            "    status: 401\n    text: both\n",
            "34 needs exactly one of 'reply', 'text' and 'fault'",
        ),
        ('JZZZT: "1"\n  nobody', 'JZZZT: "{person.age}"\n  nobody', "13 stands for nothing that a record can name"),
        ("  nobody:\n", "  no_body:\n", "1 'unknown_person' names no scenario of 'permit' in scenarios/permit.yaml"),
    ],
)
def test_a_broken_scenario(folder, old, new, expected):
    path = folder / "scenarios" / "permit.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    found = problems_of(folder)
    assert any(text.startswith(expected) for text in found), found


def test_a_scenario_file_of_no_operation(folder):
    (folder / "scenarios" / "permits.yaml").write_text(
        "operation: permits\nscenarios: {a: {means: bad_reply, text: x}}\n"
    )
    assert problems_of(folder) == ["1 unknown operation; did you mean 'permit'?"]


@pytest.mark.parametrize("body", ["{means: bad_reply}", "{means: bad_reply, status: 200, fault: Server}"])
def test_a_scenario_needs_one_body_and_a_fault_its_status(folder, body):
    (folder / "scenarios" / "permit.yaml").write_text(f"operation: permit\nscenarios:\n  nobody: {body}\n")
    assert len(problems_of(folder)) >= 1


CAST = """\
people:
  P01: {citizen_id: "229901198805121012", name: 测试父, story: {zh: 一, en: one}}
  P02:
    citizen_id: "229901198805121012"
    name: 测试母
    story: {zh: 二, en: two}
    guardian: P99
    answers:
      residence_prmit: {permit: {scenario: holder}}
      residence_permit:
        permt: {scenario: holder}
        permit: {scenario: holdr, record: {XM: "{P98.name}", QFJG: "{P01.name}", JZZBH: "{person.name}"}}
pairs:
  - {people: [P01, P97], answers: {}}
  - {people: [P01, P97], answers: {}}
"""


def test_every_problem_of_the_cast_at_once(tmp_path):
    folder = load_folder(PERMIT, [])
    assert folder is not None
    scenarios = {"residence_permit": load_scenarios(folder)}
    path = tmp_path / "people.yaml"
    path.write_text(CAST, "utf-8")
    with pytest.raises(BrokenFiles) as broken:
        load_cast(path, scenarios)
    assert [f"{p.line} {p.text}" for p in broken.value.problems] == [
        "4 is the number of P01 too",
        "7 names nobody in the cast",
        "9 unknown authority; did you mean 'residence_permit'?",
        "11 unknown operation; did you mean 'permit'?",
        "12 unknown scenario; did you mean 'holder'?",
        "12 refers to nobody in the cast",
        "14 P97 is nobody in the cast",
        "15 these two stand here twice",
        "15 P97 is nobody in the cast",
    ]
    path.write_text("people: {}\n")
    with pytest.raises(BrokenFiles):
        load_cast(path, scenarios)


def test_a_reference_is_resolved_to_that_members_identity(tmp_path):
    path = tmp_path / "people.yaml"
    path.write_text("\n".join(CAST.splitlines()[:2]), "utf-8")
    people = load_cast(path, {}).people
    found = resolved({"a": "{P01.name}", "b": "{P01.citizen_id}", "c": "{person.name}", "d": 1}, people)
    assert found == {"a": people["P01"].name, "b": people["P01"].citizen_id, "c": "{person.name}", "d": 1}
