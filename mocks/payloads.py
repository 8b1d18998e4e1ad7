"""What a SOAP channel's strings hold: JSON under a JSON Schema, or XML under an XSD, written from the same kind of tree."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from lxml import etree

from gateway.contract import xml
from gateway.contract.authority import Table
from gateway.contract.openapi import JsonSchema
from gateway.contract.xml import Element, NotXml
from mocks.answers import MockTrouble

Form = Literal["json", "xml"]

_XS = "{http://www.w3.org/2001/XMLSchema}"
_Order = dict[str, Any]
"""By element name, in the schema's order: the order of its own children."""


class JsonPayload:
    """JSON in a string."""

    form: Form = "json"

    def __init__(self, schemas: Mapping[str, JsonSchema]) -> None:
        self._schemas = schemas

    def faults(self, name: str, tree: Any) -> list[str]:
        return self._schemas[name].faults(tree)

    def written(self, name: str, tree: Any, declares: str | None) -> str:
        return json.dumps(tree, ensure_ascii=False)

    def read(self, text: str, root: str) -> Any:
        """Requests hold no JSON in a string on any channel we know."""
        raise MockTrouble("a request's string as JSON is not served")


class XmlPayload:
    """XML in a string: a mapping is an element's children, a list is an element that repeats, text is text."""

    form: Form = "xml"

    def __init__(self, path: Path) -> None:
        text = path.read_text("utf-8")
        self._schema = xml.Schema(text)
        self._order = _children(xml.parse(text.encode()))

    def faults(self, name: str, tree: Any) -> list[str]:
        return self._schema.faults(self._element(name, tree))

    def written(self, name: str, tree: Any, declares: str | None) -> str:
        """With a declaration that claims an encoding; a string has none, so it says nothing about the bytes."""
        text = etree.tostring(self._element(name, tree), encoding="unicode")
        return f'<?xml version="1.0" encoding="{declares or "UTF-8"}"?>{text}'

    def read(self, text: str, root: str) -> Any:
        """A request's string as a tree with its root on top.

        Raises:
            NotXml: no XML, another root, or not what the schema asks for.
        """
        try:
            element = xml.parse(text.encode())
        except (NotXml, UnicodeEncodeError) as error:
            raise NotXml("the string is not XML that is read here") from error
        if element.tag != root:
            raise NotXml(f"the string's root must be {root!r}")
        faults = self._schema.faults(element)
        if faults:
            raise NotXml(f"the string breaks its schema: {'; '.join(faults)}")
        return {root: _tree(element)}

    def _element(self, name: str, tree: Any) -> Element:
        if name not in self._order:
            raise MockTrouble(f"the payload's schema has no element {name!r}")
        element = etree.Element(name)
        _fill(element, tree, self._order[name])
        return element


class TablePayload:
    """A positional table in such an XML document: a status row, a row of names in an order of its own, a row a record."""

    form: Form = "xml"

    def __init__(self, path: Path, tables: Mapping[str, Table]) -> None:
        self._document = XmlPayload(path)
        self._tables = tables
        """By the root element of the reply."""

    def faults(self, name: str, tree: Any) -> list[str]:
        wanted = set(self._tables[name].columns)
        missing = [column for record in tree["records"] for column in sorted(wanted - set(record))]
        return [f"the column {column} is missing" for column in missing] or self._document.faults(
            name, self._laid_out(self._tables[name], tree)
        )

    def written(self, name: str, tree: Any, declares: str | None) -> str:
        return self._document.written(name, self._laid_out(self._tables[name], tree), declares)

    def read(self, text: str, root: str) -> Any:
        return self._document.read(text, root)

    def _laid_out(self, table: Table, tree: Any) -> dict[str, Any]:
        """The order of the columns is not the caller's, and the status row is wider than the others, as some are."""
        spoken = {column: name for name, column in table.aliases.items()}
        columns = [name for name in reversed(table.columns) if all(name in record for record in tree["records"])]
        rows = [[tree["status"], *[""] * (len(table.columns) + 1)]]
        if tree["records"]:
            rows += [[spoken.get(column, column) for column in columns]]
            rows += [[str(record[column]) for column in columns] for record in tree["records"]]
        held: Any = [{table.cell: row} for row in rows]
        for name in reversed(table.rows.split("/")[1:]):
            held = {name: held}
        return dict(held)


def _children(holder: Element) -> _Order:
    """Every element declared below, at any depth of `complexType`, `sequence` and `all`, but not inside another element."""
    found: _Order = {}
    for child in xml.elements(holder):
        if child.tag == f"{_XS}element":
            found[str(child.get("name"))] = _children(child)
        elif child.tag in (f"{_XS}complexType", f"{_XS}sequence", f"{_XS}all"):
            found |= _children(child)
    return found


def _fill(element: Element, tree: Any, order: _Order) -> None:
    if not isinstance(tree, dict):
        element.text = "" if tree is None else str(tree)
        return
    unknown = set(tree) - set(order)
    if unknown:
        raise MockTrouble(f"the payload's schema has no {', '.join(sorted(unknown))} inside {element.tag!r}")
    for name, inner in order.items():
        if name in tree:
            for value in tree[name] if isinstance(tree[name], list) else [tree[name]]:
                _fill(etree.SubElement(element, name), value, inner)


def _tree(element: Element) -> Any:
    children = xml.elements(element)
    return {str(child.tag): _tree(child) for child in children} if children else element.text or ""
