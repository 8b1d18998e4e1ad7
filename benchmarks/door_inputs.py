"""A door on connections without sockets, and one input of each kind that it must refuse cheaply."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

from benchmarks import http1
from gateway.clock import SystemClock, cpu_seconds
from gateway.security import digests, keys, signatures
from gateway.security.grants import Consumer, Known
from gateway.security.holders import InProcess
from gateway.security.profiles import VERIFY
from gateway.web import listeners, questions
from gateway.web.admission import Admission, Cost
from gateway.web.asked import Asked, Given, Route
from gateway.web.door import Door
from gateway.web.entrance import Entrance
from gateway.web.framing import Runner
from gateway.web.hosts import Hosts

AUTHORITY, PATH = "gw.example", "/v1/verifications"
_ANSWER = b'{"answer": 1}' * 80
_QUESTION = {
    "case_number": "JL2018050200123", "application_date": "2018-05-02", "business_items": ["passport", "hkm_permit"],
    "purpose": "exit_entry_application", "operator": {"id": "op-0117", "name": "样例警员", "unit_code": "229901000000"},
    "subject": {"citizen_id": "229901201206011035", "name": "测试子"}, "materials": ["guardianship_proof"],
}  # fmt: skip


class _Transport(asyncio.Transport):
    """Where the answer goes."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = asyncio.get_running_loop().create_future()
        self.written = b""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)
        if not self.answered.done():
            self.answered.set_result(None)

    def writelines(self, parts: Any) -> None:
        self.write(b"".join(parts))

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing is open."""

    def pause_reading(self) -> None:
        """Everything is here already."""

    def resume_reading(self) -> None:
        """The same."""


GOOD = "a good request"


class Doorstep:
    """The door as it is served. Its handler reads the question and answers at once, so that the door is what costs."""

    def __init__(self, runner: Runner, signer: signatures.Signer, refused: list[str], entrance: Entrance) -> None:
        self.entrance = entrance
        self._runner = runner
        self._refused = refused
        self.signer = signer

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Self]:
        private, public = keys.new_ed25519()
        refused: list[str] = []
        known = {"k": Known(Consumer("counter", ()), keys.verifier("k", public))}
        ledger: Any = _Ledger()
        holder, clock = InProcess(keys.signer("gateway-answers", private)), SystemClock()
        hosts = Hosts((AUTHORITY,), [], clock, lambda: None)
        routes = (Route("POST", PATH.__eq__, _answer),)
        entrance = Entrance(Admission(Cost(cpu_seconds, clock.monotonic), 8.0, 1000))
        door = Door(routes, known, lambda: holder, hosts, ledger, clock, refused.append, entrance)
        runner = Runner(listeners.public(door, ledger, lambda: b"{}"), refused.append, linger_seconds=0)
        await runner.setup()
        try:
            yield cls(runner, keys.signer("k", private), refused, entrance)
        finally:
            await runner.cleanup()

    def giving(self, data: bytes, code: str) -> Callable[[], Awaitable[None]]:
        """Gives the bytes to a new connection, and fails unless the answer has this code."""
        server = self._runner.server
        assert server is not None

        async def once() -> None:
            transport, connection = _Transport(), server()
            self._refused.clear()
            connection.connection_made(transport)
            connection.data_received(data)
            await transport.answered
            connection.connection_lost(None)
            assert self._refused == ([code] if code else []), (self._refused, transport.written[:200])

        return once

    def request(self, body: bytes, **sent: str) -> bytes:
        """A good request, or with other headers than were signed."""
        digest, now = digests.content_digest(body), int(SystemClock().unix())
        values = dict(zip(VERIFY.components, ("POST", AUTHORITY, PATH, "application/json", digest), strict=True))
        given, made = signatures.sign(VERIFY, values, self.signer, now, now + 120, "n" * 22)
        headers = {
            "Host": AUTHORITY, "Content-Type": "application/json", "Content-Digest": digest, "Signature-Input": given,
            "Signature": made, **{name.replace("_", "-"): value for name, value in sent.items()},
        }  # fmt: skip
        return http1.message(f"POST {PATH} HTTP/1.1", headers, body)


class _Ledger:
    async def refused(self, *_: Any) -> None:
        """Writes nothing."""

    def arrival(self, consumer: str) -> int | None:
        return None

    async def writable(self) -> bool:
        return True


async def _answer(asked: Asked) -> Given:
    questions.read(asked.body)
    return Given(_ANSWER)


def hostile(door: Doorstep) -> dict[str, tuple[bytes, str]]:
    """By name, the good request first: bytes, and the code of the refusal."""
    body = json.dumps(_QUESTION, ensure_ascii=False).encode()
    good = door.request(body)
    head, _, _ = good.partition(b"\r\n\r\n")
    line = b"POST " + PATH.encode()
    chunked = re.sub(rb"Content-Length: \d+", b"Transfer-Encoding: chunked", head) + b"\r\n\r\n"
    big = b" " * (questions.MAX_BODY_BYTES - len(body)) + body
    invalid = "gw=:" + "A" * 86 + "==:"
    many = ", ".join(f"l{number}=()" for number in range(200))
    long = 'gw=("' + '" "'.join("x" * 500) + '")'
    return {
        GOOD: (good, ""),
        "H1 two lengths": (head + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + body, "framing"),
        "H3 a folded header": (head + b"\r\n folded\r\n\r\n" + body, "framing"),
        "H4 a foreign host": (door.request(body, Host="evil.example"), "authority_not_served"),
        "H4 another spelling": (good.replace(line, b"POST /v1/./verifications", 1), "not_found"),
        "H6 a query": (good.replace(line, line + b"?a=1", 1), "query_not_allowed"),
        "H7 another method": (good.replace(b"POST", b"PUT", 1), "method_not_allowed"),
        "H8 64 KiB + 1": (door.request(big + b" "), "body_too_large"),
        "H8 a chunk for each byte": (chunked + b"1\r\n \r\n" * 60_000 + b"0\r\n\r\n", "framing"),
        "H9 gzip": (door.request(body, Content_Encoding="gzip"), "content_encoding"),
        "H12 text/json": (door.request(body, Content_Type="text/json"), "content_type"),
        "H13 unsigned": (door.request(body, Signature="", Signature_Input=""), "signature_missing"),
        "H16 covers nothing": (good.replace(VERIFY.covered.encode(), b"()"), "coverage"),
        "H20 an unknown key": (good.replace(b'keyid="k"', b'keyid="j"'), "key"),
        "H24 created 2^53": (good.replace(b";created=", b";created=9007199254740992;x="), "signature_malformed"),
        "H32 a wrong signature": (door.request(body, Signature=invalid), "signature_invalid"),
        "H32 a wrong one over 64 KiB": (door.request(big, Signature=invalid), "signature_invalid"),
        "H35 another digest": (door.request(body, Content_Digest=digests.content_digest(b"")), "digest"),
        "H37 200 labels": (door.request(body, Signature_Input=many), "signature_count"),
        "H37 500 components": (door.request(body, Signature_Input=long), "signature_malformed"),
        "H37 a header of 8 kB": (door.request(body, Signature_Input='gw=("' + "x" * 8000), "signature_malformed"),
        "H37 a header of 20 kB": (door.request(body, Signature_Input="x" * 20_000), "framing"),
        "H41 a key twice": (door.request(body.replace(b'{"id"', b'{"id": "1", "id"')), "json_duplicate_key"),
        "H42 depth 60 000": (door.request(b"[" * 60_000), "json_depth"),
        "H42 60 000 brackets in order": (door.request(b"[" + b"[]," * 20_000 + b"1]"), "invalid_question"),
        "H42 5 000 digits": (door.request(b'{"deadline_ms": ' + b"9" * 5000 + b"}"), "json_number"),
        "H44 a wrong number": (door.request(body.replace(b"011035", b"011034")), "subject_format"),
        "H48 501 subjects": (door.request(b'{"subject": [' + b"{}," * 500 + b"{}]}"), "invalid_question"),
        "H52 unknown fields": (door.request(b'{"callback_url": 1, "a": 2, "b": 3}'), "invalid_question"),
        "a question of 64 KiB of space": (door.request(big), ""),
    }
