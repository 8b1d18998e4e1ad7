"""The door of `/v1/`: who asks, whether the bytes are theirs, and a signature on every answer.

The order matters. Size, shape and whether there is room come first, because they cost nothing; the signature next, because
nothing about a request is believed or written before it, nor given a place; the nonce last, inside the ledger's
transaction, so that a request with a wrong signature burns nobody's nonce.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import structlog
from aiohttp import web

from gateway.clock import Clock
from gateway.errors import CaseBound, Limited, OverBudget, Refused, Replayed, SignerDown, Unanswered, Unwritable
from gateway.ledger.ledger import Ledger
from gateway.logs import place_of
from gateway.model import USUAL_LIMITS, Limits, SignedRequest
from gateway.security import idempotency, inspection
from gateway.security.grants import Directory, Known
from gateway.security.holders import KeyHolder
from gateway.security.presented import Presented
from gateway.security.profiles import Profile
from gateway.security.signatures import Verifier
from gateway.web import bodies, limited, preferring, problems
from gateway.web.admission import Lane
from gateway.web.asked import Asked, Route
from gateway.web.entrance import Entrance, named_lane
from gateway.web.hosts import Hosts
from gateway.web.problems import refused
from gateway.web.sealing import Given, Seal, unsigned
from gateway.web.server_timing import Stopwatch

_log = structlog.get_logger("gateway.web")


class _Passage:
    """What is known so far of one request on its way through the door."""

    def __init__(self, authority: str, watch: Stopwatch) -> None:
        self.authority = authority
        self.watch = watch
        self.known: Known | None = None
        """Whose key it names, looked up once: the files may be read anew at any moment."""
        self.presented: Presented | None = None
        """Set once the signature verified: the answer is bound to it from then on."""
        self.asked: Asked | None = None
        """Set then, too: the answer says what the consumer has left."""
        self.lane: Lane | None = None
        """Set while it has a place."""


class Door:
    """Serves every path under `/v1/`."""

    def __init__(
        self,
        routes: tuple[Route, ...],
        consumers: Directory,
        signer: Callable[[], KeyHolder],
        hosts: Hosts,
        ledger: Ledger,
        clock: Clock,
        count: Callable[[str], None],
        entrance: Entrance,
        body_seconds: float = bodies.READ_SECONDS,
        usual: Limits = USUAL_LIMITS,
    ) -> None:
        self._routes = routes
        self._consumers = consumers
        self._seal = Seal(signer, clock)
        self._hosts = hosts
        self._ledger = ledger
        self._clock = clock
        self._count = count
        """Told the code of every refusal: metrics."""
        self.entrance = entrance
        self._body_seconds = body_seconds
        self._usual = usual

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The signed answer, whatever comes of the request."""
        passage = _Passage(self._hosts.first, Stopwatch(self._clock.monotonic))
        try:
            response = await self._answer(request, passage)
        finally:
            if passage.lane is not None:
                self.entrance.leave(passage.lane)
            self.entrance.admission.cost.ended(was_let_in=passage.lane is not None)
        response.headers["Server-Timing"] = passage.watch.header()
        if self.entrance.is_announced:
            response.force_close()  # so that whoever asked comes back to another one
        return response

    async def _answer(self, request: web.Request, passage: _Passage) -> web.Response:
        try:
            given = await self._given(request, passage)
            return await self._seal.signed(
                request, passage.authority, passage.presented, self._with_limits(passage, given)
            )
        except SignerDown as error:
            _log.error("signer.down", why=str(error))
            return unsigned(self._refusal(refused("signer_unavailable", Retry_After="5")))

    async def _given(self, request: web.Request, passage: _Passage) -> Given:
        try:
            return await self._enter(request, passage)
        except SignerDown:
            raise
        except Refused as refusal:
            return self._refusal(refusal)
        except Limited as error:
            return self._refusal(limited.refusal(error))
        except Replayed:
            return self._refusal(refused("replay"))
        except Unanswered:
            _log.error("ledger.unwritable")
            return self._refusal(refused("answer_unrecorded", Retry_After="5"))
        except Unwritable:
            _log.error("ledger.unwritable")
            return self._refusal(refused("audit_unavailable", Retry_After="5"))
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
        key = _idempotency_key(request, route)
        self.entrance.require_room(named_lane(request.headers.get("Signature-Input", ""), self._consumers))
        body = await bodies.read(request, takes_body=route.takes_body, seconds=self._body_seconds)
        asked = passage.asked = self._known(request, passage, route, body, key)
        lane = Lane(asked.consumer.lane)
        passage.watch.ended("door")
        # Now that it is known whose it is; nothing is written down of a request that finds no place, and no nonce is spent.
        await self.entrance.enter(lane)
        passage.lane = lane
        passage.watch.ended("queue")
        trying = self._seal.ready()
        if trying is not None:
            # Before anybody is asked about a person: an answer that cannot be signed is no use to the counter.
            await trying
        try:
            given = await route.handler(asked)
            passage.watch.ended("work")
            return given
        except (Refused, OverBudget, CaseBound) as refusal:
            # The signature was right, so the refusal is theirs: it is written down and spends the nonce.
            await self._ledger.refused(asked.consumer.name, asked.signed, refusal.code)
            raise

    def _authority(self, request: web.Request, path: str) -> str:
        authority = self._hosts.of(request)
        if authority is None or not path.startswith("/"):
            raise refused("authority_not_served")
        return authority

    def _route(self, method: str, path: str) -> Route:
        here = [route for route in self._routes if route.matches(path)]
        if not here:
            raise refused("not_found")
        for route in here:
            if route.method == method:
                return route
        raise refused("method_not_allowed", Allow=", ".join(route.method for route in here))

    def _known(
        self, request: web.Request, passage: _Passage, route: Route, body: bytes, idempotency_key: str | None
    ) -> Asked:
        path = request.raw_path
        received = inspection.received(
            request.method,
            passage.authority,
            path,
            lambda name: request.headers.getall(name, []),
            body if route.takes_body else None,
        )
        inspected = inspection.inspect(received, self._clock.unix(), lambda keyid: self._verifier(passage, keyid))
        if isinstance(inspected, inspection.Disbelieved):
            raise _unauthorised(inspected, received.profile)
        presented, known = inspected.presented, passage.known
        assert known is not None, "a signature is believed by a key alone"
        passage.presented = presented
        proof, limits = presented.signature_text.strip(":"), known.consumer.limits(self._usual)
        # Our own digest of the bytes: on a read the header is not covered, and what is not signed is not written down.
        sha256 = hashlib.sha256(body).digest()
        signed = SignedRequest(
            presented.keyid,
            presented.nonce,
            presented.created,
            presented.expires,
            sha256,
            proof,
            limits,
            idempotency_key,
        )
        wait_seconds = preferring.wait_of(request.headers.getall("Prefer", ()))
        return Asked(known.consumer, signed, path, body, wait_seconds)

    def _verifier(self, passage: _Passage, keyid: str) -> Verifier | None:
        passage.known = self._consumers.get(keyid)
        return passage.known.verifier if passage.known is not None else None

    def _with_limits(self, passage: _Passage, given: Given) -> Given:
        """Says what a consumer that we know has left."""
        if (asked := passage.asked) is None:
            return given
        arrival = self._ledger.arrival(asked.consumer.name)
        return given.saying(limited.fields(asked.signed.limits, arrival, self._clock.unix()))


def _idempotency_key(request: web.Request, route: Route) -> str | None:
    lines = request.headers.getall(idempotency.HEADER, [])
    if lines and not route.is_repeatable:
        raise refused("idempotency_key", "Idempotency-Key is not honoured on this route")
    try:
        return idempotency.read(lines)
    except idempotency.NoKey:
        raise refused("idempotency_key") from None


def _unauthorised(found: inspection.Disbelieved, wanted: Profile) -> Refused:
    """Which check failed, and the digest of each line of the signature base as we rebuilt it (none for a key)."""
    accept = f'{wanted.label}={wanted.covered};created;expires;nonce;keyid;alg;tag="{wanted.tag}"'
    return refused(found.refusal.code, found.refusal.detail, signature_base=found.shown, Accept_Signature=accept)
