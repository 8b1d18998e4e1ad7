"""XML Schema files of wrapped payloads: a document in a string becomes a plain tree, and a tree such a document.

In a tree an element is the text in it, or a dictionary of its children by name; an element that the schema lets repeat is
always a list, also when it came once or not at all. So mapping reads XML and JSON with one code.
Attributes are not read, and one that is required is not served.
Supported: one file without a target namespace, elements of named or inline types made of `sequence`, `all` and `choice`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from gateway.contract import xml
from gateway.contract.xml import Element, NotXml
from gateway.errors import Problem

Keys = tuple[str, ...]

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_GROUPS: Final = frozenset({f"{_XS}sequence", f"{_XS}all", f"{_XS}choice"})
_IGNORED: Final = frozenset({f"{_XS}annotation"})
_TOP: Final = frozenset({f"{_XS}element", f"{_XS}simpleType", f"{_XS}complexType"}) | _IGNORED
_MAX_DEPTH: Final = 16


@dataclass(frozen=True)
class Shape:
    """One element as the schema declares it. `children`, in the schema's order, is None where it holds text."""

    name: str
    repeats: bool
    is_optional: bool
    children: tuple[Shape, ...] | None

    @cached_property
    def by_name(self) -> Mapping[str, Shape]:
        return {child.name: child for child in self.children or ()}

    def leaves(self) -> Iterator[tuple[Keys, bool]]:
        """The path of every text inside, and whether it must be there for the element to be valid."""
        for child in self.children or ():
            if child.children is None:
                yield (child.name,), not child.is_optional
            for path, is_needed in child.leaves():
                yield (child.name, *path), is_needed and not child.is_optional


class XmlDocument:
    """One global element of a schema: the documents that have it as their root."""

    def __init__(self, shape: Shape, schema: xml.Schema) -> None:
        self.shape: Final = shape
        self._schema = schema

    def tree(self, text: str) -> dict[str, Any]:
        """What stands in the root.

        Raises:
            NotXml: no XML, another root, or not what the schema asks for: the kind of the fault, never a value.
        """
        root = xml.parse_text(text)
        if root.tag != self.shape.name:
            raise NotXml("another root element")
        faults = self._schema.faults(root)
        if faults:
            raise NotXml(f"breaks its schema: {faults[0]}")
        tree = _tree(root, self.shape)
        return tree if isinstance(tree, dict) else {}

    def render(self, tree: Mapping[str, Any]) -> str:
        """The document with this tree in its root, its elements in the schema's order.

        Raises:
            NotXml: a name that the schema does not have, or a character that XML cannot carry.
        """
        return "".join(_written(self.shape, tree))


def load(path: Path, problems: list[Problem]) -> Mapping[str, XmlDocument]:
    """Every global element of a schema file, by name; adds what is wrong to `problems` and then gives none."""
    try:
        text = path.read_text("utf-8")
        top = xml.parse(text.encode())
        shapes = _Shapes(top)
        schema = xml.Schema(text)
        return {shape.name: XmlDocument(shape, schema) for shape in shapes.all()}
    except (OSError, ValueError) as error:
        problems.append(Problem(str(path), 1, 1, f"is not an XML Schema that can be served: {error}"))
        return {}


class _Shapes:
    """Reads the shapes of a schema file's global elements."""

    def __init__(self, top: Element) -> None:
        # An include or import would read another file, or the network.
        if top.tag != f"{_XS}schema" or top.get("targetNamespace") or any(e.tag not in _TOP for e in xml.elements(top)):
            raise ValueError("only elements and types of no namespace are served")
        self._top = top
        self._types = {str(kind.get("name")): kind for kind in top.findall(f"{_XS}complexType")}

    def all(self) -> Iterator[Shape]:
        for declared in self._top.findall(f"{_XS}element"):
            yield self._shape(declared, False, False, 0)

    def _shape(self, declared: Element, repeats: bool, is_optional: bool, depth: int) -> Shape:
        if depth > _MAX_DEPTH or declared.get("name") is None:
            raise ValueError("elements by reference or nested without end are not served")
        inline = declared.find(f"{_XS}complexType")
        content = inline if inline is not None else self._types.get(str(declared.get("type")))
        children = None if content is None else tuple(self._children(content, False, False, depth + 1))
        if children is not None and len({child.name for child in children}) != len(children):
            raise ValueError(f"in {declared.get('name')!r} a name is declared twice")
        repeats = repeats or declared.get("maxOccurs", "1") not in ("0", "1")
        is_optional = is_optional or declared.get("minOccurs") == "0"
        return Shape(str(declared.get("name")), repeats, is_optional, children)

    def _children(self, holder: Element, repeats: bool, is_optional: bool, depth: int) -> Iterator[Shape]:
        for child in xml.elements(holder):
            if child.tag == f"{_XS}element":
                yield self._shape(child, repeats, is_optional, depth)
            elif child.tag in _GROUPS:
                again = repeats or child.get("maxOccurs", "1") not in ("0", "1")
                maybe = is_optional or child.get("minOccurs") == "0" or child.tag == f"{_XS}choice"
                yield from self._children(child, again, maybe, depth)
            elif child.tag not in _IGNORED and not _may_be_left_out(child):
                raise ValueError(f"{str(child.tag).rpartition('}')[2]!r} is not served in a type")


def _may_be_left_out(declared: Element) -> bool:
    """An attribute that is not required: it is neither read nor written."""
    return declared.tag == f"{_XS}attribute" and declared.get("use") != "required"


def _tree(element: Element, shape: Shape) -> Any:
    if shape.children is None:
        return xml.text_of(element)
    tree: dict[str, Any] = {child.name: [] for child in shape.children if child.repeats}
    for child in xml.elements(element):
        name = str(child.tag)
        declared = shape.by_name[name]
        value = _tree(child, declared)
        if declared.repeats:
            tree[name].append(value)
        else:
            tree[name] = value
    return tree


def _written(shape: Shape, value: Any) -> Iterator[str]:
    yield f"<{shape.name}>"
    if shape.children is None:
        yield xml.escape(str(value))
    else:
        if not isinstance(value, Mapping) or value.keys() - shape.by_name.keys():
            raise NotXml("a name that the schema does not have")
        for child in shape.children:
            if child.name in value:
                held = value[child.name]
                for each in held if child.repeats and isinstance(held, list) else [held]:
                    yield from _written(child, each)
    yield f"</{shape.name}>"
