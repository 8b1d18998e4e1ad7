"""A contract folder, read as a whole: what each file says is checked against what the others say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs

from gateway.contract import openapi, strict_json, wsdl
from gateway.contract.authority import Channel, Contract
from gateway.contract.authority import Mapping as MappingFile
from gateway.contract.files import Document, load
from gateway.contract.openapi import JsonSchema, RestInterface
from gateway.contract.words import nearest
from gateway.contract.wsdl import SoapInterface
from gateway.errors import BrokenFiles, Problem

Interface = RestInterface | SoapInterface

_WIRES = {"rest": ("rfc9421", None), "soap": ("wsse_x509", "json_in_string")}
"""By wire: the dialect that signs it, and the wrapper of its payloads."""


@dataclass(frozen=True, slots=True)
class AuthorityFolder:
    """One authority: its contract, its mapping, and each channel's interface and payload schemas, compiled."""

    path: Path
    contract: Contract
    mapping: MappingFile
    interfaces: Mapping[str, Interface]
    """By channel."""
    payloads: Mapping[str, Mapping[str, JsonSchema]]
    """By channel, then by the payload's name."""
    mapping_document: Document
    """Where each line of the mapping stands, for problems that only another room can see."""


def shipped() -> Path:
    """The contracts this project ships: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "shipped_contracts"
    return inside if inside.is_dir() else package.parent / "contracts"


def load_authorities(root: Path) -> dict[str, AuthorityFolder]:
    """Every folder under `root/authorities`, by name.

    Raises:
        BrokenFiles: with every problem of every folder.
    """
    problems: list[Problem] = []
    found: dict[str, AuthorityFolder] = {}
    folders = sorted(path for path in (root / "authorities").glob("*") if path.is_dir())
    if not folders:
        problems.append(Problem(str(root), 1, 1, "holds no folder under 'authorities'"))
    for path in folders:
        folder = load_folder(path, problems)
        if folder is not None:
            found[path.name] = folder
    if problems:
        raise BrokenFiles(problems)
    return found


def load_folder(path: Path, problems: list[Problem]) -> AuthorityFolder | None:
    """One authority's folder; adds what is wrong to `problems`. None when its files cannot even be read."""
    contract, contract_doc = load(path / "contract.yaml", Contract, problems)
    mapping, mapping_doc = load(path / "mapping.yaml", MappingFile, problems)
    if contract is None or mapping is None:
        return None
    if contract.authority != path.name:
        problems.append(contract_doc.problem(("authority",), f"must be the folder's name, {path.name!r}"))
    interfaces: dict[str, Interface] = {}
    payloads: dict[str, Mapping[str, JsonSchema]] = {}
    for name, channel in contract.channels.items():
        interface = _interface(path, channel, problems)
        if interface is not None:
            interfaces[name] = interface
        payloads[name] = _payloads(path / channel.payload, problems) if channel.payload else {}
        problems += _channel_problems(contract_doc, name, channel, interface, payloads[name], mapping)
    problems += _mapping_problems(mapping_doc, mapping, contract, interfaces)
    return AuthorityFolder(path, contract, mapping, interfaces, payloads, mapping_doc)


def _interface(path: Path, channel: Channel, problems: list[Problem]) -> Interface | None:
    if channel.wire == "rest":
        return openapi.load(path / channel.interface, problems)
    return wsdl.load(path / channel.interface, problems)


def _payloads(path: Path, problems: list[Problem]) -> Mapping[str, JsonSchema]:
    try:
        document = strict_json.read(path.read_bytes())
        names = document["$defs"]
        return {name: JsonSchema({"$ref": f"#/$defs/{name}", "$defs": names}) for name in names}
    except strict_json.NotJson as error:
        problems.append(Problem(str(path), error.line or 1, error.column or 1, f"is not strict JSON: {error.code}"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, jsonschema_rs.ReferencingError) as error:
        # jsonschema_rs.ValidationError is a ValueError.
        problems.append(Problem(str(path), 1, 1, f"is not a JSON Schema with '$defs': {type(error).__name__}"))
    return {}


def _channel_problems(
    document: Document,
    name: str,
    channel: Channel,
    interface: Interface | None,
    payloads: Mapping[str, Any],
    mapping: MappingFile,
) -> Iterator[Problem]:
    at = ("channels", name)
    dialect, wrapper = _WIRES[channel.wire]
    if channel.signing not in (dialect, "none"):
        yield document.problem((*at, "signing"), f"on the wire {channel.wire!r} this must be {dialect!r}")
    if channel.wrapper != wrapper:
        wanted = f"'wrapper: {wrapper}'" if wrapper else "no 'wrapper'"
        yield document.problem((*at, "wrapper"), f"on the wire {channel.wire!r} there must be {wanted}")
    for key, operation in channel.operations.items():
        place = (*at, "operations", key)
        if interface is not None and operation.interface not in interface.operations:
            yield document.problem(
                (*place, "interface"), _unknown("operation", operation.interface, interface.operations)
            )
        if (operation.payload is not None) != (channel.wrapper is not None):
            yield document.problem(place, "needs a 'payload' exactly when the channel has a 'wrapper'")
        elif operation.payload is not None and payloads and operation.payload not in payloads:
            yield document.problem((*place, "payload"), _unknown("payload", operation.payload, payloads))
        if key not in mapping.operations:
            yield document.problem(place, f"{key!r} has no mapping in mapping.yaml")
    yield from _question_problems(document, at, channel)


def _question_problems(document: Document, at: tuple[str, ...], channel: Channel) -> Iterator[Problem]:
    for question, asked in channel.questions.items():
        for step_name, step in asked.steps.items():
            if step.operation not in channel.operations:
                place = (*at, "questions", question, "steps", step_name)
                yield document.problem((*place, "operation"), _unknown("operation", step.operation, channel.operations))


def _mapping_problems(
    document: Document, mapping: MappingFile, contract: Contract, interfaces: Mapping[str, Interface]
) -> Iterator[Problem]:
    known = {key: (channel, op) for channel, c in contract.channels.items() for key, op in c.operations.items()}
    for key, rules in mapping.operations.items():
        if key not in known:
            yield document.problem(("operations", key), _unknown("operation", key, known))
            continue
        channel, operation = known[key]
        interface = interfaces.get(channel)
        if isinstance(interface, SoapInterface) and operation.interface in interface.operations:
            yield from _parts_problems(
                document, key, set(rules.request), interface.operations[operation.interface].parts
            )
        for fact, rule in rules.facts.items():
            if rule.table is not None and rule.table not in mapping.tables:
                where = ("operations", key, "facts", fact, "table")
                yield document.problem(where, _unknown("table", rule.table, mapping.tables))


def _parts_problems(document: Document, key: str, given: set[str], parts: tuple[str, ...]) -> Iterator[Problem]:
    wanted = {f"/{part}" for part in parts}
    for path in sorted(given - wanted):
        yield document.problem(("operations", key, "request", path), _unknown("part", path, wanted))
    for path in sorted(wanted - given):
        yield document.problem(("operations", key, "request"), f"the part {path!r} is not filled")


def _unknown(what: str, word: str, known: Mapping[str, Any] | set[str]) -> str:
    near = nearest(word, known)
    return f"unknown {what}" + (f"; did you mean {near!r}?" if near else f"; known here: {', '.join(sorted(known))}")
