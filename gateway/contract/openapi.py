"""OpenAPI 3.1 files: one operation's method, path and compiled JSON Schemas (2020-12), for the gateway and its mocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import jsonschema_rs

from gateway.contract.files import Document, read
from gateway.errors import Problem

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def _no_other_document(_: str) -> NoReturn:
    raise ValueError("refers to another document")


class JsonSchema:
    """A compiled schema. It tells where and by which keyword a value fails, never the value.

    Raises:
        ValueError: it is no schema, or refers to another document: neither the network nor a file is read for it.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._validator = jsonschema_rs.Draft202012Validator(
            dict(schema), validate_formats=True, retriever=_no_other_document
        )
        self.accepts = self._validator.is_valid

    def faults(self, value: object) -> list[str]:
        """One line per failure: `pointer keyword`."""
        found = (
            (f"/{'/'.join(map(str, e.instance_path))}", str(e.schema_path[-1]))
            for e in self._validator.iter_errors(value)
        )
        return [f"{pointer} {keyword}" for pointer, keyword in found]


@dataclass(frozen=True, slots=True)
class RestOperation:
    """One operation: how it is called and what its bodies must look like."""

    name: str
    method: str
    path: str
    request: JsonSchema
    replies: Mapping[int, JsonSchema]


@dataclass(frozen=True, slots=True)
class RestInterface:
    """An OpenAPI file: its operations by `operationId`, and the whole document for tools."""

    operations: Mapping[str, RestOperation]
    document: Mapping[str, Any]


def load(path: Path, problems: list[Problem]) -> RestInterface | None:
    """Reads and compiles an OpenAPI file; adds what is wrong to `problems` and then gives None."""
    document = read(path, scalars="json")
    problems += document.problems
    if document.problems:
        return None
    before = len(problems)
    tree = document.tree
    if not isinstance(tree, dict) or not str(tree.get("openapi", "")).startswith("3.1") or "paths" not in tree:
        problems.append(document.problem((), "is not an OpenAPI 3.1 document with paths"))
        return None
    operations: dict[str, RestOperation] = {}
    for pointer, operation in _operations(document, problems):
        _, path_text, method = pointer
        compiled = _compile(document, pointer, method.upper(), path_text, operation, problems)
        if operations.setdefault(compiled.name, compiled) is not compiled:
            problems.append(document.problem((*pointer, "operationId"), "another operation has this 'operationId'"))
    return RestInterface(operations, tree) if len(problems) == before else None


def _operations(document: Document, problems: list[Problem]) -> Iterator[tuple[tuple[str, str, str], dict[str, Any]]]:
    for path_text, item in _members(document, ("paths",), document.tree["paths"], problems):
        for method, operation in _members(document, ("paths", path_text), item, problems):
            if method not in _METHODS:
                continue
            if isinstance(operation, dict):
                yield ("paths", path_text, method), operation
            else:
                problems.append(document.problem(("paths", path_text, method), "must be an object"))


def _members(document: Document, pointer: tuple[str, ...], tree: Any, problems: list[Problem]) -> list[tuple[str, Any]]:
    if isinstance(tree, dict):
        return list(tree.items())
    problems.append(document.problem(pointer, "must be an object"))
    return []


def _compile(
    document: Document, pointer: tuple[str, ...], method: str, path: str, operation: Any, problems: list[Problem]
) -> RestOperation:
    name = str(operation.get("operationId", ""))
    if not name:
        problems.append(document.problem(pointer, "an operation needs an 'operationId'"))
    request = _schema(document, (*pointer, "requestBody"), operation.get("requestBody"), problems)
    replies: dict[int, JsonSchema] = {}
    for status, response in _members(document, (*pointer, "responses"), operation.get("responses"), problems):
        if not str(status).isdecimal():
            problems.append(
                document.problem((*pointer, "responses", status), "a response needs its HTTP status as a number")
            )
            continue
        replies[int(status)] = _schema(document, (*pointer, "responses", status), response, problems)
    return RestOperation(name, method, path, request, replies)


def _schema(document: Document, pointer: tuple[str | int, ...], holder: Any, problems: list[Problem]) -> JsonSchema:
    try:
        schema = holder["content"]["application/json"]["schema"]
        # The components stand beside the schema, so that its `#/components/...` references resolve inside this file.
        return JsonSchema({**schema, "components": document.tree.get("components", {})})
    except (KeyError, TypeError):
        problems.append(document.problem(pointer, "needs 'content' with 'application/json' and a 'schema'"))
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        problems.append(document.problem(pointer, f"is not a JSON Schema: {error}".splitlines()[0]))
    return JsonSchema({})
