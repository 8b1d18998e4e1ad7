"""What both wires share: striking with a fault, writing the journal, sending the reply, refreshing the platform's secret."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from gateway.contract.authority import Operation, OperationMapping
from mocks.answers import Answer, Answers, MockTrouble
from mocks.arming import REFRESH, Arming, Strike
from mocks.clock import MockClock
from mocks.faults.fault import Fault, Making, Reply
from mocks.faults.raw import Sent
from mocks.journal import Entry, Journal
from mocks.payloads import Form
from mocks.platform import Platform, PlatformRefused
from mocks.platform_signatures import refresh_values

JSON = "application/json"
RIGHT = Fault(zh="", en="")
"""No fault."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One channel's place in the running mocks."""

    authority: str
    channel: str
    answers: Answers
    arming: Arming
    journal: Journal
    clock: MockClock
    platform: Platform | None

    def routes(self) -> list[web.RouteDef]:
        """Where the platform's secret is refreshed, on a channel that goes through it."""
        return [web.post(self.platform.refresh_path, self._refresh)] if self.platform else []

    def strike(self, operation: str, answer: Answer) -> Strike | None:
        """The fault that is armed for this call. One that rotates keys does so here."""
        struck = self.arming.strike(self.authority, self.channel, operation, answer.people)
        if struck is not None and struck.fault.rotates and self.platform is not None:
            self.platform.rotate()
        return struck

    def refuses(self, strike: Strike | None) -> bool:
        """The request's own secret has just been rotated away."""
        return strike is not None and strike.fault.rotates and self.platform is not None

    def told(
        self, operation: str, rule: Operation, mapping: OperationMapping, form: Form, answer: Answer, fault: Fault
    ) -> Any:
        """The payload as a tree, with what the fault does to it."""
        tree = self.answers.compose(operation, answer)
        return fault.tree(tree, Making(rule, mapping, form, answer)) if fault.tree else tree

    def about(self, operation: str, answer: Answer, fault: Fault) -> Answer:
        """Whom the reply is about."""
        return self.answers.another(operation, answer) if fault.is_about_another else answer

    def note(
        self,
        operation: str | None,
        answer: Answer | None,
        outcome: str,
        status: int,
        *why: str,
        strike: Strike | None = None,
    ) -> None:
        """One line of the journal; `why` begins with what became of the signature."""
        trace = list(why)
        if answer is not None:
            trace.append(f"person: {' and '.join(answer.people)}")
            trace.append(f"scenario: {answer.name}: {answer.why}")
        if strike is not None:
            trace.append(f"fault: {strike.why}")
        self.journal.add(
            Entry(
                self.channel, operation, answer.name if answer else None, answer.people if answer else (), outcome, status,
                fault=strike.name if strike else None, why=tuple(trace), at=self.clock.unix(),
            )
        )  # fmt: skip

    async def sent(self, request: web.Request, reply: Reply, strike: Strike | None) -> web.StreamResponse:
        """The reply, by aiohttp or by the fault's own hand."""
        if strike is not None and strike.fault.send is not None:
            with suppress(ConnectionError):  # the caller has hung up, as it should
                await strike.fault.send(request, reply, strike.given)
            return Sent()
        return web.Response(status=reply.status, reason=reply.reason, headers=reply.headers, body=reply.body)

    async def _refresh(self, request: web.Request) -> web.StreamResponse:
        assert self.platform is not None
        body = await request.read()
        try:
            data = self.platform.refresh(refresh_values(self.platform, body))
        except PlatformRefused as refused:
            self.note(REFRESH, None, "refused: signature", 401, f"signature: {refused}")
            return web.json_response({"code": "E-401", "message": str(refused)}, status=401)
        strike = self.arming.strike(self.authority, self.channel, REFRESH, ())
        fault = strike.fault if strike else RIGHT
        text = json.dumps({"code": self.platform.success, "message": "成功", "data": data}, ensure_ascii=False)
        reply = Reply(200, {"Content-Type": JSON}, (fault.text(text, "json") if fault.text else text).encode())
        if strike is not None and fault.body is not None:
            fault.body(reply, strike.given)
        self.note(REFRESH, None, "refreshed", reply.status, "signature: sign is by the app key", strike=strike)
        return await self.sent(request, reply, strike)


def check_kept(faults: list[str], fault: Fault, answer: Answer, what: str) -> None:
    """Raises MockTrouble: a reply breaks its schema that should not, or keeps the one that it should break."""
    if faults and fault.keeps_schema:
        raise MockTrouble(f"the scenario {answer.name!r} breaks {what}: {'; '.join(faults)}")
    if not faults and not fault.keeps_schema:
        raise MockTrouble(f"the scenario {answer.name!r} keeps {what} though a fault should break it")
