"""Reading a question: every fault at once, with its place and the nearest right name, and never a part of the input."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from gateway.model import Operator, Person
from gateway.web import questions
from tests.web.reading import GOOD, SECRET, body, fault, refused


def test_a_question_becomes_the_noun():
    read = questions.read(body())
    verification = questions.verification(read, "v-1", "counter", 5000)
    assert verification.application_date == date(2018, 5, 2)
    assert verification.subject == Person("229901201206011035", "测试子")
    assert verification.guardian == Person("229901198805121012", "测试父")
    assert verification.operator == Operator("op-0117", "样例警员", "229901000000")
    assert (verification.consumer, verification.verification_id, verification.deadline_ms) == ("counter", "v-1", 5000)
    assert (verification.business_items, verification.materials) == (
        ("passport", "hkm_permit"),
        ("guardianship_proof",),
    )


def test_what_may_be_left_out_is_none():
    small = {k: v for k, v in GOOD.items() if k not in ("guardian", "materials", "deadline_ms", "residence_basis")}
    verification = questions.verification(questions.read(json.dumps(small).encode()), "v-1", "counter", 1)
    assert (verification.guardian, verification.materials, verification.residence_basis) == (None, None, None)


@pytest.mark.parametrize("top", ["[]", "1", '"x"', "null", "true", "[{}]"])
def test_a_question_is_one_object(top: str):
    """H48: a batch, or anything else."""
    assert refused(top.encode()).code == "invalid_question"


def test_a_batch_where_one_person_is_expected():
    assert fault(body(subject=[GOOD["subject"]] * 20)).pointer == "/subject"
    assert fault(body(subject=[GOOD["subject"]] * 501)).code == "too_many_members"


@pytest.mark.parametrize(
    ("number", "accepted"),
    [
        ("229901201206011035", "229901201206011035"),
        ("22990120030502104x", "22990120030502104X"),
        ("22990120030502104Ｘ", "22990120030502104X"),
        ("22990120030502104ｘ", "22990120030502104X"),
        ("810000189901010015", "810000189901010015"),
        ("922999199001010017", "922999199001010017"),
        ("229901201206011034", None),
        ("２２９９０１２０１２０６０１１０３５", None),
        ("229901880512101", None),
        ("379901198602291102", None),
        (" 229901201206011035", None),
        ("229901201206011035\n", None),
        ("2299012012060110351", None),
        ("X29901201206011035", None),
        ("", None),
        ("1" * 33, None),
    ],
)
def test_identity_numbers(number: str, accepted: str | None):
    """H44."""
    data = body(subject={"citizen_id": number, "name": "测试子"})
    if accepted is not None:
        assert questions.read(data).subject.citizen_id == accepted
        return
    error = refused(data)
    assert error.code == "subject_format"
    assert [(one.code, one.pointer) for one in error.faults] == [("subject_format", "/subject/citizen_id")]


@pytest.mark.parametrize("number", [229901201206011035, None, True, ["229901201206011035"]])
def test_an_identity_number_is_text(number: Any):
    assert refused(body(subject={"citizen_id": number, "name": "测试子"})).code == "subject_format"


def test_a_wrong_number_among_other_faults_is_an_invalid_question():
    error = refused(body(subject={"citizen_id": "1", "name": "测试子"}, purpose="Not A Word"))
    assert error.code == "invalid_question"
    assert {one.code for one in error.faults} == {"subject_format", "invalid_value"}


def test_an_unknown_field_is_placed_and_told_its_nearest_name():
    data = b'{\n  "case_numbr": "x",\n  "callback_url": "http://evil.example"\n}'
    faults = {one.line: one for one in refused(data).faults if one.code == "unknown_field"}
    assert (faults[2].column, faults[2].nearest, faults[2].pointer) == (3, "case_number", "")
    assert (faults[3].column, faults[3].nearest, faults[3].pointer) == (3, None, "")
    assert "case_number" in str(faults[3].expected)


@pytest.mark.parametrize("name", ["callback_url", "document_url", "webhook"])
def test_there_is_no_field_for_an_address(name: str):
    """H52."""
    assert fault(body(**{name: "http://evil.example/hook"})).code == "unknown_field"


def test_an_unknown_field_further_in_names_the_place_around_it():
    found = fault(body(operator={**GOOD["operator"], "unit_cod": SECRET}))
    assert (found.code, found.pointer, found.nearest) == ("unknown_field", "/operator", "unit_code")


def test_what_is_missing_is_named():
    small = {k: v for k, v in GOOD.items() if k != "purpose"}
    found = fault(json.dumps(small).encode())
    assert (found.code, found.pointer, found.expected) == ("missing_field", "", "purpose")
    assert (found.line, found.column) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"business_items": ["visa"]}, "/business_items/0", "unknown_value"),
        ({"business_items": []}, "/business_items", "invalid_value"),
        ({"residence_basis": "tourism"}, "/residence_basis", "unknown_value"),
        ({"materials": []}, "/materials", "invalid_value"),
        ({"materials": ["a"] * 9}, "/materials", "invalid_value"),
        ({"materials": ["Not A Word"]}, "/materials/0", "invalid_value"),
        ({"deadline_ms": 199}, "/deadline_ms", "invalid_value"),
        ({"deadline_ms": 60001}, "/deadline_ms", "invalid_value"),
        ({"deadline_ms": "8000"}, "/deadline_ms", "invalid_value"),
        ({"deadline_ms": True}, "/deadline_ms", "invalid_value"),
        ({"deadline_ms": 8000.5}, "/deadline_ms", "invalid_value"),
        ({"case_number": 1}, "/case_number", "invalid_value"),
        ({"case_number": "a b"}, "/case_number", "invalid_value"),
        ({"case_number": "JL1\n"}, "/case_number", "invalid_value"),
        ({"application_date": "2018-02-30"}, "/application_date", "invalid_value"),
        ({"application_date": "20180502"}, "/application_date", "invalid_value"),
        ({"application_date": "2018-05-02T00:00:00"}, "/application_date", "invalid_value"),
        ({"application_date": 1525219200}, "/application_date", "invalid_value"),
        ({"application_date": "1525219200"}, "/application_date", "invalid_value"),
        ({"application_date": "２０１８-05-02"}, "/application_date", "invalid_value"),
        ({"operator": {**GOOD["operator"], "unit_code": "22990100000"}}, "/operator/unit_code", "invalid_value"),
        ({"operator": {**GOOD["operator"], "name": "a\u0000b"}}, "/operator/name", "invalid_value"),
        ({"subject": {**GOOD["subject"], "name": " 测试子"}}, "/subject/name", "invalid_value"),
        ({"subject": {**GOOD["subject"], "name": ""}}, "/subject/name", "invalid_value"),
        ({"subject": {**GOOD["subject"], "name": "测" * 101}}, "/subject/name", "invalid_value"),
        ({"subject": {**GOOD["subject"], "name": "测\u2028试"}}, "/subject/name", "invalid_value"),
        ({"subject": {**GOOD["subject"], "name": "测\uffff试"}}, "/subject/name", "invalid_value"),
        ({"subject": None}, "/subject", "invalid_value"),
    ],
)
def test_each_wrong_value_has_its_place_and_code(changes: dict[str, Any], pointer: str, code: str):
    found = fault(body(**changes))
    assert (found.pointer, found.code, found.line) == (pointer, code, 1)
    assert found.column is not None
    assert found.expected


@pytest.mark.parametrize("name", ["阿测·样例", "SAMPLE ONE", "测\U00031350", "\U0002ebf0试", "o'Brien <&>", "测]]>试"])
def test_names_are_taken_as_they_are_written(name: str):
    """Ideographs that are newer than Python's tables, and what means something elsewhere (H51)."""
    assert questions.read(body(subject={**GOOD["subject"], "name": name})).subject.name == name


def test_the_place_of_a_value_that_stands_further_down():
    data = json.dumps({**GOOD, "deadline_ms": 1}, indent=2, ensure_ascii=False).encode()
    found = fault(data)
    line = data.decode().splitlines()[(found.line or 0) - 1]
    assert line[(found.column or 0) - 1 :].startswith('"deadline_ms"')


def test_there_is_an_end_to_the_list():
    error = refused(json.dumps({f"unknown{number}": 1 for number in range(questions.MAX_MEMBERS)}).encode())
    assert len(error.faults) == questions.MAX_FAULTS


@pytest.mark.parametrize(
    "tree",
    [{str(n): 1 for n in range(101)}, [1] * 101, {"a": [1] * 101}, [[[1] * 50], [[1] * 50]], {"a": {"b": [{}] * 100}}],
)
def test_more_members_than_any_question_has_are_counted_and_not_explained(tree: Any):
    found = fault(json.dumps(tree).encode())
    assert (found.code, found.pointer, found.expected) == ("too_many_members", "", f"at most {questions.MAX_MEMBERS}")


@pytest.mark.parametrize("name", ["[", "(", "[key]", "function-after[x()]", "", "/", "~1", "\uffff"])
def test_an_unknown_name_may_look_like_anything(name: str):
    data = json.dumps({**GOOD, name: 1}).encode()
    found = fault(data)
    assert (found.code, found.pointer) == ("unknown_field", "")
    assert found.column == data.decode().rindex(json.dumps(name)) + 1
