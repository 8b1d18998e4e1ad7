"""One REST channel as a server: an OpenAPI file, its scenarios and the cast."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from gateway.contract import strict_json
from gateway.contract.authority import Operation, OperationMapping
from gateway.contract.folders import AuthorityFolder
from gateway.contract.openapi import RestInterface, RestOperation
from mocks.answers import Answer, MockTrouble
from mocks.arming import Strike
from mocks.desk import JSON, RIGHT, Desk, check_kept
from mocks.faults.fault import Fault, Reply
from mocks.guards import Guards, RestGuard
from mocks.http_signatures import Asked, SignatureRefused
from mocks.pages import NoSuchPage

DOCUMENT_PATH = "/openapi.json"


@dataclass(frozen=True, slots=True)
class _Served:
    """One operation: its name in the contract, what contract and mapping say of it, and what the interface says."""

    name: str
    rule: Operation
    mapping: OperationMapping
    interface: RestOperation


class _NotAsAgreed(Exception):
    """The request is not what the interface asks for: the check, the HTTP status and the reason, without any value."""

    def __init__(self, check: str, status: int, why: str) -> None:
        super().__init__(why)
        self.check = check
        self.status = status


class RestMock:
    """Answers the operations of one channel, and gives its OpenAPI document with its own address."""

    def __init__(self, folder: AuthorityFolder, desk: Desk, guards: Guards[RestGuard]) -> None:
        interface = folder.interfaces[desk.channel]
        assert isinstance(interface, RestInterface)
        self._operations = [
            _Served(name, operation, folder.mapping.operations[name], interface.operations[operation.interface])
            for name, operation in folder.contract.channels[desk.channel].operations.items()
        ]
        self._document = interface.document
        self._desk = desk
        self._guards = guards
        self.document_path = DOCUMENT_PATH

    def routes(self) -> list[web.RouteDef]:
        served = [web.route(op.interface.method, op.interface.path, self._handler(op)) for op in self._operations]
        return [*served, web.get(DOCUMENT_PATH, self._openapi), *self._desk.routes()]

    def _handler(self, operation: _Served) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._answer(operation, request, await request.read())

        return handle

    async def _openapi(self, request: web.Request) -> web.Response:
        return web.json_response({**self._document, "servers": [{"url": f"{request.scheme}://{request.host}"}]})

    async def _answer(self, operation: _Served, request: web.Request, body: bytes) -> web.StreamResponse:
        asked = Asked(request.method, f"{request.scheme}://{request.host}{request.raw_path}", request.headers)
        try:
            passed = f"signature: {self._guards.agreed.check(asked, body)}"
        except SignatureRefused as refused:
            return self._refused(operation, _NotAsAgreed("signature", 401, str(refused)))
        try:
            tree = _read(operation, request, body)
        except _NotAsAgreed as refused:
            return self._refused(operation, refused, asked, passed)
        try:
            answer = self._desk.answers.find(operation.name, tree)
        except NoSuchPage as refused:
            return self._refused(operation, _NotAsAgreed("page", 400, str(refused)), asked, passed)
        strike = self._desk.strike(operation.name, answer)
        if self._desk.refuses(strike):
            return self._refused(
                operation, _NotAsAgreed("signature", 401, "the secret was rotated"), None, passed, strike
            )
        reply = self._reply(operation, answer, strike, asked)
        self._desk.note(operation.name, answer, answer.scenario.means, reply.status, passed, strike=strike)
        return await self._desk.sent(request, reply, strike)

    def _reply(self, operation: _Served, answer: Answer, strike: Strike | None, asked: Asked) -> Reply:
        """Signed when it answers a request whose signature verified; what comes from a machine in front is bare."""
        fault = strike.fault if strike else RIGHT
        about = self._desk.about(operation.name, answer, fault)
        reply = self._told(operation, about, fault)
        if strike is not None and fault.body is not None:
            fault.body(reply, strike.given)
        if about.scenario.text is None or about.scenario.status == 200:
            guard = self._guards.by_signature(fault.signature)
            guard.protect(asked, reply.status, reply.headers, reply.body)
        return reply

    def _told(self, operation: _Served, answer: Answer, fault: Fault) -> Reply:
        scenario = answer.scenario
        if scenario.text is not None:
            return Reply(scenario.status, {"Content-Type": "text/html; charset=utf-8"}, scenario.text.encode())
        if scenario.fault is not None:
            raise MockTrouble(f"the scenario {answer.name!r} is a SOAP fault on a REST channel")
        tree = self._desk.told(operation.name, operation.rule, operation.mapping, "json", answer, fault)
        schema = operation.interface.replies.get(scenario.status)
        if schema is None:
            raise MockTrouble(f"the scenario {answer.name!r} has a status that the interface does not declare")
        check_kept(schema.faults(tree), fault, answer, "the interface's reply")
        text = json.dumps(tree, ensure_ascii=False)
        return Reply(
            scenario.status, {"Content-Type": JSON}, (fault.text(text, "json") if fault.text else text).encode()
        )

    def _refused(
        self, operation: _Served, refused: _NotAsAgreed, asked: Asked | None = None, passed: str | None = None,
        strike: Strike | None = None,
    ) -> web.Response:  # fmt: skip
        why = [passed or "", f"{refused.check}: {refused}"]
        self._desk.note(
            operation.name, None, f"refused: {refused.check}", refused.status, *filter(None, why), strike=strike
        )
        content = {"code": f"E-{refused.status}", "message": str(refused)[:500]}
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = {"Content-Type": JSON}
        if asked is not None:
            self._guards.agreed.protect(asked, refused.status, headers, body)
        return web.Response(status=refused.status, headers=headers, body=body)


def _read(operation: _Served, request: web.Request, body: bytes) -> Any:
    """The request's tree. Raises _NotAsAgreed."""
    if request.content_type != JSON:
        raise _NotAsAgreed("media type", 415, f"content-type must be {JSON}")
    try:
        tree = strict_json.read(body)
        faults = operation.interface.request.faults(tree)
    except strict_json.NotJson as error:
        faults = [str(error)]
    if faults:
        raise _NotAsAgreed("schema", 400, f"not what the interface asks for: {'; '.join(faults)}")
    return tree
