"""A contract folder as a whole: what one file says is held against the others, and every slip has its place and remedy."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from gateway.contract.authority import Question
from gateway.contract.folders import load_authorities, load_folder, shipped
from gateway.errors import BrokenFiles, Problem

INSURANCE = "social_insurance"


def broken(tmp_path: Path, file: str, old: str, new: str, authority: str = INSURANCE) -> list[Problem]:
    """The problems of a shipped folder in which one text is replaced."""
    folder = tmp_path / authority
    shutil.copytree(shipped() / "authorities" / authority, folder)
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    problems: list[Problem] = []
    load_folder(folder, problems)
    return problems


def test_the_shipped_folders_have_no_problem() -> None:
    found = load_authorities(shipped())
    assert set(found[INSURANCE].documents["query"]) == {"request", "response"}
    assert found[INSURANCE].payloads == {"share": {}, "query": {}}
    assert found["household_registry"].documents == {"query": {}}


def test_an_empty_place_is_no_contracts(tmp_path: Path) -> None:
    with pytest.raises(BrokenFiles, match="holds no folder"):
        load_authorities(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("signing: platform_hmac", "signing: wsse_x509", "this must be 'rfc9421' or 'platform_hmac'"),
        ("signing: platform_hmac", "signing: none", "belongs to 'signing: platform_hmac'"),
        ("    wrapper: xml_in_string\n", "", "'wrapper: json_in_string' or 'wrapper: xml_in_string'"),
        ("wrapper: xml_in_string", "wrapper: json_in_string", "is not strict JSON"),
        ("    payload: payload.xsd\n", "", "a 'payload' file belongs to a 'wrapper'"),
        ("payload: response", "payload: respond", "unknown payload; did you mean 'response'?"),
        ("interface: nwsReceive\n", "interface: nwsRecieve\n", "unknown operation; did you mean 'nwsReceive'?"),
        ("payload: payload.xsd", "payload: service.wsdl", "is not an XML Schema that can be served"),
        ("operation: query_months", "operation: query_month", "unknown operation; did you mean 'query_months'?"),
        ("        months_back: 15\n", "", "'months_back' belongs to 'walk: per_year'"),
        ("walk: once", "walk: once\n        months_back: 3", "'months_back' belongs to 'walk: per_year'"),
    ],
)
def test_slips_in_the_contract(tmp_path: Path, old: str, new: str, says: str) -> None:
    problems = broken(tmp_path, "contract.yaml", old, new)
    assert any(says in problem.text for problem in problems), problems


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("/xml/request/head/year:", "/xml/request/head/yaer:", "did you mean '/xml/request/head/year'?"),
        ("/xml/request/head/year:", "/xml/reqest/head/year:", "can hold one document only"),
        ("/tradeCode:", "/tradecode:", "did you mean '/tradeCode'?"),
        ('      /tradeCode: {value: "NWS0101"}\n', "", "the part '/tradeCode' is not filled"),
        (
            '      /xml/request/head/pageindex: {value: "1"}\n',
            "",
            "the element '/xml/request/head/pageindex' is not filled",
        ),
        ("/xml/request/head/year:", "/xml/request/head:", "unknown element"),
        ("  query_months:\n    request:", "  query_month:\n    request:", "did you mean 'query_months'?"),
    ],
)
def test_slips_in_the_mapping(tmp_path: Path, old: str, new: str, says: str) -> None:
    problems = broken(tmp_path, "mapping.yaml", old, new)
    assert any(says in problem.text and problem.line > 1 for problem in problems), problems


def test_a_root_that_the_schema_does_not_have(tmp_path: Path) -> None:
    problems = broken(tmp_path, "payload.xsd", '<xs:element name="request">', '<xs:element name="question">')
    assert {problem.text for problem in problems} == {"unknown root element; did you mean 'question'?"}
    assert len(problems) == 5


def test_a_rest_channel_has_no_wrapper(tmp_path: Path) -> None:
    old = "signing: rfc9421"
    problems = broken(tmp_path, "contract.yaml", old, f"{old}\n    wrapper: json_in_string", "residence_permit")
    assert any("there must be no 'wrapper'" in problem.text for problem in problems), problems


@pytest.mark.parametrize(
    ("as_of", "months_back", "years"),
    [
        (date(2018, 5, 2), 15, [2017, 2018]),
        (date(2018, 4, 30), 15, [2017, 2018]),
        (date(2018, 3, 1), 15, [2016, 2017, 2018]),
        (date(2018, 1, 1), 0, [2018]),
        (date(2018, 1, 1), 1, [2017, 2018]),
        (date(2018, 12, 31), 11, [2018]),
        (date(2018, 12, 31), 12, [2017, 2018]),
    ],
)
def test_years(as_of: date, months_back: int, years: list[int]) -> None:
    steps = {"insured": {"operation": "months", "about": ["subject"]}}
    question = Question.model_validate({"walk": "per_year", "months_back": months_back, "steps": steps})
    assert list(question.years(as_of)) == years
