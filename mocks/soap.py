"""One SOAP channel as a server: a WSDL, the schemas of what its strings hold, its scenarios and the cast."""

from __future__ import annotations

import json
from dataclasses import dataclass

from aiohttp import web
from lxml import etree

from gateway.contract import xml
from gateway.contract.authority import Operation
from gateway.contract.folders import AuthorityFolder
from gateway.contract.openapi import JsonSchema
from gateway.contract.wsdl import SoapInterface, SoapOperation
from gateway.contract.xml import Element, NotXml
from mocks import envelope
from mocks.answers import Answer, Answers, MockTrouble
from mocks.envelope import SOAP, tag
from mocks.journal import Entry, Journal
from mocks.ws_security import NoSecurity, SecurityRefused, WsSecurity

XML = "text/xml; charset=utf-8"
_ADDRESS = tag("http://schemas.xmlsoap.org/wsdl/soap/", "address")


class _ClientFault(Exception):
    """The message is not what the WSDL asks for."""


@dataclass(frozen=True, slots=True)
class _Served:
    """One operation: its name in the contract, what the WSDL says of it, and the schema of what its string holds."""

    name: str
    interface: SoapOperation
    payload: JsonSchema | None


class SoapMock:
    """Answers the operations of one channel, and gives its WSDL with its own address."""

    def __init__(
        self,
        folder: AuthorityFolder,
        channel: str,
        answers: Answers,
        security: WsSecurity | NoSecurity,
        journal: Journal,
    ) -> None:
        interface = folder.interfaces[channel]
        assert isinstance(interface, SoapInterface)
        contract = folder.contract.channels[channel]
        payloads = folder.payloads[channel]

        def served(name: str, operation: Operation) -> _Served:
            payload = payloads[operation.payload] if operation.payload else None
            return _Served(name, interface.operations[operation.interface], payload)

        found = [served(name, operation) for name, operation in contract.operations.items()]
        self._operations = {tag(op.interface.namespace, op.interface.name): op for op in found}
        self._wsdl = (folder.path / contract.interface).read_bytes()
        self._channel = channel
        self._answers = answers
        self._security = security
        self._journal = journal
        self._path = interface.path
        self.document_path = f"{interface.path}?wsdl"

    def routes(self) -> list[web.RouteDef]:
        return [web.post(self._path, self._post), web.get(self._path, self._get)]

    async def _get(self, request: web.Request) -> web.Response:
        if "wsdl" not in request.query:
            return web.Response(text="A SOAP service. Its WSDL is here with ?wsdl.")
        document = xml.parse(self._wsdl)
        for address in document.iter(_ADDRESS):
            address.set("location", f"http://{request.host}{self._path}")
        return _response(200, envelope.serialised(document))

    async def _post(self, request: web.Request) -> web.Response:
        data = await request.read()
        if request.content_type != "text/xml":
            return web.Response(status=415, text="SOAP 1.1 is text/xml")
        try:
            message = xml.parse(data)
            body = _body(message)
            self._security.check(message)
            operation = self._operation(body, request.headers.get("SOAPAction", ""))
            parts = _parts(operation, body)
        except SecurityRefused as refused:
            return self._refused(refused.code, str(refused), "signature")
        except (NotXml, _ClientFault) as error:
            return self._refused("Client", f"not what the WSDL asks for: {error}", "schema")
        answer = self._answers.find(operation.name, parts)
        response = self._reply(operation, answer)
        scenario = answer.scenario
        self._journal.add(
            Entry(self._channel, operation.name, answer.name, answer.people, scenario.means, response.status)
        )
        return response

    def _operation(self, body: Element, action: str) -> _Served:
        children = list(xml.elements(body))
        if len(children) != 1 or children[0].tag not in self._operations:
            raise _ClientFault("the Body must hold exactly one operation of the WSDL")
        operation = self._operations[str(children[0].tag)]
        if action.strip('"') not in ("", operation.interface.action):
            raise _ClientFault("SOAPAction is another operation's")
        return operation

    def _reply(self, operation: _Served, answer: Answer) -> web.Response:
        scenario = answer.scenario
        if scenario.fault is not None:
            return _response(500, envelope.serialised(envelope.fault(scenario.fault, f"scenario {answer.name}")))
        if scenario.text is not None and scenario.status != 200:
            return web.Response(status=scenario.status, body=scenario.text.encode(), content_type="text/html")
        if scenario.status != 200:
            raise MockTrouble(f"the scenario {answer.name!r} has a status that SOAP 1.1 replies do not have")
        text = scenario.text if scenario.text is not None else self._payload(operation, answer)
        message = envelope.reply(operation.interface, text)
        faults = operation.interface.reply_schema.faults(message[1][0])
        if faults:
            raise MockTrouble(f"the scenario {answer.name!r} breaks the WSDL's reply: {'; '.join(faults)}")
        self._security.protect(message)
        return _response(200, envelope.serialised(message))

    def _payload(self, operation: _Served, answer: Answer) -> str:
        tree = self._answers.compose(operation.name, answer)
        faults = operation.payload.faults(tree) if operation.payload else []
        if faults:
            raise MockTrouble(f"the scenario {answer.name!r} breaks the payload's schema: {'; '.join(faults)}")
        return json.dumps(tree, ensure_ascii=False)

    def _refused(self, code: str, text: str, check: str) -> web.Response:
        self._journal.add(Entry(self._channel, None, None, (), f"refused: {check}", 500))
        return _response(500, envelope.serialised(envelope.fault(code, text)))


def _body(message: Element) -> Element:
    children = [child.tag for child in xml.elements(message)]
    if message.tag != tag(SOAP, "Envelope") or children not in (
        [tag(SOAP, "Header"), tag(SOAP, "Body")],
        [tag(SOAP, "Body")],
    ):
        raise _ClientFault("must be a SOAP 1.1 Envelope with at most one Header and one Body")
    return list(xml.elements(message))[-1]


def _parts(operation: _Served, body: Element) -> dict[str, str]:
    """The parts of an accepted request, by name."""
    (wrapper,) = xml.elements(body)
    # A copy of its own: the schema must see the namespaces that an xsi:type refers to, and nothing around the wrapper.
    faults = operation.interface.request_schema.faults(etree.fromstring(etree.tostring(wrapper)))
    if faults:
        raise _ClientFault("; ".join(faults))
    return {str(part.tag): part.text or "" for part in xml.elements(wrapper)}


def _response(status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, headers={"Content-Type": XML})
