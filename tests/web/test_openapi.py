"""The API's own document: valid OpenAPI 3.1, complete, and what the running system really answers."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from gateway.web import openapi
from gateway.web.problems import KINDS, UNSIGNED
from tests.paths.test_signed_answers import refusals
from tests.system import System
from tests.wire import PROBLEM

DOCUMENT = openapi.document()
ASK = DOCUMENT["paths"]["/v1/verifications"]["post"]
READ = DOCUMENT["paths"]["/v1/verifications/{verification_id}"]["get"]
RECEIPT = DOCUMENT["paths"]["/v1/verifications/{verification_id}/receipt"]["get"]

VIEW = DOCUMENT["paths"]["/v1/subjects/accesses"]["post"]


def schema(name: str) -> Any:
    tree = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(tree, validate_formats=True)


def test_the_document_is_valid_openapi_3_1():
    assert DOCUMENT["openapi"] == "3.1.0"
    validate(DOCUMENT, cls=OpenAPIV31SpecValidator)


def test_it_is_json_and_every_reference_leads_somewhere():
    text = json.dumps(DOCUMENT)
    for part in text.split('"$ref": "')[1:]:
        node: Any = DOCUMENT
        for name in part.split('"')[0].removeprefix("#/").split("/"):
            node = node[name]


def test_every_code_is_told_with_its_status():
    told = {status: answer["description"] for status, answer in ASK["responses"].items() if status != "200"}
    for code, kind in KINDS.items():
        if kind.status in (404, 410, 422) or code in UNSIGNED:
            assert code not in json.dumps(VIEW)
        else:
            assert code in VIEW["responses"][str(kind.status)]["description"]
        if code in UNSIGNED:
            assert code not in json.dumps(DOCUMENT)
        elif kind.status == 404:  # only a read can miss
            assert code in READ["responses"]["404"]["description"]
        elif kind.status == 410:  # and only a receipt be gone
            assert code in RECEIPT["responses"]["410"]["description"]
        else:
            assert code in told[str(kind.status)], code


def test_the_examples_are_questions_that_the_document_allows():
    properties = DOCUMENT["components"]["schemas"]["Question"]["properties"]
    assert properties["case_number"]["examples"]
    assert DOCUMENT["components"]["schemas"]["Question"]["additionalProperties"] is False


@pytest.mark.asyncio(loop_scope="module")
async def test_it_is_served(system: System):
    reply = await system.get("/openapi.json")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json")
    assert reply.json() == json.loads(json.dumps(DOCUMENT))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("who", "guardian"), [("P03", "P01"), ("M24", "P12"), ("R06", None), ("T20", "A99"), ("T06", None)]
)
async def test_answers_are_what_it_says(system: System, who: str, guardian: str | None):
    asked = system.question(who, guardian)
    assert schema("Question").is_valid(asked)
    reply = await system.send(system.asked(asked))
    assert [error.message for error in schema("Answer").iter_errors(reply.json)] == []
    headers = {name.lower() for name in DOCUMENT["components"]["headers"]}
    assert headers - set(reply.headers) == {"retry-after"}


@pytest.mark.asyncio(loop_scope="module")
async def test_refusals_are_what_it_says(system: System):
    for code, (asked, status, _) in refusals(system).items():
        reply = await system.send(asked)
        told = (READ if asked.method == "GET" else ASK)["responses"]
        if code != "method_not_allowed":  # asked of the other route
            assert PROBLEM in told[str(status)]["content"], code
        assert [error.message for error in schema("ProblemOut").iter_errors(reply.json)] == [], code
