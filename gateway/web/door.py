"""The door of `/v1/`: who asks, whether the bytes are theirs, and a signature on every answer.

The order matters. Size and shape come first, because they cost nothing; the signature next, because nothing about a
request is believed or written before it; the nonce last, inside the ledger's transaction, so that a request with a wrong
signature burns nobody's nonce.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog
from aiohttp import web

from gateway.clock import Clock
from gateway.errors import Refused, Replayed, SignerDown, Unanswered, Unwritable
from gateway.ledger.ledger import Ledger
from gateway.logs import place_of
from gateway.model import SignedRequest
from gateway.security import digests, signatures
from gateway.security.grants import Consumer, Directory
from gateway.security.holders import KeyHolder
from gateway.security.presented import Presented, SignatureRefused, parse
from gateway.security.profiles import READ, VERIFY, Profile
from gateway.web import bodies, problems
from gateway.web.problems import refused
from gateway.web.sealing import Given, Seal, unsigned

_log = structlog.get_logger("gateway.web")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose signature verified: who sent it, the proof, and the exact bytes."""

    consumer: Consumer
    signed: SignedRequest
    path: str
    body: bytes = field(repr=False)


Handler = Callable[[Asked], Awaitable[Given]]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the API. `profiles` says what its signature must cover; with a body or without."""

    method: str
    matches: Callable[[str], bool]
    handler: Handler

    @property
    def takes_body(self) -> bool:
        return self.method == "POST"


class _Passage:
    """What is known so far of one request on its way through the door."""

    def __init__(self, authority: str) -> None:
        self.authority = authority
        self.presented: Presented | None = None
        """Set once the signature verified: the answer is bound to it from then on."""


class Door:
    """Serves every path under `/v1/`."""

    def __init__(
        self,
        routes: tuple[Route, ...],
        consumers: Directory,
        signer: Callable[[], KeyHolder],
        served_as: frozenset[str],
        ledger: Ledger,
        clock: Clock,
        count: Callable[[str], None],
        body_seconds: float = bodies.READ_SECONDS,
    ) -> None:
        self._routes = routes
        self._consumers = consumers
        self._seal = Seal(signer, clock)
        self._served_as = served_as
        self._ledger = ledger
        self._clock = clock
        self._count = count
        """Told the code of every refusal: metrics."""
        self._body_seconds = body_seconds

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The signed answer, whatever comes of the request."""
        passage = _Passage(min(self._served_as))
        try:
            given = await self._given(request, passage)
            return await self._seal.signed(request, passage.authority, passage.presented, given)
        except SignerDown as error:
            _log.error("signer.down", why=str(error))
            return unsigned(self._refusal(refused("signer_unavailable", Retry_After="5")))

    async def _given(self, request: web.Request, passage: _Passage) -> Given:
        try:
            return await self._enter(request, passage)
        except Refused as refusal:
            return self._refusal(refusal)
        except Replayed:
            return self._refusal(refused("replay"))
        except Unanswered:
            _log.error("ledger.unwritable")
            return self._refusal(refused("answer_unrecorded", Retry_After="5"))
        except Unwritable:
            _log.error("ledger.unwritable")
            return self._refusal(refused("audit_unavailable", Retry_After="5"))
        except SignerDown:
            raise
        except Exception as error:
            _log.error("request.broke", error=place_of(error))
            return self._refusal(refused("internal"))

    def _refusal(self, refusal: Refused) -> Given:
        self._count(refusal.code)
        return Given(problems.document(refusal), refusal.http_status, problems.CONTENT_TYPE, refusal.headers)

    async def _enter(self, request: web.Request, passage: _Passage) -> Given:
        path = request.raw_path
        passage.authority = self._authority(request, path)
        if "?" in path:
            raise refused("query_not_allowed")
        route = self._route(request.method, path)
        if "Idempotency-Key" in request.headers:
            raise refused("idempotency_key")
        body = await bodies.read(request, takes_body=route.takes_body, seconds=self._body_seconds)
        asked = self._known(request, passage, route, path, body)
        trying = self._seal.ready()
        if trying is not None:
            await (
                trying
            )  # before anybody is asked about a person: an answer that cannot be signed is no use to the counter
        try:
            return await route.handler(asked)
        except Refused as refusal:
            # The signature was right, so the refusal is theirs: it is written down and spends the nonce.
            await self._ledger.refused(asked.consumer.name, asked.signed, refusal.code)
            raise

    def _authority(self, request: web.Request, path: str) -> str:
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or hosts[0].lower() not in self._served_as or not path.startswith("/"):
            raise refused("authority_not_served")
        return hosts[0].lower()

    def _route(self, method: str, path: str) -> Route:
        here = [route for route in self._routes if route.matches(path)]
        if not here:
            raise refused("not_found")
        for route in here:
            if route.method == method:
                return route
        raise refused("method_not_allowed", Allow=", ".join(route.method for route in here))

    def _known(self, request: web.Request, passage: _Passage, route: Route, path: str, body: bytes) -> Asked:
        profiles = (VERIFY,) if route.takes_body else (READ,)
        headers, values = request.headers, _values(request, passage.authority, path)
        presented: Presented | None = None
        try:
            presented = parse(headers.getall("Signature-Input", []), headers.getall("Signature", []))
            signatures.check(presented, profiles, self._clock.unix())
            known = self._consumers.get(presented.keyid)
            if known is None:
                raise SignatureRefused("key", signatures.KEY_REFUSED)
            if route.takes_body:
                digests.require(headers.getall("Content-Digest", []), body)
            signatures.verify(presented, values, known.verifier)
        except SignatureRefused as error:
            raise _unauthorised(error, profiles[0], _shown(error, presented, values)) from None
        passage.presented = presented
        # Our own digest of the bytes: on a read the header is not covered, and what is not signed is not written down.
        digest = digests.content_digest(body) if route.takes_body else ""
        signed = SignedRequest(
            presented.keyid, presented.nonce, presented.expires, digest, presented.signature_text.strip(":")
        )
        return Asked(known.consumer, signed, path, body)


def _unauthorised(error: SignatureRefused, wanted: Profile, shown: tuple[tuple[str, str], ...]) -> Refused:
    accept = f'{wanted.label}={wanted.covered};created;expires;nonce;keyid;alg;tag="{wanted.tag}"'
    return refused(error.code, error.detail, signature_base=shown, Accept_Signature=accept)


def _shown(
    error: SignatureRefused, presented: Presented | None, values: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """The digest of each line of the signature base as we rebuilt it, where a good key's signature is not over it."""
    if presented is None or error.code != "signature_invalid":
        return ()
    return signatures.fingerprints(signatures.lines(presented.components, values, presented.params_text))


def _values(request: web.Request, authority: str, path: str) -> dict[str, str]:
    values = {'"@method"': request.method, '"@authority"': authority, '"@path"': path}
    for name in ("content-type", "content-digest"):
        lines = request.headers.getall(name, [])
        if lines:
            values[f'"{name}"'] = ", ".join(line.strip(" \t") for line in lines)
    return values
