"""Signs each request and verifies each answer, as an httpx auth flow: a generator, so one class serves sync and async."""

from __future__ import annotations

from collections.abc import Generator, Mapping

import httpx

from gateway.client.errors import AnswerNotTrusted, Unsendable
from gateway.clock import Clock
from gateway.security.digests import content_digest, require
from gateway.security.keys import Signer, Verifier, verifier_named
from gateway.security.profiles import ANSWER, ANSWER_BOUND, BOUND_TO_QUESTION, READ, VERIFY, VERIFY_KEYED, Profile
from gateway.security.signatures import SignatureRefused, check, parse, sign, signature_text, verify

VALID_SECONDS = 60
"""How long a request's signature holds; the profile allows 120."""

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class GatewayAuth(httpx.Auth):
    """For any httpx client: `httpx.Client(auth=GatewayAuth(...))`.

    Covers `gdx-verify-v1` when there is a body (with `idempotency-key` when that header is set) and `gdx-read-v1` when
    there is none; sets Content-Digest, Signature-Input, Signature and `Accept-Encoding: identity`.

    Raises Unsendable before anything is sent, and AnswerNotTrusted for every answer that is not signed by one of
    `verifiers` for this method, authority and path; a 2xx answer must be bound to this request's own signature.
    """

    requires_request_body = True
    requires_response_body = True

    def __init__(self, signer: Signer, verifiers: Mapping[str, Verifier], clock: Clock) -> None:
        self._signer = signer
        self._verifiers = dict(verifiers)
        self._clock = clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        asked = self.signed(request)
        response = yield request
        try:
            self._require_trust(response, asked)
        except SignatureRefused as refused:
            raise AnswerNotTrusted(refused.code, refused.detail, response.status_code) from refused

    def signed(self, request: httpx.Request) -> dict[str, str]:
        """Puts the signature on the request; gives what an answer to it must cover, by component identifier.

        For those who send it themselves; `httpx.Client(auth=...)` calls it. Raises Unsendable.
        """
        values = {'"@method"': request.method, '"@authority"': authority(request), '"@path"': path(request)}
        asked = {f"{component};req": value for component, value in values.items()}
        profile = _profile(request)
        if profile is not READ:
            request.headers["Content-Digest"] = content_digest(request.content)
        for component in profile.components[len(values) :]:
            values[component] = ", ".join(request.headers.get_list(component.strip('"')))
        created = int(self._clock.unix())
        try:
            signature_input, signature = sign(
                profile, values, self._signer, created, created + VALID_SECONDS, self._clock.token()
            )
        except SignatureRefused as refused:
            raise Unsendable(refused.detail) from refused
        request.headers["Signature-Input"] = signature_input
        request.headers["Signature"] = signature
        # The digest is over the bytes as sent, and httpx shows a compressed body only unpacked.
        request.headers["Accept-Encoding"] = "identity"
        return {**asked, BOUND_TO_QUESTION: signature_text(signature)}

    def _require_trust(self, response: httpx.Response, asked: Mapping[str, str]) -> None:
        headers = response.headers
        presented = parse(headers.get_list("signature-input"), headers.get_list("signature"))
        # A refusal may be unbound (the gateway could not verify who asked); an answer about a person never is.
        profiles = (ANSWER_BOUND,) if response.is_success else (ANSWER_BOUND, ANSWER)
        check(presented, profiles, self._clock.unix())
        if "content-encoding" in headers:
            raise SignatureRefused("digest", "the answer is compressed, so its bytes as sent cannot be checked")
        require(headers.get_list("content-digest"), response.content)
        values = {
            **asked,
            '"@status"': str(response.status_code),
            '"content-type"': ", ".join(headers.get_list("content-type")),
            '"content-digest"': headers["content-digest"],
        }
        verify(presented, values, verifier_named(presented.keyid, self._verifiers))


def authority(request: httpx.Request) -> str:
    """`@authority` (RFC 9421 section 2.2.3): the Host field as httpx sends it, lower case, without a default port."""
    return request.headers["Host"].lower().removesuffix(_DEFAULT_PORTS.get(request.url.scheme, ":"))


def path(request: httpx.Request) -> str:
    """`@path`: the raw target, never empty. Raises Unsendable for a query, which the gateway takes on no route."""
    target = request.url.raw_path.decode("ascii")
    if "?" in target:
        raise Unsendable("the URL has a query; everything that is asked stands in the body")
    return target


def _profile(request: httpx.Request) -> Profile:
    if not request.content:
        return READ
    if "content-type" not in request.headers:
        raise Unsendable("a request with a body needs a Content-Type")
    return VERIFY_KEYED if "idempotency-key" in request.headers else VERIFY
