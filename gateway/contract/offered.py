"""What a reply can hold: every field that an interface or payload file offers, read or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.contract import strict_json
from gateway.contract.authority import Operation
from gateway.contract.folders import AuthorityFolder
from gateway.contract.openapi import RestInterface

_JSON = "application/json"


def offered(folder: AuthorityFolder, channel: str, operation: Operation) -> tuple[str, ...]:
    """The JSON Pointer of every field of the reply's tree that holds no further fields; lists leave no trace in it.

    A schema inside itself is followed once.
    """
    if operation.table is not None:
        return tuple(f"/records/{column}" for column in operation.table.columns)
    interface = folder.interfaces[channel]
    if isinstance(interface, RestInterface):
        return tuple(dict.fromkeys(_leaves(_reply(interface, operation.interface), interface.document, "", ())))
    payload = operation.payload or ""
    if payload in folder.documents[channel]:
        return tuple("/" + "/".join(keys) for keys, _ in folder.documents[channel][payload].shape.leaves())
    whole = strict_json.read((folder.path / (folder.contract.channels[channel].payload or "")).read_bytes())
    return tuple(dict.fromkeys(_leaves({"$ref": f"#/$defs/{payload}"}, whole, "", ())))


def _reply(interface: RestInterface, name: str) -> Mapping[str, Any]:
    methods = (method for path in interface.document["paths"].values() for method in path.values())
    called = next(each for each in methods if isinstance(each, dict) and each.get("operationId") == name)
    schema: Mapping[str, Any] = called["responses"]["200"]["content"][_JSON]["schema"]
    return schema


def _leaves(schema: Mapping[str, Any], whole: Mapping[str, Any], at: str, inside: tuple[str, ...]) -> Iterator[str]:
    if (ref := schema.get("$ref")) is not None:
        if ref not in inside:
            yield from _leaves(_found(whole, ref), whole, at, (*inside, ref))
        return
    parts = [each for word in ("allOf", "anyOf", "oneOf") for each in schema.get(word, ())]
    parts += [schema["items"]] if isinstance(schema.get("items"), dict) else []
    for part in parts:
        yield from _leaves(part, whole, at, inside)
    for name, below in schema.get("properties", {}).items():
        yield from _leaves(below, whole, f"{at}/{name}", inside)
    if at and not parts and "properties" not in schema and schema.get("type") != "null":
        yield at


def _found(whole: Mapping[str, Any], ref: str) -> Mapping[str, Any]:
    found: Any = whole
    for key in ref.removeprefix("#/").split("/"):
        found = found[key]
    return dict(found)
