"""Requests, built from the shipped mapping files and from odd ones."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from gateway.contract.authority import OperationMapping, Source
from gateway.errors import ConfigFault
from gateway.mapping import requests
from gateway.mapping.requests import compile_request

from .builders import CHILD, FATHER, INTENT, NOW, check, mapping


def operation(request: dict[str, dict[str, str]]) -> OperationMapping:
    return OperationMapping.model_validate({"request": request, "records": "/r", "facts": {"a": {"path": "/a"}}})


def test_a_rest_request_of_the_permit_register() -> None:
    build = compile_request(mapping("residence_permit").operations["permit"])
    assert build.tree(check(CHILD), INTENT, "r-1", NOW, {}) == {
        "FWQQBH": "r-1",
        "FSSJ": "20180502080005",
        "GMSFHM": "229901201206011035",
        "XM": "测试子",
        "CXRQ": "20180502",
        "QQRBH": "op-0117",
        "QQRXM": "测试员",
        "QQRDWDM": "229901000000",
        "QQYWLXDM": "exit_entry_application",
        "AJBH": "JL1",
    }
    assert build.accounts == frozenset()


def test_a_soap_request_of_the_registry() -> None:
    build = compile_request(mapping("household_registry").operations["same_household"])
    account = {"pcsbm": "p", "sbh": "s", "md5": "m", "more": "unused"}
    assert build.tree(check(CHILD, FATHER), INTENT, "r-1", NOW, account) == {
        "pcsbm": "p",
        "sbh": "s",
        "md5": "m",
        "sfzh1": "229901201206011035",
        "sfzh2": "229901198805121012",
        "type": "1",
    }
    assert build.accounts == {"pcsbm", "sbh", "md5"}


def test_a_soap_request_whose_part_is_a_document() -> None:
    build = compile_request(mapping("social_insurance").operations["query_months"])
    assert build.tree(check(CHILD, year=2017), INTENT, "r-1", NOW, {"system_code": "EE"}) == {
        "systemCode": "EE",
        "tradeCode": "NWS0101",
        "xml": {
            "request": {
                "head": {
                    "aac002": CHILD.citizen_id, "year": "2017", "aae140": "", "pagesize": "100", "pageindex": "1"
                }
            }
        },
    }  # fmt: skip


def test_a_month_is_written_compactly() -> None:
    build = compile_request(mapping("social_insurance").operations["share_months"])
    assert build.tree(check(CHILD), INTENT, "r-1", NOW, {})["JZNY"] == "201805"


def test_no_year_is_made_up() -> None:
    build = compile_request(operation({"/a": {"from": "walk.year"}}))
    with pytest.raises(ConfigFault, match="not asked by years"):
        build.values(check(CHILD), INTENT, "r-1", NOW, {})


def test_the_first_page_is_asked_for_without_a_token_and_every_other_with_its_own() -> None:
    build = compile_request(operation({"/page/token": {"from": "walk.page"}, "/b": {"value": "1"}}))
    assert build.tree(check(CHILD), INTENT, "r-1", NOW, {}) == {"b": "1"}
    assert build.tree(check(CHILD, page="t-2"), INTENT, "r-1", NOW, {}) == {"page": {"token": "t-2"}, "b": "1"}


def test_an_account_without_a_value_is_our_fault_not_theirs() -> None:
    build = compile_request(operation({"/a": {"account": "md5"}}))
    with pytest.raises(ConfigFault, match="no value 'md5'"):
        build.values(check(CHILD), INTENT, "r-1", NOW, {"sbh": "secret"})


def test_a_condition_on_a_column() -> None:
    build = compile_request(operation({"/c": {"from": "person.citizen_id", "equals": "SFZH"}}))
    assert build.tree(check(CHILD), INTENT, "r-1", NOW, {}) == {"c": "SFZH='229901201206011035'"}


@pytest.mark.parametrize(
    "number",
    [
        "",
        "x' OR '1'='1",
        "229901201206011035'",
        "229901201206011035' --",
        "%",
        "22990120120601103５",
        "229901201206011034",
    ],
)
def test_nothing_but_an_identity_number_gets_into_a_condition(number: str) -> None:
    build = compile_request(operation({"/c": {"from": "person.citizen_id", "equals": "SFZH"}}))
    with pytest.raises(ConfigFault, match="only an identity number"):
        build.tree(check(replace(CHILD, citizen_id=number)), INTENT, "r-1", NOW, {})


def test_bodies_nest() -> None:
    build = compile_request(
        operation({"/head/id": {"from": "request_id"}, "/head/who/name": {"from": "other.name"}, "/v": {"value": ""}})
    )
    assert build.tree(check(CHILD, FATHER), INTENT, "r-1", NOW, {}) == {
        "head": {"id": "r-1", "who": {"name": "测试父"}},
        "v": "",
    }
    assert build.values(check(CHILD, FATHER), INTENT, "r-1", NOW, {})[("head", "who", "name")] == "测试父"


@pytest.mark.parametrize("source", get_args(Source))
def test_every_source_gives_text(source: Source) -> None:
    build = compile_request(operation({"/a": {"from": source}}))
    text = build.values(check(CHILD, FATHER, year=2018, page="t-2"), INTENT, "r-1", NOW, {})[("a",)]
    assert isinstance(text, str)
    assert text
    assert source in requests._SOURCES
