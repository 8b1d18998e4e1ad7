"""What a mapping puts into an authority's messages, held against the interface and payload files beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from gateway.contract.authority import Contract
from gateway.contract.authority import Mapping as MappingFile
from gateway.contract.files import Document
from gateway.contract.openapi import RestInterface
from gateway.contract.words import unknown
from gateway.contract.wsdl import SoapInterface
from gateway.contract.xsd import XmlDocument
from gateway.errors import Problem

Interfaces = Mapping[str, RestInterface | SoapInterface]
Documents = Mapping[str, Mapping[str, XmlDocument]]


def mapping_problems(
    document: Document, mapping: MappingFile, contract: Contract, interfaces: Interfaces, documents: Documents
) -> Iterator[Problem]:
    """Operations that the contract does not have, parts and elements that a message does not have or still lacks, tables."""
    known = {key: (channel, op) for channel, c in contract.channels.items() for key, op in c.operations.items()}
    for key, rules in mapping.operations.items():
        if key not in known:
            yield document.problem(("operations", key), unknown("operation", key, known))
            continue
        channel, operation = known[key]
        interface = interfaces.get(channel)
        if isinstance(interface, SoapInterface) and operation.interface in interface.operations:
            parts = interface.operations[operation.interface].parts
            yield from _parts(document, key, list(rules.request), parts, documents.get(channel, {}))
        for fact, rule in rules.facts.items():
            if rule.table is not None and rule.table not in mapping.tables:
                where = ("operations", key, "facts", fact, "table")
                yield document.problem(where, unknown("table", rule.table, mapping.tables))


def _parts(
    document: Document, key: str, given: list[str], parts: tuple[str, ...], roots: Mapping[str, XmlDocument]
) -> Iterator[Problem]:
    at = ("operations", key, "request")
    for part in parts:
        inside = [path for path in given if path.startswith(f"/{part}/")]
        if inside:
            yield from _document(document, at, part, inside, roots)
        elif f"/{part}" not in given:
            yield document.problem(at, f"the part '/{part}' is not filled")
    wanted = {f"/{part}" for part in parts}
    for path in given:
        part = "/" + path.split("/")[1] if path else path
        if part not in wanted:
            yield document.problem((*at, path), unknown("part", path, wanted))


def _document(
    document: Document, at: tuple[str, ...], part: str, given: Collection[str], roots: Mapping[str, XmlDocument]
) -> Iterator[Problem]:
    """A part that holds an XML document: one root of the schema, every path an element of it, and none missing."""
    named = {path.split("/")[2] for path in given}
    if len(named) > 1:
        yield document.problem(at, f"the part '/{part}' can hold one document only")
        return
    (root,) = named
    if root not in roots:
        yield from (document.problem((*at, path), unknown("root element", root, roots)) for path in given)
        return
    leaves = {"/".join(("", part, root, *keys)): is_needed for keys, is_needed in roots[root].shape.leaves()}
    yield from (document.problem((*at, p), unknown("element", p, leaves)) for p in given if p not in leaves)
    missing = sorted(path for path, is_needed in leaves.items() if is_needed and path not in given)
    yield from (document.problem(at, f"the element {path!r} is not filled") for path in missing)
