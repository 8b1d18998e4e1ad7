"""One SOAP channel as a server: a WSDL, the schemas of what its strings hold, its scenarios and the cast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web
from lxml import etree

from gateway.contract import xml
from gateway.contract.authority import Channel, Operation, OperationMapping
from gateway.contract.folders import AuthorityFolder
from gateway.contract.wsdl import SoapInterface, SoapOperation
from gateway.contract.xml import Element, NotXml
from mocks import envelope
from mocks.answers import Answer, MockTrouble
from mocks.arming import Strike
from mocks.desk import RIGHT, Desk, check_kept
from mocks.envelope import SOAP, tag
from mocks.faults.fault import Fault, Reply
from mocks.guards import Guards, SoapGuard
from mocks.payloads import JsonPayload, TablePayload, XmlPayload
from mocks.ws_security import SecurityRefused

XML = "text/xml; charset=utf-8"
HTML = "text/html; charset=utf-8"
_ADDRESS = tag("http://schemas.xmlsoap.org/wsdl/soap/", "address")


class _ClientFault(Exception):
    """The message is not what the WSDL asks for."""


@dataclass(frozen=True, slots=True)
class _Served:
    """One operation: its name in the contract, what contract and mapping say of it, and what the WSDL says."""

    name: str
    rule: Operation
    mapping: OperationMapping
    interface: SoapOperation


class SoapMock:
    """Answers the operations of one channel, and gives its WSDL with its own address."""

    def __init__(self, folder: AuthorityFolder, desk: Desk, guards: Guards[SoapGuard]) -> None:
        interface = folder.interfaces[desk.channel]
        assert isinstance(interface, SoapInterface)
        contract = folder.contract.channels[desk.channel]
        rules = folder.mapping.operations
        found = [
            _Served(name, operation, rules[name], interface.operations[operation.interface])
            for name, operation in contract.operations.items()
        ]
        self._operations = {tag(op.interface.namespace, op.interface.name): op for op in found}
        self._payload = _payload(folder, desk.channel, contract)
        self._wsdl = (folder.path / contract.interface).read_bytes()
        self._desk = desk
        self._guards = guards
        self._path = interface.path
        self.document_path = f"{interface.path}?wsdl"

    def routes(self) -> list[web.RouteDef]:
        return [web.post(self._path, self._post), web.get(self._path, self._get), *self._desk.routes()]

    async def _get(self, request: web.Request) -> web.Response:
        if "wsdl" not in request.query:
            return web.Response(text="A SOAP service. Its WSDL is here with ?wsdl.")
        document = xml.parse(self._wsdl)
        for address in document.iter(_ADDRESS):
            address.set("location", f"{request.scheme}://{request.host}{self._path}")
        return web.Response(body=envelope.serialised(document), headers={"Content-Type": XML})

    async def _post(self, request: web.Request) -> web.StreamResponse:
        data = await request.read()
        if request.content_type != "text/xml":
            return web.Response(status=415, text="SOAP 1.1 is text/xml")
        passed = None
        try:
            message = xml.parse(data)
            body = _body(message)
            passed = f"signature: {self._guards.agreed.check(message)}"
            operation = self._operation(body, request.headers.get("SOAPAction", ""))
            parts = self._parts(operation, body)
        except SecurityRefused as refused:
            return self._refused(refused.code, str(refused), "signature")
        except (NotXml, _ClientFault) as error:
            return self._refused("Client", f"not what the WSDL asks for: {error}", "schema", passed)
        answer = self._desk.answers.find(operation.name, parts)
        strike = self._desk.strike(operation.name, answer)
        if self._desk.refuses(strike):
            return self._refused("Client", "the secret was rotated", "signature", passed, strike)
        reply = self._reply(operation, answer, strike, message)
        self._desk.note(operation.name, answer, answer.scenario.means, reply.status, passed, strike=strike)
        return await self._desk.sent(request, reply, strike)

    def _operation(self, body: Element, action: str) -> _Served:
        children = xml.elements(body)
        if len(children) != 1 or children[0].tag not in self._operations:
            raise _ClientFault("the Body must hold exactly one operation of the WSDL")
        operation = self._operations[str(children[0].tag)]
        if action.strip('"') not in ("", operation.interface.action):
            raise _ClientFault("SOAPAction is another operation's")
        return operation

    def _parts(self, operation: _Served, body: Element) -> dict[str, Any]:
        """The parts of an accepted request, by name; one that the mapping fills as a tree is read as one."""
        parts: dict[str, Any] = dict(_parts(operation, body))
        trees = {path.split("/")[1]: path.split("/")[2] for path in operation.mapping.request if path.count("/") > 1}
        for name, root in trees.items():
            assert self._payload is not None
            parts[name] = self._payload.read(parts[name], root)
        return parts

    def _reply(self, operation: _Served, answer: Answer, strike: Strike | None, asked: Element) -> Reply:
        fault = strike.fault if strike else RIGHT
        reply = self._told(operation, self._desk.about(operation.name, answer, fault), fault, asked)
        if strike is not None and fault.body is not None:
            fault.body(reply, strike.given)
        return reply

    def _told(self, operation: _Served, answer: Answer, fault: Fault, asked: Element) -> Reply:
        scenario = answer.scenario
        if scenario.fault is not None:
            message = envelope.fault(scenario.fault, f"scenario {answer.name}")
            return Reply(500, {"Content-Type": XML}, envelope.serialised(message), "Internal Server Error")
        if scenario.text is not None and scenario.status != 200:
            return Reply(scenario.status, {"Content-Type": HTML}, scenario.text.encode())
        if scenario.status != 200:
            raise MockTrouble(f"the scenario {answer.name!r} has a status that SOAP 1.1 replies do not have")
        text = scenario.text if scenario.text is not None else self._written(operation, answer, fault)
        message = envelope.reply(operation.interface, text)
        faults = operation.interface.reply_schema.faults(message[1][0])
        if faults:
            raise MockTrouble(f"the scenario {answer.name!r} breaks the WSDL's reply: {'; '.join(faults)}")
        self._guards.by_signature(fault.signature).protect(message, asked)
        return Reply(200, {"Content-Type": XML}, envelope.serialised(message))

    def _written(self, operation: _Served, answer: Answer, fault: Fault) -> str:
        payload, name = self._payload, operation.rule.payload
        if payload is None or name is None:
            raise MockTrouble(f"the scenario {answer.name!r} has a tree, but the channel has no payload to write it as")
        tree = self._desk.told(operation.name, operation.rule, operation.mapping, payload.form, answer, fault)
        check_kept(payload.faults(name, tree), fault, answer, "the payload's schema")
        text = payload.written(name, tree, answer.scenario.declares)
        return fault.text(text, payload.form) if fault.text else text

    def _refused(
        self, code: str, text: str, check: str, passed: str | None = None, strike: Strike | None = None
    ) -> web.Response:
        why = [passed or "", f"{check}: {text}"]
        self._desk.note(None, None, f"refused: {check}", 500, *filter(None, why), strike=strike)
        return web.Response(
            status=500, body=envelope.serialised(envelope.fault(code, text)), headers={"Content-Type": XML}
        )


def _payload(
    folder: AuthorityFolder, channel: str, contract: Channel
) -> JsonPayload | XmlPayload | TablePayload | None:
    if contract.payload is None:
        return None
    if contract.wrapper == "table_in_string":
        tables = {op.payload: op.table for op in contract.operations.values() if op.payload and op.table}
        return TablePayload(folder.path / contract.payload, tables)
    if contract.wrapper == "xml_in_string":
        return XmlPayload(folder.path / contract.payload)
    return JsonPayload(folder.payloads[channel])


def _body(message: Element) -> Element:
    children = [child.tag for child in xml.elements(message)]
    if message.tag != tag(SOAP, "Envelope") or children not in (
        [tag(SOAP, "Header"), tag(SOAP, "Body")],
        [tag(SOAP, "Body")],
    ):
        raise _ClientFault("must be a SOAP 1.1 Envelope with at most one Header and one Body")
    return xml.elements(message)[-1]


def _parts(operation: _Served, body: Element) -> dict[str, str]:
    """The parts of an accepted request, by name."""
    (wrapper,) = xml.elements(body)
    # A copy of its own: the schema must see the namespaces that an xsi:type refers to, and nothing around the wrapper.
    faults = operation.interface.request_schema.faults(etree.fromstring(etree.tostring(wrapper)))
    if faults:
        raise _ClientFault("; ".join(faults))
    return {str(part.tag): part.text or "" for part in xml.elements(wrapper)}
