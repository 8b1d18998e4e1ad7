"""What a reply offers, of every interface and payload form: at least all that a mapping reads there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.contract.offered import offered
from gateway.contract.openapi import RestInterface
from tests.conformance.conversing import FOLDERS

CALLS = [
    (name, channel, operation)
    for name, folder in FOLDERS.items()
    for channel, rules in folder.contract.channels.items()
    for operation in rules.operations
]


@pytest.mark.parametrize(("name", "channel", "operation"), CALLS)
def test_every_mapped_path_is_offered(name: str, channel: str, operation: str):
    folder = FOLDERS[name]
    rules = folder.contract.channels[channel].operations[operation]
    mapping = folder.mapping.operations[operation]
    read = {mapping.records + rule.path for rule in mapping.facts.values()}
    for rows in mapping.rows.values():
        read |= {mapping.records + rows.path + rule.path for rule in rows.facts.values()}
    assert read <= set(offered(folder, channel, rules))


def test_a_schema_inside_itself_is_followed_once_and_choices_all():
    tree: dict[str, Any] = {"$ref": "#/components/schemas/Tree"}
    parts = {"Tree": {"properties": {"name": {"type": "string"}, "below": {"type": "array", "items": tree}}}}
    choice = {"oneOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"tree": tree}}, {"type": "null"}]}
    reply = {"200": {"content": {"application/json": {"schema": choice}}}}
    document = {
        "components": {"schemas": parts},
        "paths": {"/x": {"summary": "x", "post": {"operationId": "ask", "responses": reply}}},
    }
    folder = FOLDERS["residence_permit"]
    (rules,) = folder.contract.channels["share"].operations.values()
    changed = replace(folder, interfaces={"share": RestInterface({}, document)})
    found = offered(changed, "share", rules.model_copy(update={"interface": "ask"}))
    assert found == ("/a", "/tree/name")
