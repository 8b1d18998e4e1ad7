"""Problem documents and their pages: every code has one, in both languages."""

from __future__ import annotations

import json
import re

import pytest

from gateway.errors import Fault
from gateway.security.presented import Code
from gateway.web.problem_page import page
from gateway.web.problems import KINDS, document, refused
from tests.system import System

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("code", KINDS)
def test_every_code_has_a_page_in_both_languages(code: str):
    kind, text = KINDS[code], page(code)
    assert text is not None
    assert f"<code>{code}</code> · HTTP {kind.status}" in text
    assert '<p lang="zh">' in text
    assert CHINESE.search(kind.zh)
    assert not CHINESE.search(kind.en + kind.title)
    assert kind.zh in text
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)


def test_a_code_that_is_none_has_no_page():
    assert page("nothing") is None


def test_every_signature_code_is_a_kind_of_401():
    assert {KINDS[code].status for code in Code.__args__} == {401}


def test_a_document_says_what_where_and_what_would_be_right():
    fault = Fault("unknown_field", "/operator", 3, 9, "id, name, unit_code", "unit_code")
    content = json.loads(document(refused("invalid_question", faults=(fault, Fault("missing_field")))))
    assert content == {
        "type": "/problems/invalid_question",
        "title": KINDS["invalid_question"].title,
        "status": 400,
        "code": "invalid_question",
        "detail": KINDS["invalid_question"].en,
        "message": {"zh": KINDS["invalid_question"].zh, "en": KINDS["invalid_question"].en},
        "faults": [
            {
                "code": "unknown_field", "pointer": "/operator", "line": 3, "column": 9,
                "expected": "id, name, unit_code", "nearest": "unit_code",
            },
            {"code": "missing_field", "pointer": ""},
        ],
    }  # fmt: skip


def test_headers_are_named_without_dashes_in_code_only():
    assert refused("replay", Retry_After="5", Allow="GET").headers == {"Retry-After": "5", "Allow": "GET"}


def test_a_base_is_shown_line_by_line():
    content = json.loads(document(refused("signature_invalid", signature_base=(('"@method"', "ab"),))))
    assert content["signature_base"] == [{"component": '"@method"', "sha256": "ab"}]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_type_of_a_problem_is_a_page_that_is_served(system: System):
    reply = await system.send(system.asked(b"{"))
    found = await system.get(reply.json["type"])
    assert (found.status_code, found.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert found.text == page("json_malformed")
    assert (await system.get("/problems/229901201206011035")).status_code == 404
