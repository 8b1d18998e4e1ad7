"""The one safe XML parser, and the few XML operations the gateway needs. lxml is imported here and in `wsdl` only.

No DTD, no entities, no network, no processing instructions; the size is limited before anything is parsed. UTF-8 only, but
for `read`, where bytes from a peer come in: what it declares as a GB encoding is made UTF-8 first (`charsets`).
Comments are dropped while parsing, so that text cannot be cut in two by one.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from gateway.contract import charsets

Element = etree._Element
"""One XML element; read it with its own methods (`tag`, `get`, iteration) and `text_of`."""

_DECLARATION = re.compile(r"<\?xml\s[^<>]{0,200}?\?>")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENCODING = re.compile(
    rb"<\?xml\s[^<>]{0,100}?\sencoding\s*=\s*[\"']([A-Za-z][A-Za-z0-9._\-]{0,40})[\"'][^<>]{0,60}\?>"
)

EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"


class NotXml(ValueError):
    """The bytes are no XML that we read. The text says which rule was broken and never holds a part of the input."""


class Schema:
    """A compiled XML Schema 1.0.

    Raises:
        NotXml: it is none.
    """

    def __init__(self, text: str) -> None:
        try:
            self._schema = etree.XMLSchema(parse(text.encode()))
        except etree.XMLSchemaError as error:
            raise NotXml(f"no XML Schema: {error}") from error

    def faults(self, element: Element) -> list[str]:
        """What is wrong with the element: the kinds of the errors (libxml2's names), never a value."""
        if self._schema.validate(element):
            return []
        return [entry.type_name for entry in self._schema.error_log]  # type: ignore[attr-defined]


def parse(data: bytes, *, limit: int = 1_048_576) -> Element:
    """The root element.

    Raises:
        NotXml: too large, not well-formed, too deep, not UTF-8, or with a document type.
    """
    if len(data) > limit:
        raise NotXml("larger than the limit")
    if b"<!DOCTYPE" in data or b"\x00" in data:
        raise NotXml("has a document type or is not UTF-8")
    try:
        # A parser per document: lxml parsers keep state, and one that is shared would be a lock between threads.
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXml("not well-formed") from error
    info: Any = root.getroottree().docinfo
    if info.doctype or (info.encoding or "UTF-8").upper() not in ("UTF-8", "ASCII", "US-ASCII"):
        raise NotXml("has a document type or is not UTF-8")
    return root


def read(data: bytes, charset: str | None = None) -> Element:
    """The root element of a message that the wire has cut at its limit. `charset` is what its HTTP header names.

    Raises:
        NotXml: as `parse`, or its bytes are not what it declares.
    """
    found = _ENCODING.match(data[:300])
    declared = found[1].decode() if found else None
    try:
        text = charsets.as_utf8(data, charset, declared)
    except ValueError as error:
        raise NotXml(str(error)) from error
    if found and declared and declared.lower() in charsets.GB:
        text = text[found.end() :]  # the declaration is ASCII, so it is as long as it was; and it is true no more
    return parse(text, limit=len(text))


def parse_text(text: str) -> Element:
    """The root element of a document that is text already, so that an encoding it declares says nothing about it.

    Raises:
        NotXml: as `parse`, and for lone surrogates.
    """
    declaration = _DECLARATION.match(text)
    try:
        data = (text[declaration.end() :] if declaration else text).encode()
    except UnicodeEncodeError as error:
        raise NotXml("text with a character that XML cannot carry") from error
    return parse(data, limit=len(data))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=False
    )


def canonical(element: Element, inclusive_prefixes: tuple[str, ...] = ()) -> bytes:
    """Exclusive XML Canonicalization 1.0 without comments, of the element and what it holds.

    Raises:
        NotXml: it has no canonical form (a namespace name that is a relative reference).
    """
    prefixes = list(inclusive_prefixes) or None
    try:
        return etree.tostring(
            element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes
        )
    except etree.C14NError as error:
        raise NotXml("has no canonical form") from error


def elements(parent: Element) -> list[Element]:
    """The child elements. Text between them and processing instructions are not elements."""
    return [child for child in parent if isinstance(child.tag, str)]


def text_of(element: Element) -> str:
    """The text of an element that holds nothing but text.

    Raises:
        NotXml: when it holds elements or processing instructions.
    """
    if len(element):
        raise NotXml("an element holds elements where only text is allowed")
    return element.text or ""


def escape(text: str) -> str:
    """Text as canonical XML writes it. Characters that XML 1.0 cannot carry are refused, not dropped.

    Raises:
        NotXml: for a control character, a lone surrogate or a non-character.
    """
    if _UNWRITABLE.search(text):
        raise NotXml("text with a character that XML cannot carry")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")
