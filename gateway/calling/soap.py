"""SOAP 1.1 through a compiled WSDL, signed by WS-Security both ways; the string in the reply holds JSON.

The templates and schemas come from `contract.wsdl`, where zeep read the file; no message passes through zeep itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from yarl import URL

from gateway.calling.dialect import Opened, Prepared, payload
from gateway.calling.wire import Reply
from gateway.clock import Clock
from gateway.contract import xml
from gateway.contract.openapi import JsonSchema
from gateway.contract.wsdl import SOAP_ENV, SoapOperation
from gateway.errors import BadReply, ConfigFault
from gateway.mapping.requests import RequestBuilder
from gateway.model import Check, Intent
from gateway.security.wsse import SoapSigner, SoapVerifier

_FAULT = f"{{{SOAP_ENV}}}Fault"


@dataclass(frozen=True, slots=True)
class SoapCall:
    """One operation, compiled: the interface's side, the mapping's side, and the schema of what its string holds."""

    interface: SoapOperation
    request: RequestBuilder
    payload: JsonSchema


class SignedSoap:
    """The dialect `wsse_x509` of one channel, with payloads wrapped as `json_in_string`."""

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
        parts = call.request.parts(check, intent, request_id, now, self._account)
        try:
            body = self._signer.envelope(call.interface.render(parts), now)
        except xml.NotXml as error:
            raise ConfigFault("the question holds a character that XML cannot carry") from error
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{call.interface.action}"'}
        return Prepared(self._url, headers, body)

    def open(self, operation: str, prepared: Prepared, reply: Reply) -> Opened:
        if reply.status == 500:
            return Opened(500, fault=_fault(reply.body))
        if reply.status != 200:
            return Opened(reply.status)
        call = self._calls[operation]
        try:
            envelope = xml.parse(reply.body, limit=len(reply.body))  # the wire has cut it at the contract's limit
        except xml.NotXml as error:
            raise BadReply(f"the reply is not XML: {error}") from error
        body = self._verifier.verified_body(envelope, self._clock.unix())
        return Opened(200, payload(_string(body, call.interface), call.payload))


def _string(body: xml.Element, operation: SoapOperation) -> bytes:
    """The text in the one part of the reply, after the schema of the wrapper has passed it."""
    held = list(xml.elements(body))
    if len(held) != 1 or operation.reply_schema.faults(held[0]):
        raise BadReply("the reply's body is not what the WSDL promises")
    (part,) = xml.elements(held[0])
    try:
        return xml.text_of(part).encode()
    except xml.NotXml as error:
        raise BadReply("the reply's string holds something else than text") from error


def _fault(data: bytes) -> str | None:
    """The local part of a SOAP fault's code. Unsigned, so the contract may only read trouble from it."""
    try:
        fault = xml.parse(data).find(f".//{_FAULT}")
        code = fault.find("faultcode") if fault is not None else None
        return xml.text_of(code).rpartition(":")[2].strip() if code is not None else None
    except xml.NotXml:
        return None
