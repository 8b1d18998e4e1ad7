"""One REST channel as a server: an OpenAPI file, its scenarios and the cast."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from gateway.contract import strict_json
from gateway.contract.folders import AuthorityFolder
from gateway.contract.openapi import RestInterface, RestOperation
from mocks.answers import Answer, Answers, MockTrouble
from mocks.http_signatures import Asked, HttpSignatures, SignatureRefused, Unsigned
from mocks.journal import Entry, Journal

JSON = "application/json"
DOCUMENT_PATH = "/openapi.json"


@dataclass(frozen=True, slots=True)
class _Served:
    """One operation: its name in the contract and what the interface says of it."""

    name: str
    interface: RestOperation


class RestMock:
    """Answers the operations of one channel, and gives its OpenAPI document with its own address."""

    def __init__(
        self,
        folder: AuthorityFolder,
        channel: str,
        answers: Answers,
        security: HttpSignatures | Unsigned,
        journal: Journal,
    ) -> None:
        interface = folder.interfaces[channel]
        assert isinstance(interface, RestInterface)
        self._operations = [
            _Served(name, interface.operations[operation.interface])
            for name, operation in folder.contract.channels[channel].operations.items()
        ]
        self._document = interface.document
        self._channel = channel
        self._answers = answers
        self._security = security
        self._journal = journal
        self.document_path = DOCUMENT_PATH

    def routes(self) -> list[web.RouteDef]:
        served = [web.route(op.interface.method, op.interface.path, self._handler(op)) for op in self._operations]
        return [*served, web.get(DOCUMENT_PATH, self._openapi)]

    def _handler(self, operation: _Served) -> Any:
        async def handle(request: web.Request) -> web.Response:
            return self._answer(operation, request, await request.read())

        return handle

    async def _openapi(self, request: web.Request) -> web.Response:
        return web.json_response({**self._document, "servers": [{"url": f"http://{request.host}"}]})

    def _answer(self, operation: _Served, request: web.Request, body: bytes) -> web.Response:
        asked = Asked(request.method, f"http://{request.host}{request.raw_path}", request.headers)
        try:
            self._security.check(asked, body)
        except SignatureRefused as refused:
            return self._refused(operation, 401, "signature", str(refused))
        if request.content_type != JSON:
            return self._refused(operation, 415, "media type", f"content-type must be {JSON}", asked)
        try:
            tree = strict_json.read(body)
            faults = operation.interface.request.faults(tree)
        except strict_json.NotJson as error:
            faults = [str(error)]
        if faults:
            return self._refused(
                operation, 400, "schema", f"not what the interface asks for: {'; '.join(faults)}", asked
            )
        answer = self._answers.find(operation.name, tree)
        status, media_type, reply = self._reply(operation, answer)
        self._journal.add(
            Entry(self._channel, operation.name, answer.name, answer.people, answer.scenario.means, status)
        )
        bare = answer.scenario.text is not None and status != 200
        return self._response(None if bare else asked, status, media_type, reply)

    def _reply(self, operation: _Served, answer: Answer) -> tuple[int, str, bytes]:
        scenario = answer.scenario
        if scenario.text is not None:
            return scenario.status, "text/html; charset=utf-8", scenario.text.encode()
        if scenario.fault is not None:
            raise MockTrouble(f"the scenario {answer.name!r} is a SOAP fault on a REST channel")
        tree = self._answers.compose(operation.name, answer)
        schema = operation.interface.replies.get(scenario.status)
        if schema is None:
            raise MockTrouble(f"the scenario {answer.name!r} has a status that the interface does not declare")
        faults = schema.faults(tree)
        if faults:
            raise MockTrouble(f"the scenario {answer.name!r} breaks the interface's reply: {'; '.join(faults)}")
        return scenario.status, JSON, json.dumps(tree, ensure_ascii=False).encode()

    def _refused(
        self, operation: _Served, status: int, check: str, message: str, asked: Asked | None = None
    ) -> web.Response:
        self._journal.add(Entry(self._channel, operation.name, None, (), f"refused: {check}", status))
        body = json.dumps({"code": f"E-{status}", "message": message[:500]}, ensure_ascii=False).encode()
        return self._response(asked, status, JSON, body)

    def _response(self, asked: Asked | None, status: int, media_type: str, body: bytes) -> web.Response:
        """Signed when it answers a request whose signature verified."""
        headers = {"Content-Type": media_type}
        if asked is not None:
            self._security.protect(asked, status, headers, body)
        return web.Response(status=status, headers=headers, body=body)
