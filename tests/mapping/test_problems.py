"""What is wrong with a mapping is found before anything is asked, each thing at its place."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.contract.authority import Mapping
from gateway.mapping.problems import problems

from .builders import contract, mapping

AUTHORITIES = ["guardianship_archive", "household_registry", "residence_permit", "social_insurance"]
FACTS: dict[str, Any] = {"id": {"path": "/a", "convert": "citizen_id", "echo": "person"}}


def found(request: dict[str, Any], facts: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    tree = {
        "operations": {"permit": {"request": request, "records": "/r", "facts": facts}},
        "tables": {"permit_status": {"1": "valid"}},
    }
    return problems(Mapping.model_validate(tree), contract("residence_permit"))


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_the_shipped_mappings_have_none(authority: str) -> None:
    assert problems(mapping(authority), contract(authority)) == []


@pytest.mark.parametrize(
    ("facts", "place", "says"),
    [
        (
            {"s": {"path": "/s", "table": "permit_state"}},
            ("s", "table"),
            "unknown table; did you mean 'permit_status'?",
        ),
        ({"s": {"path": "/s", "table": "zzz"}}, ("s", "table"), "unknown table; known here: permit_status"),
        ({"s": {"path": "/s", "table": "permit_status", "convert": "date"}}, ("s", "convert"), "plain text"),
        ({"s": {"path": "/s", "convert": "name", "echo": "other"}}, ("s", "echo"), "one person only"),
        ({"s": {"path": "/s", "convert": "name", "echo": "person", "optional": "true"}}, ("s", "optional"), "always"),
        (
            {"s": {"path": "/s", "convert": "date", "echo": "person"}},
            ("s", "echo"),
            "only an identity number or a name",
        ),
    ],
)
def test_facts(facts: dict[str, Any], place: tuple[str, ...], says: str) -> None:
    ((pointer, text),) = found({}, FACTS | facts)
    assert pointer == ("operations", "permit", "facts", *place)
    assert says in text


def test_an_echo_through_a_table_compares_nothing() -> None:
    ((pointer, _),) = found({}, FACTS | {"s": {"path": "/s", "table": "permit_status", "echo": "person"}})
    assert pointer[-1] == "echo"


def test_somebody_must_be_echoed() -> None:
    ((pointer, text),) = found({}, {"n": {"path": "/n", "convert": "name", "echo": "person"}})
    assert pointer == ("operations", "permit", "facts")
    assert "'echo: person'" in text


def test_both_must_be_echoed_where_two_are_asked_about() -> None:
    rules = mapping("guardianship_archive").model_dump(by_alias=True, exclude_none=True)
    del rules["operations"]["proof"]["facts"]["guardian_citizen_id"]
    ((_, text),) = problems(Mapping.model_validate(rules), contract("guardianship_archive"))
    assert "'echo: other'" in text


@pytest.mark.parametrize(
    ("request_", "path", "says"),
    [
        ({"/a": {"from": "other.name"}}, "/a", "one person only"),
        ({"/a": {"from": "as_of", "convert": "time_compact"}}, "/a", "takes a time"),
        ({"/a": {"from": "case_number", "convert": "date"}}, "/a", "takes a date"),
        ({"/a": {"from": "case_number", "convert": "month_compact"}}, "/a", "takes a date"),
        ({"/a": {"from": "case_number", "convert": "integer"}}, "/a", "takes a number"),
        ({"/a": {"from": "walk.year"}}, "/a", "otherwise than 'per_year'"),
        ({"/a": {"from": "walk.page"}}, "/a", "otherwise than in 'pages'"),
        ({"/a": {"value": "1", "convert": "date"}}, "/a", "only a value 'from'"),
        ({"/a": {"account": "x", "convert": "name"}}, "/a", "only a value 'from'"),
        ({"": {"value": "1"}}, "", "whole request"),
        ({"/a": {"value": "1"}, "/a/b": {"value": "1"}, "/ab": {"value": "2"}}, "/a", "inside this place"),
    ],
)
def test_requests(request_: dict[str, Any], path: str, says: str) -> None:
    ((pointer, text),) = found(request_, FACTS)
    assert pointer == ("operations", "permit", "request", path)
    assert says in text


ROWS = {"months": {"path": "/m", "facts": {"kind": {"path": "/k", "table": "permit_status"}}}}


@pytest.mark.parametrize(
    ("rows", "place", "says"),
    [
        (ROWS, (), ""),
        ({"id": ROWS["months"]}, ("id",), "this name already"),
        ({"m": {"path": "/m", "facts": {"k": {"path": "/k", "table": "permit_state"}}}}, ("m", "facts", "k", "table"), "mean"),
        (
            {"m": {"path": "/m", "facts": {"k": {"path": "/k", "convert": "name", "echo": "person"}}}},
            ("m", "facts", "k", "echo"),
            "names nobody",
        ),
    ],
)  # fmt: skip
def test_rows(rows: dict[str, Any], place: tuple[str, ...], says: str) -> None:
    tree = {
        "operations": {"permit": {"request": {}, "records": "/r", "facts": FACTS, "rows": rows}},
        "tables": {"permit_status": {"1": "valid"}},
    }
    problems_found = problems(Mapping.model_validate(tree), contract("residence_permit"))
    assert [pointer for pointer, _ in problems_found] == ([("operations", "permit", "rows", *place)] if place else [])
    assert all(says in text for _, text in problems_found)


def test_who_is_asked_by_years_must_be_told_the_year() -> None:
    rules = mapping("social_insurance").model_dump(by_alias=True, exclude_none=True)
    del rules["operations"]["query_months"]["request"]["/xml/request/head/year"]
    ((pointer, text),) = problems(Mapping.model_validate(rules), contract("social_insurance"))
    assert pointer == ("operations", "query_months", "request")
    assert "walk.year" in text


def test_dates_may_be_written_of_dates_and_times() -> None:
    right = {
        "/a": {"from": "as_of", "convert": "date"},
        "/b": {"from": "requested_at", "convert": "date_compact"},
        "/c": {"from": "requested_at", "convert": "time_compact"},
    }
    assert found(right, FACTS) == []


@pytest.mark.parametrize(
    "rule",
    [
        {"from": "person.name", "equals": "XM"},
        {"from": "case_number", "equals": "AJBH"},
        {"value": "1", "equals": "XM"},
    ],
)
def test_a_condition_takes_an_identity_number_and_nothing_else(rule: dict[str, str]) -> None:
    assert found({"/c": {"from": "person.citizen_id", "equals": "SFZH"}}, FACTS) == []
    ((_, text),) = found({"/c": rule}, FACTS)
    assert "takes an identity number" in text
