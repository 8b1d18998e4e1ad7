"""Where a path leads in a JSON Schema: of an interface's bodies, or of what a reply's string holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.contract.folders import AuthorityFolder
from gateway.contract.openapi import RestInterface
from gateway.contract.wsdl import SoapInterface
from gateway.contract.xsd import Shape
from gateway.mapping import pointers, tables

Schema = tuple[Mapping[str, Any], Mapping[str, Any]]
"""The document that `$ref` looks in, and the schema."""


def reply_schema(folder: AuthorityFolder, channel: str, operation: str) -> Schema:
    """Of the operation's reply with status 200."""
    rules = folder.contract.channels[channel]
    interface = folder.interfaces[channel]
    if isinstance(interface, RestInterface):
        found = _rest(interface, rules.operations[operation].interface)["responses"]["200"]
        return interface.document, found["content"]["application/json"]["schema"]
    assert isinstance(interface, SoapInterface)
    payload = rules.operations[operation].payload or ""
    if (table := rules.operations[operation].table) is not None:
        records = {"items": {"properties": {column: {} for column in table.columns}}}
        return {}, {"properties": {tables.STATUS: {}, tables.TEXT: {}, tables.RECORDS: records}}
    if rules.wrapper == "xml_in_string":
        return {}, _as_json(folder.documents[channel][payload].shape)
    document = json.loads((folder.path / str(rules.payload)).read_text("utf-8"))
    return document, document["$defs"][payload]


def request_schema(folder: AuthorityFolder, channel: str, operation: str) -> Schema | None:
    """Of the operation's request; None for SOAP, whose parts the folder's loader compares."""
    interface = folder.interfaces[channel]
    if not isinstance(interface, RestInterface):
        return None
    found = _rest(interface, folder.contract.channels[channel].operations[operation].interface)["requestBody"]
    return interface.document, found["content"]["application/json"]["schema"]


def _as_json(shape: Shape) -> Mapping[str, Any]:
    """What an element looks like as a tree."""
    held = {"properties": {child.name: _as_json(child) for child in shape.children or ()}}
    return {"items": held} if shape.repeats else held


def has_path(schema: Schema, path: str) -> bool:
    """Whether some value that the schema allows has something at this JSON Pointer (`0` for an element of a list)."""
    document, here = schema
    places = [here]
    for key in pointers.parse(path):
        places = [inner for place in places for inner in _inside(document, place, key)]
    return bool(places)


def _inside(document: Mapping[str, Any], schema: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    if "$ref" in schema:
        yield from _inside(document, pointers.get(document, pointers.parse(schema["$ref"].removeprefix("#"))), key)
    for word in ("allOf", "anyOf", "oneOf"):
        for branch in schema.get(word, []):
            yield from _inside(document, branch, key)
    if key in schema.get("properties", {}):
        yield schema["properties"][key]
    if key.isdecimal() and "items" in schema:
        yield schema["items"]


def _rest(interface: RestInterface, name: str) -> Mapping[str, Any]:
    operations = (o for item in interface.document["paths"].values() for o in item.values())
    return next(o for o in operations if isinstance(o, dict) and o.get("operationId") == name)
