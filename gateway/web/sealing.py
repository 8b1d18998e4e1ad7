"""The signature on every answer, by whoever holds the key that is active now; and the one kind of answer without any."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from aiohttp import web

from gateway.clock import Clock
from gateway.security import digests, signatures
from gateway.security.holders import KeyHolder
from gateway.security.presented import Presented
from gateway.security.profiles import ANSWER, ANSWER_BOUND, BOUND_TO_QUESTION

ANSWER_LIFE_SECONDS = 120

_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Given:
    """An answer before it is signed."""

    body: bytes
    status: int = 200
    content_type: str = _JSON
    headers: Mapping[str, str] | None = None

    def saying(self, more: Mapping[str, str]) -> Given:
        """With these headers besides."""
        return replace(self, headers={**(self.headers or {}), **more})


class Seal:
    """Signs answers. `holder` gives who signs now: another one after a rotation."""

    def __init__(self, holder: Callable[[], KeyHolder], clock: Clock) -> None:
        self._holder = holder
        self._clock = clock

    def ready(self) -> Awaitable[None] | None:
        """As `KeyHolder.ready`."""
        return self._holder().ready()

    async def signed(
        self, request: web.Request, authority: str, presented: Presented | None, given: Given
    ) -> web.Response:
        """The answer, bound to the request's signature where that verified. Raises SignerDown."""
        digest = digests.content_digest(given.body)
        values = {
            '"@status"': str(given.status),
            '"content-type"': given.content_type,
            '"content-digest"': digest,
            '"@method";req': request.method,
            '"@authority";req': authority,
            '"@path";req': _ascii(request.raw_path.partition("?")[0]) or "/",
        }
        profile = ANSWER
        if presented is not None:
            profile = ANSWER_BOUND
            values[BOUND_TO_QUESTION] = presented.signature_text
        created, holder = int(self._clock.unix()), self._holder()
        expires = created + ANSWER_LIFE_SECONDS
        unsigned_ = signatures.unsigned(profile, values, holder, created, expires, self._clock.token())
        made = holder.sign(unsigned_.base)
        signature_input, signature = unsigned_.signed(made if isinstance(made, bytes) else await made)
        return _response(given, {"Content-Digest": digest, "Signature-Input": signature_input, "Signature": signature})


def unsigned(given: Given) -> web.Response:
    """For the one refusal that says that nothing can be signed: a fixed document that nobody can take for an answer."""
    return _response(given, {})


def _response(given: Given, proof: Mapping[str, str]) -> web.Response:
    headers = {"Content-Type": given.content_type, **proof, "Cache-Control": "no-store", **(given.headers or {})}
    response = web.Response(body=given.body, status=given.status, headers=headers)
    if "Connection" in headers:
        response.force_close()  # the header alone would leave the connection open
    return response


def _ascii(path: str) -> str:
    """The path as the answer's signature covers it; bytes that no signature base can hold are left out of it."""
    return "".join(char for char in path if " " < char <= "~")
