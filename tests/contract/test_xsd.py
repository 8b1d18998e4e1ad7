"""Documents in strings: the shipped schema both ways, always lists where elements may repeat, and what is not served."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract import xml, xsd
from gateway.contract.folders import shipped
from gateway.contract.xml import NotXml
from gateway.contract.xsd import XmlDocument
from gateway.errors import Problem

PAYLOAD = shipped() / "authorities" / "social_insurance" / "payload.xsd"
SCHEMA = xml.Schema(PAYLOAD.read_text("utf-8"))
HEAD = {"aac002": "229901201206011035", "year": "2018", "aae140": "", "pagesize": "100", "pageindex": "1"}
PERSON = "<basicform><aac003>{name}</aac003><aac002>229901201206011035</aac002></basicform>"
MONTH = "<row><aab301>229901</aab301><aae003>201804</aae003><aae140>110</aae140><aaa115>10</aaa115></row>"
INSURED = "<responsedata>{person}<feeinfogrid>{months}</feeinfogrid><aae140ows/></responsedata>"


def loaded(path: Path = PAYLOAD) -> Any:
    problems: list[Problem] = []
    found = xsd.load(path, problems)
    assert problems == []
    return found


DOCUMENTS = loaded()
REQUEST: XmlDocument = DOCUMENTS["request"]
RESPONSE: XmlDocument = DOCUMENTS["response"]


def response(body: str = "", rc: str = "0") -> str:
    return f"<response><head><rc>{rc}</rc><rm></rm></head>{body}</response>"


def insured(months: str = "", name: str = "测试父") -> str:
    return INSURED.format(person=PERSON.format(name=name), months=months)


@given(st.permutations(list(HEAD)))
def test_a_request_stands_in_the_schema_s_order_whatever_the_mapping_s_is(order: list[str]) -> None:
    text = REQUEST.render({"head": {name: HEAD[name] for name in order}})
    assert SCHEMA.faults(xml.parse_text(text)) == []
    assert REQUEST.tree(text) == {"head": HEAD}


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30))
def test_text_comes_back_as_it_was(text: str) -> None:
    assert REQUEST.tree(REQUEST.render({"head": HEAD | {"aae140": text}}))["head"]["aae140"] == text


@pytest.mark.parametrize(
    "tree", [{"head": HEAD | {"more": "1"}}, {"more": {}}, {"head": "text"}, {"head": HEAD | {"aae140": "\x00"}}]
)
def test_what_the_schema_cannot_hold_is_not_written(tree: dict[str, Any]) -> None:
    with pytest.raises(NotXml):
        REQUEST.render(tree)


def test_elements_that_may_repeat_are_always_lists() -> None:
    none = RESPONSE.tree(response("<body></body>"))
    assert none["body"] == {"responsedata": []}
    (empty,) = RESPONSE.tree(response(f"<body>{insured()}</body>"))["body"]["responsedata"]
    assert (empty["feeinfogrid"], empty["aae140ows"]) == ({"row": []}, {"row": []})
    (one,) = RESPONSE.tree(response(f"<body>{insured(MONTH)}</body>"))["body"]["responsedata"]
    assert one["feeinfogrid"]["row"] == [{"aab301": "229901", "aae003": "201804", "aae140": "110", "aaa115": "10"}]
    both = RESPONSE.tree(response(f"<body>{insured(MONTH * 2)}{insured()}</body>"))["body"]["responsedata"]
    assert [len(each["feeinfogrid"]["row"]) for each in both] == [2, 0]


def test_without_a_body_there_is_none() -> None:
    assert RESPONSE.tree(response(rc="1")) == {"head": {"rc": "1", "rm": ""}}


@pytest.mark.parametrize("declared", ["GBK", "gb2312", "GB18030", "UTF-8", "UTF-16"])
def test_an_encoding_declared_inside_a_string_means_nothing(declared: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>\n' + response(f"<body>{insured(name='𠮷·样例')}</body>")
    assert RESPONSE.tree(text)["body"]["responsedata"][0]["basicform"]["aac003"] == "𠮷·样例"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "java.lang.NullPointerException",
        '{"rc": "0"}',
        "<response/>",
        REQUEST.render({"head": HEAD}),
        response(rc="10"),
        response("<body/><body/>"),
        response(f"<body>{insured('<row/>')}</body>"),
        response(f"<body>{insured(MONTH.replace('201804', '201813'))}</body>"),
        response(f"<body>{insured(MONTH)}</body>")[:-20],
        f"<!DOCTYPE response [<!ENTITY e 'x'>]>{response()}",
        ' <?xml version="1.0"?>' + response(),
        response().replace("<rc>", "<rc><?x y?>"),
        "\ud800" + response(),
    ],
)
def test_what_is_not_the_document_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(NotXml) as caught:
        RESPONSE.tree(text)
    assert not any(word in str(caught.value) for word in ("测试", "201813", "Null", "229901"))


XS = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{}</xs:schema>'


def test_named_types_choices_and_repeating_groups(tmp_path: Path) -> None:
    (tmp_path / "a.xsd").write_text(
        XS.format(
            '<xs:complexType name="pair"><xs:sequence maxOccurs="unbounded"><xs:element name="a" type="xs:string"/>'
            '<xs:choice><xs:element name="b" type="xs:string"/><xs:element name="c" type="xs:string"/></xs:choice>'
            '</xs:sequence></xs:complexType><xs:element name="top" type="pair"/><xs:element name="word" type="xs:string"/>'
        )
    )
    found = loaded(tmp_path / "a.xsd")
    assert found["top"].tree("<top><a>1</a><b>2</b><a>3</a><c>4</c></top>") == {"a": ["1", "3"], "b": ["2"], "c": ["4"]}
    assert dict(found["top"].shape.leaves()) == {("a",): True, ("b",): False, ("c",): False}
    assert found["top"].render({"a": ["1"], "b": ["2"]}) == "<top><a>1</a><b>2</b></top>"
    assert found["word"].tree("<word>x</word>") == {}


@pytest.mark.parametrize(
    "content",
    [
        "not a schema",
        "<a/>",
        XS.format("<xs:element/>"),
        XS.format('<xs:include schemaLocation="b.xsd"/>'),
        XS.format('<xs:import namespace="x" schemaLocation="http://127.0.0.1:1/b.xsd"/>'),
        XS.format('<xs:element name="a" type="nowhere"/>'),
        XS.replace("<xs:schema", '<xs:schema targetNamespace="urn:x"').format(
            '<xs:element name="a" type="xs:string"/>'
        ),
        XS.format(
            '<xs:complexType name="t"><xs:sequence><xs:element name="a" type="t" minOccurs="0"/></xs:sequence>'
            '</xs:complexType><xs:element name="a" type="t"/>'
        ),
        XS.format(
            '<xs:element name="a"><xs:complexType><xs:attribute name="b" type="xs:string" use="required"/>'
            "</xs:complexType></xs:element>"
        ),
        XS.format(
            '<xs:element name="b" type="xs:string"/>'
            '<xs:element name="a"><xs:complexType><xs:sequence><xs:element ref="b"/></xs:sequence></xs:complexType>'
            "</xs:element>"
        ),
        XS.format(
            '<xs:element name="a"><xs:complexType><xs:sequence><xs:element name="b" type="xs:string"/>'
            '<xs:element name="b" type="xs:string"/></xs:sequence></xs:complexType></xs:element>'
        ),
    ],
)
def test_what_is_not_served_is_one_problem_of_the_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.xsd").write_text(content)
    problems: list[Problem] = []
    assert xsd.load(tmp_path / "a.xsd", problems) == {}
    ((problem,)) = problems
    assert problem.file.endswith("a.xsd")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    problems: list[Problem] = []
    assert xsd.load(tmp_path / "a.xsd", problems) == {}
    assert len(problems) == 1
