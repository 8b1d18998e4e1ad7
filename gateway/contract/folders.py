"""A contract folder, read as a whole: what each file says is checked against what the others say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs

from gateway.contract import openapi, strict_json, wsdl, xsd
from gateway.contract.authority import Channel, Contract, Dialect, Wire
from gateway.contract.authority import Mapping as MappingFile
from gateway.contract.files import Document, load
from gateway.contract.mapped import mapping_problems
from gateway.contract.openapi import JsonSchema, RestInterface
from gateway.contract.versions import folder_sha256
from gateway.contract.words import unknown
from gateway.contract.wsdl import SoapInterface
from gateway.contract.xsd import XmlDocument
from gateway.errors import BrokenFiles, Problem

Interface = RestInterface | SoapInterface

_DIALECTS: Mapping[Wire, tuple[Dialect, ...]] = {
    "rest": ("rfc9421", "platform_hmac", "none"),
    "soap": ("wsse_x509", "platform_hmac", "none"),
}
_WRAPPERS: Mapping[Wire, tuple[str | None, ...]] = {
    "rest": (None,),
    "soap": ("json_in_string", "xml_in_string", "table_in_string"),
}
"""By wire: the dialects that can sign it, and the wrappers of its payloads."""


@dataclass(frozen=True, slots=True)
class AuthorityFolder:
    """One authority: its contract, its mapping, and each channel's interface and payload schemas, compiled."""

    path: Path
    contract: Contract
    mapping: MappingFile
    interfaces: Mapping[str, Interface]
    """By channel."""
    payloads: Mapping[str, Mapping[str, JsonSchema]]
    """By channel wrapped `json_in_string`, then by the payload's name."""
    documents: Mapping[str, Mapping[str, XmlDocument]]
    """By channel wrapped `xml_in_string` or `table_in_string`, then by the name of the root element: requests and replies."""
    mapping_document: Document
    """Where each line of the mapping stands, for problems that only another room can see."""
    sha256: str
    """The version: over the folder's files, by `versions.folder_sha256`."""


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
    found = read_authorities(root, problems)
    if problems:
        raise BrokenFiles(problems)
    return found


def read_authorities(root: Path, problems: list[Problem]) -> dict[str, AuthorityFolder]:
    """Every folder that can be read, by name; adds what is wrong with any of them to `problems`."""
    folders = sorted(path for path in (root / "authorities").glob("*") if path.is_dir())
    if not folders:
        problems.append(Problem(str(root), 1, 1, "holds no folder under 'authorities'"))
    read = ((path.name, load_folder(path, problems)) for path in folders)
    return {name: folder for name, folder in read if folder is not None}


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
    documents: dict[str, Mapping[str, XmlDocument]] = {}
    for name, channel in contract.channels.items():
        interface = _interface(path, channel, problems)
        if interface is not None:
            interfaces[name] = interface
        is_xml = channel.wrapper in ("xml_in_string", "table_in_string")
        payloads[name] = _payloads(path / channel.payload, problems) if channel.payload and not is_xml else {}
        documents[name] = xsd.load(path / channel.payload, problems) if channel.payload and is_xml else {}
        problems += _channel_problems(contract_doc, name, channel, interface, {**payloads[name], **documents[name]})
        problems += _unmapped(contract_doc, name, channel, mapping)
    problems += mapping_problems(mapping_doc, mapping, contract, interfaces, documents)
    sha256 = folder_sha256(path, problems)
    return AuthorityFolder(path, contract, mapping, interfaces, payloads, documents, mapping_doc, sha256)


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
    document: Document, name: str, channel: Channel, interface: Interface | None, payloads: Mapping[str, Any]
) -> Iterator[Problem]:
    at = ("channels", name)
    yield from _form_problems(document, at, channel)
    for key, operation in channel.operations.items():
        place = (*at, "operations", key)
        if interface is not None and operation.interface not in interface.operations:
            yield document.problem(
                (*place, "interface"), unknown("operation", operation.interface, interface.operations)
            )
        if (operation.payload is not None) != (channel.wrapper is not None):
            yield document.problem(place, "needs a 'payload' exactly when the channel has a 'wrapper'")
        elif operation.payload is not None and payloads and operation.payload not in payloads:
            yield document.problem((*place, "payload"), unknown("payload", operation.payload, payloads))
        if operation.next is not None and channel.wire != "rest":
            yield document.problem((*place, "next"), "pages are read on the wire 'rest' only")
        if (operation.table is not None) != (channel.wrapper == "table_in_string"):
            yield document.problem(place, "'table' belongs to 'wrapper: table_in_string', and to it alone")
    yield from _question_problems(document, at, channel)


def _form_problems(document: Document, at: tuple[str, ...], channel: Channel) -> Iterator[Problem]:
    """What does not go together in the channel's own lines."""
    dialects, wrappers = _DIALECTS[channel.wire], _WRAPPERS[channel.wire]
    if channel.signing not in dialects:
        wanted = " or ".join(repr(dialect) for dialect in dialects if dialect != "none")
        yield document.problem((*at, "signing"), f"on the wire {channel.wire!r} this must be {wanted}")
    if channel.wrapper not in wrappers:
        wanted = " or ".join(f"'wrapper: {wrapper}'" if wrapper else "no 'wrapper'" for wrapper in wrappers)
        yield document.problem((*at, "wrapper"), f"on the wire {channel.wire!r} there must be {wanted}")
    elif (channel.payload is not None) != (channel.wrapper is not None):
        yield document.problem((*at, "payload"), "a 'payload' file belongs to a 'wrapper', and every wrapper to one")
    if (channel.platform is not None) != (channel.signing == "platform_hmac"):
        yield document.problem((*at, "platform"), "'platform' belongs to 'signing: platform_hmac', and to it alone")


def _unmapped(document: Document, name: str, channel: Channel, mapping: MappingFile) -> Iterator[Problem]:
    for key in channel.operations:
        if key not in mapping.operations:
            place = ("channels", name, "operations", key)
            yield document.problem(place, f"{key!r} has no mapping in mapping.yaml")


def _question_problems(document: Document, at: tuple[str, ...], channel: Channel) -> Iterator[Problem]:
    for question, asked in channel.questions.items():
        for step_name, step in asked.steps.items():
            if step.operation not in channel.operations:
                place = (*at, "questions", question, "steps", step_name)
                yield document.problem((*place, "operation"), unknown("operation", step.operation, channel.operations))
            elif (channel.operations[step.operation].next is not None) != (asked.walk == "pages"):
                place = (*at, "questions", question, "walk")
                yield document.problem(
                    place, "is 'pages' exactly where the operation says where the 'next' page's token is"
                )
