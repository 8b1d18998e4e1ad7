"""OpenAPI files: compiled once, every problem with its place, and nothing outside the file is ever read."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.contract.folders import shipped
from gateway.contract.openapi import JsonSchema, load
from gateway.errors import Problem

SHIPPED = [shipped() / "authorities" / name / "openapi.yaml" for name in ("residence_permit", "guardianship_archive")]


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def document(**changes: Any) -> dict[str, Any]:
    """A small interface, with members of its one operation changed (None takes one away)."""
    json_body = {"content": {"application/json": {"schema": {"type": "object"}}}}
    operation = {"operationId": "ask", "requestBody": json_body, "responses": {"200": json_body}} | changes
    return {"openapi": "3.1.0", "paths": {"/ask": {"post": {k: v for k, v in operation.items() if v is not None}}}}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "openapi.yaml"


def problems_of(file: Path, tree: Any) -> list[str]:
    file.write_text(tree if isinstance(tree, str) else yaml.dump(tree, sort_keys=False, Dumper=_NoAliases))
    problems: list[Problem] = []
    loaded = load(file, problems)
    assert (loaded is None) == bool(problems)
    return [f"{p.line}:{p.column} {p.text}" for p in problems]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_the_shipped_ones_are_standard_openapi(path):
    from openapi_spec_validator import validate

    validate(yaml.load(path.read_text("utf-8"), yaml.CSafeLoader))
    problems: list[Problem] = []
    interface = load(path, problems)
    assert problems == []
    assert interface is not None
    for operation in interface.operations.values():
        assert operation.method == "POST"
        assert not operation.request.accepts({})
        assert 200 in operation.replies


def test_an_operation_is_compiled(file):
    reply = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Day"}}}}
    tree = document(responses={"200": reply, "503": reply})
    tree["components"] = {"schemas": {"Day": {"type": "string", "format": "date"}}}
    tree["paths"]["/ask"]["parameters"] = []
    assert problems_of(file, tree) == []
    interface = load(file, [])
    assert interface is not None
    operation = interface.operations["ask"]
    assert (operation.method, operation.path, sorted(operation.replies)) == ("POST", "/ask", [200, 503])
    assert operation.replies[200].accepts("2018-05-02")
    assert not operation.replies[200].accepts("2018-02-30")


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ("a: [", "1:5 is not YAML: expected the node content, but found '<stream end>'"),
        ("[]", "1:1 is not an OpenAPI 3.1 document with paths"),
        ("openapi: 3.0.3\npaths: {}", "1:1 is not an OpenAPI 3.1 document with paths"),
        ("swagger: '2.0'\npaths: {}", "1:1 is not an OpenAPI 3.1 document with paths"),
        ("openapi: 3.1.0", "1:1 is not an OpenAPI 3.1 document with paths"),
        ("openapi: 3.1.0\npaths: [a]", "2:1 must be an object"),
        ("openapi: 3.1.0\npaths: {/a: text}", "2:9 must be an object"),
        ("openapi: 3.1.0\npaths: {/a: {post: null}}", "2:14 must be an object"),
        (document(operationId=None), "4:5 an operation needs an 'operationId'"),
        (document(requestBody=None), "4:5 needs 'content' with 'application/json' and a 'schema'"),
        (document(requestBody=[]), "6:7 needs 'content' with 'application/json' and a 'schema'"),
        (document(responses=None), "4:5 must be an object"),
        (document(responses=[]), "11:7 must be an object"),
    ],
)  # fmt: skip
def test_one_problem(file, tree, expected):
    assert problems_of(file, tree) == [expected]


def test_a_response_by_another_word_than_its_number(file):
    (found,) = problems_of(file, document(responses={"default": {"description": "x"}}))
    assert found.endswith("a response needs its HTTP status as a number")


def test_two_operations_of_one_name(file):
    tree = document()
    tree["paths"]["/other"] = tree["paths"]["/ask"]
    (found,) = problems_of(file, tree)
    assert found.endswith("another operation has this 'operationId'")


@pytest.mark.parametrize(
    "schema", [{"type": "nonsense"}, {"$ref": "#/components/schemas/Missing"}, {"pattern": "("}, {"minimum": "x"}]
)
def test_a_broken_schema_has_its_place(file, schema):
    tree = document(requestBody={"content": {"application/json": {"schema": schema}}})
    (found,) = problems_of(file, tree)
    assert found.startswith("6:7 is not a JSON Schema: ")


def test_every_problem_at_once(file):
    assert len(problems_of(file, document(operationId=None, requestBody=None, responses={"x": {}, "200": {}}))) == 4


def test_a_schema_of_another_document_is_never_fetched(file, tmp_path):
    """Neither from the network, which a loopback listener would notice, nor from a file."""
    (tmp_path / "other.json").write_text('{"type": "string"}')
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        for url in (
            f"http://127.0.0.1:{listening.getsockname()[1]}/x.json",
            f"file://{tmp_path}/other.json",
            "other.json",
        ):
            tree = document(requestBody={"content": {"application/json": {"schema": {"$ref": url}}}})
            (found,) = problems_of(file, tree)
            assert "is not a JSON Schema" in found
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_faults_say_where_and_by_which_rule_and_never_what():
    schema = JsonSchema({"properties": {"a": {"items": {"pattern": "^x"}}}, "required": ["b"]})
    assert sorted(schema.faults({"a": ["x", "SECRET"]})) == ["/ required", "/a/1 pattern"]
    assert schema.faults({"b": 1}) == []
