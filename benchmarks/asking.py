"""How each server is asked, and what makes its answers right. A wrong answer ends the run: nobody wins by failing fast."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import httpx

from benchmarks.http1 import fields, message
from benchmarks.load import Ask
from benchmarks.people import Crowd, Workload
from gateway.client import GatewayAuth
from gateway.clock import SystemClock
from gateway.commands.scaffold import CONSUMER_KEY
from gateway.security import keys

PROVED_EACH = 20
"""Of A's answers, one in so many is verified as a consumer would verify it; all are read for their verdict."""

_CONFIRMED, _ANSWERED, _STATUS = b'"verdict":"confirmed"', b'"status":"answered"', b'"status":"'


class Wrong(Exception):
    """An answer that is not what a right server gives. The text holds the answer: everybody in it is fictitious."""


class Contender(Protocol):
    """One server, from the outside."""

    def asks(self, workload: Workload, count: int) -> list[Ask]:
        """That many requests, ready to be sent within the next minute."""
        ...

    def answered(self, asked: Ask, head: bytes, body: bytes) -> None:
        """Raises Wrong. Cheap: it runs while the server is measured."""
        ...

    def prove(self) -> int:
        """Verifies the samples kept since the last time; says how many."""
        ...


class Gateway:
    """A: signed questions by the counter's own client machinery, signed answers bound to them."""

    def __init__(self, home: Path, port: int, people: Crowd) -> None:
        self._url = f"http://127.0.0.1:{port}/v1/verifications"
        self._people = people
        answers = keys.verifier("gateway-answers", home / "keys" / "answers.pub.pem")
        signer = keys.signer(CONSUMER_KEY, home / "keys" / "counter.pem")
        self._auth = GatewayAuth(signer, {answers.keyid: answers}, SystemClock())
        self._samples: list[tuple[Ask, bytes, bytes]] = []
        self._count = 0

    def asks(self, workload: Workload, count: int) -> list[Ask]:
        return [self._ask(workload, body) for body in self._people.questions(workload, count)]

    def _ask(self, workload: Workload, body: bytes) -> Ask:
        flow = self._auth.sync_auth_flow(
            httpx.Request("POST", self._url, headers={"Content-Type": "application/json"}, content=body)
        )
        request = next(flow)
        head = b"".join(name + b": " + value + b"\r\n" for name, value in request.headers.raw)
        return Ask(b"POST /v1/verifications HTTP/1.1\r\n" + head + b"\r\n" + body, (workload, request, flow))

    def answered(self, asked: Ask, head: bytes, body: bytes) -> None:
        wanted, sources = len(asked.proof[0].materials), body.count(_STATUS)
        if not head.startswith(b"HTTP/1.1 200") or body.count(_CONFIRMED) != wanted or body.count(_ANSWERED) != sources:
            raise Wrong(f"A: {head.decode()}\n{body.decode()}")
        self._count += 1
        if self._count % PROVED_EACH == 1:
            self._samples.append((asked, head, body))

    def prove(self) -> int:
        samples, self._samples = self._samples, []
        for asked, head, body in samples:
            workload, request, flow = asked.proof
            response = httpx.Response(200, headers=fields(head), content=body, request=request)
            with suppress(StopIteration):
                flow.send(response)  # raises AnswerNotTrusted, or is content and ends
            sources = [source for material in json.loads(body)["materials"] for source in material["sources"]]
            evidence = {item for source in sources for item in source["evidence"]}
            if len(evidence) != workload.calls:
                raise Wrong(f"A made {len(evidence)} calls, not {workload.calls}: {body.decode()}")
        return len(samples)


class Bare:
    """B and C: the same bodies, not signed."""

    def __init__(self, name: str, port: int, people: Crowd) -> None:
        self._name = name
        self._host = f"127.0.0.1:{port}"
        self._people = people

    def asks(self, workload: Workload, count: int) -> list[Ask]:
        headers = {"Host": self._host, "Content-Type": "application/json"}
        start = f"POST /{workload.name} HTTP/1.1"
        return [Ask(message(start, headers, body), workload) for body in self._people.questions(workload, count)]

    def answered(self, asked: Ask, head: bytes, body: bytes) -> None:
        if not head.startswith(b"HTTP/1.1 200") or json.loads(body) != {"answered": asked.proof.calls}:
            raise Wrong(f"{self._name}: {head.decode()}\n{body.decode()}")

    def prove(self) -> int:
        return 0
