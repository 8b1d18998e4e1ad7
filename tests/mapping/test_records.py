"""Records: which count, what they say, and about whom."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.authority import OperationMapping
from gateway.errors import Ambiguous, BadReply, SubjectMismatch, Trouble
from gateway.mapping.records import RecordReader, compile_records
from gateway.model import Person

from .builders import CHILD, FATHER, mapping

ABOUT = {"person": CHILD, "other": FATHER}


def reader(authority: str, operation: str, wanted: Collection[str] | None = None) -> RecordReader:
    """Of the shipped mapping; all that it can read is wanted unless said otherwise."""
    file = mapping(authority)
    rules = file.operations[operation]
    rows = {f"{name}/{fact}" for name, rule in rules.rows.items() for fact in rule.facts}
    return compile_records(rules, file.tables, {*rules.facts, *rows} if wanted is None else wanted)


PERMIT = reader("residence_permit", "permit")
PERSON = reader("household_registry", "person")
PROOF = reader("guardianship_archive", "proof")
INSURED = reader("social_insurance", "share_months")


def permit(**changes: Any) -> dict[str, Any]:
    record = {"GMSFHM": CHILD.citizen_id, "XM": CHILD.name, "JZZZT": "1", "YXQXJZRQ": "20190101", "QZRQ": "20180101"}
    return record | changes


def proof(**changes: Any) -> dict[str, Any]:
    record = {"BJHRGMSFHM": CHILD.citizen_id, "JHRGMSFHM": FATHER.citizen_id, "JHRXM": FATHER.name}
    return record | {"CLZT": "1", "SLRQ": "2016-03-01"} | changes


@pytest.mark.parametrize("tree", [{}, {"data": None}, {"data": {}}, {"data": {"JZZ": None}}])
def test_a_missing_place_is_not_an_empty_one(tree: Any) -> None:
    assert PERMIT.held(tree) is None


def test_no_records() -> None:
    assert PERMIT.held({"data": {"JZZ": []}}) == []


def test_an_object_is_one_record() -> None:
    assert PERMIT.held({"data": {"JZZ": {"a": "b"}}}) == [{"a": "b"}]


@pytest.mark.parametrize("found", ["", "text", 0, False, [None], [{}, "text"], [[]]])
def test_anything_else_is_a_bad_reply(found: Any) -> None:
    with pytest.raises(BadReply):
        PERMIT.held({"data": {"JZZ": found}})


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ([("1", "0"), ("2", "0")], [("1", "0")]),
        ([("1", "1"), ("2", "0")], [("1", "1")]),
        ([("1", "0"), ("1", "1")], [("1", "0")]),
        ([("2", "1"), ("2", "0")], [("2", "0")]),
        ([("2", "1"), ("2", "2")], [("2", "1"), ("2", "2")]),
        ([("1", "0"), ("1", "0")], [("1", "0"), ("1", "0")]),
        ([(1, 0), ("2", "0")], [(1, 0)]),
    ],
)
def test_prefer_keeps_what_matches_if_anything_does(sent: list[Any], kept: list[Any]) -> None:
    found = PERSON.preferred([{"JLBZ": record, "CXBZ": reversed_} for record, reversed_ in sent])
    assert [(r["JLBZ"], r["CXBZ"]) for r in found] == kept


def test_facts_of_a_permit() -> None:
    assert PERMIT.facts(permit(), ABOUT) == {
        "citizen_id": CHILD.citizen_id,
        "name": CHILD.name,
        "status": "valid",
        "valid_until": date(2019, 1, 1),
        "last_endorsed_on": date(2018, 1, 1),
    }


@pytest.mark.parametrize("blank", [None, "", " "])
def test_an_optional_fact_may_be_blank(blank: Any) -> None:
    assert PERMIT.facts(permit(QZRQ=blank), ABOUT)["last_endorsed_on"] is None
    without = permit()
    del without["QZRQ"]
    assert PERMIT.facts(without, ABOUT)["last_endorsed_on"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"YXQXJZRQ": None},
        {"YXQXJZRQ": ""},
        {"YXQXJZRQ": "20190230"},
        {"QZRQ": "yesterday"},
        {"JZZZT": "6"},
        {"JZZZT": ["1"]},
        {"XM": ""},
        {"GMSFHM": None},
        {"GMSFHM": "229901198805121013"},
    ],
)
def test_what_cannot_be_read_is_a_bad_reply_without_the_value(changes: dict[str, Any]) -> None:
    with pytest.raises(BadReply) as caught:
        PERMIT.facts(permit(**changes), ABOUT)
    shown = str(caught.value)
    assert "fact" in shown
    assert all(
        not value or str(value) not in shown for value in changes.values() if isinstance(value, str) and len(value) > 1
    )


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({"GMSFHM": FATHER.citizen_id}, SubjectMismatch),
        ({"XM": "测试母"}, SubjectMismatch),
        ({"XM": "测试?"}, Ambiguous),
        ({"XM": "测试*", "GMSFHM": FATHER.citizen_id}, SubjectMismatch),
        ({"XM": "测试母", "JZZZT": "6"}, SubjectMismatch),
    ],
)
def test_the_reply_must_be_about_the_person_asked(changes: dict[str, Any], trouble: type[Trouble]) -> None:
    with pytest.raises(trouble) as caught:
        PERMIT.facts(permit(**changes), ABOUT)
    assert "测试" not in str(caught.value)
    assert "2299" not in str(caught.value)


def test_a_name_written_otherwise_is_the_same_person() -> None:
    about = {"person": Person(CHILD.citizen_id, "阿测·样例")}
    assert PERMIT.facts(permit(XM="阿测 ・样例"), about)["name"] == "阿测 ・样例"


def test_both_people_are_held_against_the_question() -> None:
    assert PROOF.facts(proof(), ABOUT)["state"] == "accepted"
    for swapped in ({"BJHRGMSFHM": FATHER.citizen_id}, {"JHRGMSFHM": CHILD.citizen_id}, {"JHRXM": CHILD.name}):
        with pytest.raises(SubjectMismatch):
            PROOF.facts(proof(**swapped), ABOUT)


JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.text(max_size=3), max_size=2)


@given(st.dictionaries(st.sampled_from(["GMSFHM", "XM", "JZZZT", "YXQXJZRQ", "QZRQ"]), JSON))
def test_no_record_whatsoever_gives_facts_about_somebody_else(changes: dict[str, Any]) -> None:
    try:
        facts = PERMIT.facts(permit(**changes), ABOUT)
    except Trouble:
        return
    assert facts["citizen_id"] == CHILD.citizen_id
    assert facts["status"] in {"valid", "suspended", "replaced", "cancelled", "lost"}


def test_an_operation_without_echo_reads_plain_facts() -> None:
    rules = {"request": {}, "records": "", "facts": {"a": {"path": "/x/a"}}}
    plain = compile_records(OperationMapping.model_validate(rules), {}, {"a"})
    assert plain.held({"x": {"a": "1"}}) == [{"x": {"a": "1"}}]
    assert plain.facts({"x": {"a": "1"}}, {}) == {"a": "1"}


MONTH = {"AAE003": "201804", "AAE140": "110", "AAA115": "10", "AAB301": "229901"}


def insured(**changes: Any) -> dict[str, Any]:
    who = {"AAC002": CHILD.citizen_id, "AAC003": CHILD.name}
    return who | {"jfxx": [MONTH], "cbxx": [{"AAE140": "110", "AAC008": "1"}]} | changes


def test_a_table_is_a_list_of_the_facts_of_its_rows() -> None:
    facts = INSURED.facts(insured(jfxx=[MONTH, MONTH | {"AAE003": "201803", "AAA115": "20"}]), ABOUT)
    first = {"month": date(2018, 4, 1), "kind": "pension_employee", "payment": "normal", "region": "229901"}
    assert facts["months"] == [first, first | {"month": date(2018, 3, 1), "payment": "back_payment"}]
    assert facts["kinds"] == [{"kind": "pension_employee", "participation": "normal", "paying": None}]


def test_an_empty_table_is_an_empty_list() -> None:
    assert INSURED.facts(insured(jfxx=[]), ABOUT)["months"] == []


@pytest.mark.parametrize("found", [None, {}, "", "text", 0, [None], ["text"], [[]]])
def test_a_table_that_is_none_is_a_bad_reply(found: Any) -> None:
    with pytest.raises(BadReply, match="rows 'months'"):
        INSURED.facts(insured(jfxx=found), ABOUT)
    without = insured()
    del without["jfxx"]
    with pytest.raises(BadReply, match="rows 'months'"):
        INSURED.facts(without, ABOUT)


@pytest.mark.parametrize("row", [{}, MONTH | {"AAE003": "201813"}, MONTH | {"AAE140": "111"}, MONTH | {"AAB301": ""}])
def test_one_row_that_cannot_be_read_spoils_the_reply(row: Any) -> None:
    with pytest.raises(BadReply):
        INSURED.facts(insured(jfxx=[MONTH, row]), ABOUT)


def test_whose_table_it_is_comes_first() -> None:
    with pytest.raises(SubjectMismatch):
        INSURED.facts(insured(AAC002=FATHER.citizen_id, jfxx=None), ABOUT)


def test_only_what_is_wanted_is_read() -> None:
    assert reader("residence_permit", "permit", {"status"}).facts(permit(), ABOUT) == {"status": "valid"}
    assert reader("residence_permit", "permit", set()).facts(permit(), ABOUT) == {}
    months = reader("social_insurance", "share_months", {"months/month", "months/kind"}).facts(insured(), ABOUT)
    assert months == {"months": [{"month": date(2018, 4, 1), "kind": "pension_employee"}]}


@pytest.mark.parametrize("changes", [{"YXQXJZRQ": None}, {"YXQXJZRQ": "x"}, {"QZRQ": "x"}, {"QZRQ": {}}])
def test_what_is_not_wanted_spoils_nothing_be_it_optional_or_not(changes: dict[str, Any]) -> None:
    assert reader("residence_permit", "permit", {"status"}).facts(permit(**changes), ABOUT) == {"status": "valid"}


@pytest.mark.parametrize("changes", [{"cbxx": None}, {"cbxx": [{"AAE140": "?"}]}, {"jfxx": [MONTH | {"AAB301": ""}]}])
def test_nor_do_rows_or_what_stands_in_them(changes: dict[str, Any]) -> None:
    facts = reader("social_insurance", "share_months", {"months/month"}).facts(insured(**changes), ABOUT)
    assert facts == {"months": [{"month": date(2018, 4, 1)}]}


@pytest.mark.parametrize("changes", [{"XM": "测试母"}, {"GMSFHM": FATHER.citizen_id}, {"XM": None}, {"GMSFHM": "1"}])
def test_whose_record_it_is_counts_whatever_is_wanted(changes: dict[str, Any]) -> None:
    with pytest.raises((SubjectMismatch, BadReply)):
        reader("residence_permit", "permit", {"status"}).facts(permit(**changes), ABOUT)
