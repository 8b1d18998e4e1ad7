"""REST with JSON bodies, signed by RFC 9421 both ways, each reply bound to its request."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from yarl import URL

from gateway.calling.dialect import JSON, Opened, Prepared, json_payload
from gateway.calling.wire import Reply
from gateway.clock import Clock
from gateway.contract.openapi import RestOperation
from gateway.errors import BadSignature, NotBound
from gateway.mapping.requests import RequestBuilder
from gateway.model import Check, Intent
from gateway.security import digests, signatures
from gateway.security.presented import Presented, SignatureRefused, parse
from gateway.security.profiles import BOUND_TO_EXCHANGE, EXCHANGE, EXCHANGE_REPLY
from gateway.security.signatures import Signer, Verifier

LIFE_SECONDS = 60
REMEMBERED = 16
"""How many of our last requests a reply is held against, to tell a swapped reply from a forged one."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class RestCall:
    """One operation, compiled: the interface's side and the mapping's side of it."""

    interface: RestOperation
    request: RequestBuilder
    url: URL

    def body(self, check: Check, intent: Intent, request_id: str, now: float, account: Mapping[str, str]) -> bytes:
        """The request's JSON, compact."""
        tree = self.request.tree(check, intent, request_id, now, account)
        return _encode(tree).encode()


class SignedRest:
    """The dialect `rfc9421` of one channel."""

    def __init__(
        self,
        calls: Mapping[str, RestCall],
        account: Mapping[str, str],
        signer: Signer,
        verifier: Verifier,
        clock: Clock,
    ) -> None:
        self._calls = calls
        self._account = account
        self._signer = signer
        self._verifier = verifier
        self._clock = clock
        self._asked: deque[str] = deque(maxlen=REMEMBERED)

    def prepare(self, operation: str, check: Check, intent: Intent, request_id: str) -> Prepared:
        call, now = self._calls[operation], self._clock.unix()
        body = call.body(check, intent, request_id, now, self._account)
        digest = digests.content_digest(body)
        values = _request_values(call) | {'"content-type"': JSON, '"content-digest"': digest}
        created = int(now)
        given, signature = signatures.sign(
            EXCHANGE, values, self._signer, created, created + LIFE_SECONDS, self._clock.token()
        )
        headers = {"Content-Type": JSON, "Content-Digest": digest, "Signature-Input": given, "Signature": signature}
        binding = signatures.signature_text(signature)
        self._asked.append(binding)
        return Prepared(call.url, headers, body, binding)

    def open(self, operation: str, prepared: Prepared, reply: Reply) -> Opened:
        if reply.status != 200:
            return Opened(reply.status)
        call = self._calls[operation]
        self._verify(call, prepared, reply)
        return Opened(200, json_payload(reply, call.interface))

    def _verify(self, call: RestCall, prepared: Prepared, reply: Reply) -> None:
        headers = reply.headers
        try:
            digests.require(headers.getall("Content-Digest", []), reply.body)
            presented = parse(headers.getall("Signature-Input", []), headers.getall("Signature", []))
            signatures.check(presented, (EXCHANGE_REPLY,), self._clock.unix())
            values = {f"{component};req": value for component, value in _request_values(call).items()}
            values['"@status"'] = str(reply.status)
            values['"content-type"'] = headers.get("Content-Type", "")
            values['"content-digest"'] = headers.get("Content-Digest", "")
            self._hold_against(presented, values, prepared.binding)
        except SignatureRefused as error:
            raise BadSignature(f"their signature: {error.code}") from error

    def _hold_against(self, presented: Presented, values: dict[str, str], binding: str) -> None:
        try:
            signatures.verify(presented, values | {BOUND_TO_EXCHANGE: binding}, self._verifier)
        except SignatureRefused as error:
            if error.code == "signature_invalid" and self._answers_another(presented, values, binding):
                raise NotBound("their signature is right, for another question of ours") from error
            raise

    def _answers_another(self, presented: Presented, values: dict[str, str], binding: str) -> bool:
        for other in self._asked:
            if other != binding:
                try:
                    signatures.verify(presented, values | {BOUND_TO_EXCHANGE: other}, self._verifier)
                except SignatureRefused:
                    continue
                return True
        return False


def _request_values(call: RestCall) -> dict[str, str]:
    return {'"@method"': call.interface.method, '"@authority"': _authority(call.url), '"@path"': call.url.raw_path}


def _authority(url: URL) -> str:
    """RFC 9421 section 2.2.3: lower case, the default port left out."""
    host = (url.host or "").lower()
    return host if url.is_default_port() else f"{host}:{url.port}"
