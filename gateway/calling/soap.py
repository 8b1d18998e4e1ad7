"""SOAP 1.1 through a compiled WSDL: strings go in and one string comes out, which holds JSON, an XML document or a table.

The templates and schemas come from `contract.wsdl`, where zeep read the file; no message passes through zeep itself.
`SignedSoap` is the dialect signed by WS-Security both ways; the sharing platform's is in `platform`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from yarl import URL

from gateway.calling.dialect import Opened, Prepared, payload
from gateway.calling.wire import Reply
from gateway.clock import Clock
from gateway.contract import charsets, xml
from gateway.contract.authority import Table
from gateway.contract.openapi import JsonSchema
from gateway.contract.wsdl import SOAP_ENV, SoapOperation
from gateway.contract.xsd import XmlDocument
from gateway.errors import BadReply, ConfigFault
from gateway.mapping import pointers, tables
from gateway.mapping.requests import RequestBuilder
from gateway.model import Check, Intent
from gateway.security.wsse import SoapSigner, SoapVerifier

_FAULT = f"{{{SOAP_ENV}}}Fault"


@dataclass(frozen=True, slots=True)
class SoapCall:
    """One operation, compiled: the interface's side, the mapping's side, and how the strings are written and read."""

    interface: SoapOperation
    request: RequestBuilder
    read: Callable[[str], Any]
    """What the reply's string holds: `json_reader`, `xml_reader` or `table_reader`."""
    documents: Mapping[str, XmlDocument] = field(default_factory=dict)
    """For requests whose parts hold documents: by root element."""

    def child(self, check: Check, intent: Intent, request_id: str, now: float, account: Mapping[str, str]) -> bytes:
        """The one child of the request's Body, canonical.

        Raises:
            ConfigFault: the question holds what XML cannot carry.
        """
        parts = self.request.tree(check, intent, request_id, now, account)
        try:
            return self.interface.render({name: self._text(part) for name, part in parts.items()})
        except xml.NotXml as error:
            raise ConfigFault("the question holds a character that XML cannot carry") from error

    def headers(self) -> dict[str, str]:
        return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{self.interface.action}"'}

    def opened(self, body: xml.Element) -> Opened:
        """What the Body of a reply holds, after the schema of the wrapper has passed it.

        Raises:
            BadReply: it is not what the WSDL or the payload's schema promises.
        """
        held = xml.elements(body)
        if len(held) != 1 or self.interface.reply_schema.faults(held[0]):
            raise BadReply("the reply's body is not what the WSDL promises")
        (part,) = xml.elements(held[0])
        try:
            text = xml.text_of(part)
        except xml.NotXml as error:
            raise BadReply("the reply's string holds something else than text") from error
        return Opened(200, self.read(text))

    def _text(self, part: Any) -> str:
        if isinstance(part, str):
            return part
        ((root, tree),) = part.items()
        return self.documents[root].render(tree)


class SignedSoap:
    """The dialect `wsse_x509` of one channel."""

    def __init__(
        self,
        url: URL,
        calls: Mapping[str, SoapCall],
        account: Mapping[str, str],
        signer: SoapSigner,
        verifier: SoapVerifier,
        clock: Clock,
    ) -> None:
        self._url = url
        self._calls = calls
        self._account = account
        self._signer = signer
        self._verifier = verifier
        self._clock = clock

    def prepare(self, operation: str, check: Check, intent: Intent, request_id: str) -> Prepared:
        call, now = self._calls[operation], self._clock.unix()
        child = call.child(check, intent, request_id, now, self._account)
        return Prepared(self._url, call.headers(), self._signer.envelope(child, now))

    def open(self, operation: str, prepared: Prepared, reply: Reply) -> Opened:
        if reply.status != 200:
            return refused(reply)
        body = self._verifier.verified_body(received(reply), self._clock.unix())
        return self._calls[operation].opened(body)


def json_reader(schema: JsonSchema) -> Callable[[str], Any]:
    """For `json_in_string`: the payload under its schema. The reader raises BadReply."""
    return lambda text: payload(text.encode(), schema)


def xml_reader(document: XmlDocument) -> Callable[[str], Any]:
    """For `xml_in_string`: the document under its schema, as a tree. The reader raises BadReply."""

    def read(text: str) -> Any:
        try:
            return document.tree(text)
        except xml.NotXml as error:
            raise BadReply(f"the payload, an XML document: {error}") from error

    return read


def table_reader(document: XmlDocument, table: Table) -> Callable[[str], Any]:
    """For `table_in_string`: the positional table in the document, or a text in its place. The reader raises BadReply."""
    read_document, rows_at = xml_reader(document), pointers.parse(table.rows)

    def read(text: str) -> Any:
        if not text.lstrip().startswith("<"):
            return {tables.TEXT: text}
        rows = pointers.get(read_document(text), rows_at)
        cells = [row[table.cell] for row in rows] if isinstance(rows, list) else []
        return tables.tree(cells, table.columns, table.aliases)

    return read


def received(reply: Reply) -> xml.Element:
    """The envelope of a reply with status 200, of older peers also in a GB encoding that they declare.

    Raises:
        BadReply: it is no XML that we read.
    """
    media_type = reply.headers.get("Content-Type", "")
    if media_type.partition(";")[0].strip().lower() != "text/xml":
        raise BadReply("the reply is not SOAP 1.1 by its content type")
    try:
        return xml.read(reply.body, charsets.of_content_type(media_type))
    except xml.NotXml as error:
        raise BadReply(f"the reply is not XML: {error}") from error


def refused(reply: Reply) -> Opened:
    """A reply with another status than 200: the local part of its fault's code, if it holds a fault.

    Nobody has signed it, so the contract may only read trouble from it.
    """
    if reply.status != 500:
        return Opened(reply.status)
    try:
        fault = xml.read(reply.body, charsets.of_content_type(reply.headers.get("Content-Type", ""))).find(
            f".//{_FAULT}"
        )
        code = fault.find("faultcode") if fault is not None else None
        return Opened(500, fault=xml.text_of(code).rpartition(":")[2].strip() if code is not None else None)
    except xml.NotXml:
        return Opened(500)
