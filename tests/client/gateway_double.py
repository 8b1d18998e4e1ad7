"""A gateway that signs as the real one does, and one way to ask it, through the blocking and the asyncio client alike."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import respx

from gateway.client import Accesses, Answer, AsyncClient, Cases, Client
from gateway.clock import Clock
from gateway.security import keys
from gateway.security.digests import content_digest, require
from gateway.security.profiles import ANSWER, ANSWER_BOUND, BOUND_TO_QUESTION, READ, VERIFY, VERIFY_KEYED
from gateway.security.signatures import Presented, check, parse, sign, verify

NOW: Final = 1795392000.5
CONSUMER: Final = keys.new_ed25519()
GATEWAY: Final = keys.new_ed25519()
STRANGER: Final = keys.new_ed25519()


class StillClock:
    """Keeps the promises of `gateway.clock.Clock` and moves only when told."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now
        self.tokens = 0

    def unix(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def token(self) -> str:
        self.tokens += 1
        return f"{self.tokens:022d}"

    def identifier(self) -> str:
        return "01a2b3c4-0000-7000-8000-000000000000"


QUESTION: Final[dict[str, Any]] = {
    "case_number": "JL2018050200123",
    "application_date": "2018-05-02",
    "business_items": ["passport", "hkm_permit"],
    "purpose": "exit_entry_application",
    "operator": {"id": "op-0117", "name": "赵六", "unit_code": "229901000000"},
    "subject": {"citizen_id": "229901201206011035", "name": "古丽·买买提"},
    "deadline_ms": 8000,
}

ANSWER_DOCUMENT: Final[dict[str, Any]] = {
    "verification_id": "01a2b3c4-0000-7000-8000-000000000001",
    "revision": 1,
    "outcome": "complete",
    "policy": "jilin-2018-05",
    "answered_at": "2018-05-02T01:02:03.456Z",
    "as_of": "2018-05-02",
    "materials": [
        {
            "material": "guardianship_proof",
            "verdict": "confirmed",
            "disposition": "waived",
            "reason": "registry_guardian",
            "message": {"zh": "无需提交", "en": "Not needed"},
            "retry_after_seconds": None,
            "sources": [
                {
                    "authority": "household_registry",
                    "channel": "query",
                    "status": "answered",
                    "attempts": 1,
                    "elapsed_ms": 41,
                    "request_grade": "B",
                    "reply_grade": None,
                    "evidence": ["e1"],
                }
            ],
        }
    ],
    "receipt": {"entry_id": "entry-1", "entry_hash": "00ff"},
}


@dataclass
class GatewayDouble:
    """Verifies each request as the gateway does, then answers as it was told. Every knob is one lie."""

    clock: Clock
    authority: str = "gw.example"
    status: int = 200
    document: Any = field(default_factory=lambda: ANSWER_DOCUMENT)
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    keyid: str = "gw-2026"
    private: bytes = GATEWAY[0]
    is_signed: bool = True
    is_bound: bool = True
    ages_seconds: int = 0
    bound_to: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    spoil: Callable[[httpx.Response], httpx.Response] = lambda response: response
    seen: list[httpx.Request] = field(default_factory=list)
    presented: list[Presented] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        self.presented.append(self.verified(request))
        body = self.document if isinstance(self.document, bytes) else json.dumps(self.document).encode()
        headers = {"Content-Type": self.media_type, "Content-Digest": content_digest(body), **self.headers}
        if self.is_signed:
            headers["Signature-Input"], headers["Signature"] = self.signature(headers)
        return self.spoil(httpx.Response(self.status, headers=headers, content=body))

    def verified(self, request: httpx.Request) -> Presented:
        presented = parse(request.headers.get_list("signature-input"), request.headers.get_list("signature"))
        profile = VERIFY_KEYED if "idempotency-key" in request.headers else VERIFY if request.content else READ
        assert check(presented, (profile,), self.clock.unix()) is profile
        if request.content:
            require(request.headers.get_list("content-digest"), request.content)
        verify(presented, self.asked(request), keys.verifier("intake-01", CONSUMER[1]))
        return presented

    def signature(self, headers: dict[str, str]) -> tuple[str, str]:
        values = {f"{name};req": value for name, value in self.asked(self.seen[-1]).items()}
        values |= {
            '"@status"': str(self.status),
            '"content-type"': headers["Content-Type"],
            '"content-digest"': headers["Content-Digest"],
            BOUND_TO_QUESTION: self.bound_to or self.presented[-1].signature_text,
            **self.values,
        }
        created = int(self.clock.unix()) - self.ages_seconds
        profile = ANSWER_BOUND if self.is_bound else ANSWER
        return sign(profile, values, keys.signer(self.keyid, self.private), created, created + 60, "n" * 22)

    def asked(self, request: httpx.Request) -> dict[str, str]:
        return {
            '"@method"': request.method,
            '"@authority"': self.authority,
            '"@path"': request.url.raw_path.decode(),
            **{f'"{name.lower()}"': value for name, value in request.headers.items()},
        }


class Asking:
    """`verify` and `get` of either client, as plain calls."""

    def __init__(self, kind: str, router: respx.MockRouter, clock: StillClock) -> None:
        self.kind = kind
        self.router = router
        self.arguments: dict[str, Any] = {
            "base_url": "https://gw.example",
            "keyid": "intake-01",
            "private_key": CONSUMER[0],
            "gateway_keys": {"gw-2026": GATEWAY[1]},
            "clock": clock,
        }

    def verify(self, question: Any = None, **options: Any) -> Answer:
        return self._ask("verify", QUESTION if question is None else question, **options)

    def get(self, verification_id: str = ANSWER_DOCUMENT["verification_id"]) -> Answer:
        return self._ask("get", verification_id)

    def receipt(self, verification_id: str) -> bytes:
        return self._ask("receipt", verification_id)

    def search(self, case_number: str, **options: Any) -> Cases:
        return self._ask("search", case_number, **options)

    def find(self, found: Any, verification_id: str = ANSWER_DOCUMENT["verification_id"]) -> Answer:
        return self._ask("find", verification_id, found)

    def accesses(self, citizen_id: str, **options: Any) -> Accesses:
        return self._ask("accesses", citizen_id, **options)

    def _ask(self, name: str, *arguments: Any, **options: Any) -> Any:
        if self.kind == "async":
            return asyncio.run(self._ask_async(name, *arguments, **options))
        transport = httpx.MockTransport(self.router.handler)
        with Client(**self.arguments, transport=transport) as client:
            return getattr(client, name)(*arguments, **options)

    async def _ask_async(self, name: str, *arguments: Any, **options: Any) -> Any:
        transport = httpx.MockTransport(self.router.async_handler)
        async with AsyncClient(**self.arguments, transport=transport) as client:
            return await getattr(client, name)(*arguments, **options)
