"""The two clients: they send what `Conversation` builds and give it what came back; nothing else differs but `await`."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from gateway.client.answers import Accesses, Answer
from gateway.client.conversation import Conversation, GatewayKeys, PrivateKey, why
from gateway.client.errors import Unreached
from gateway.client.questions import Question
from gateway.clock import Clock


class Client:
    """Asks one gateway, blocking. Safe to share between threads; close it, or use it in a `with`.

    `tls` holds your own trust anchors (else certifi's). Proxies, .netrc and CA files of the environment are ignored:
    a question about a person takes no way that nobody configured here.
    """

    def __init__(
        self,
        base_url: str,
        *,
        keyid: str,
        private_key: PrivateKey,
        gateway_keys: GatewayKeys,
        clock: Clock | None = None,
        tls: ssl.SSLContext | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.conversation = Conversation(
            base_url, keyid=keyid, private_key=private_key, gateway_keys=gateway_keys, clock=clock
        )
        self._http = httpx.Client(auth=self.conversation.auth, verify=tls or True, trust_env=False, transport=transport)

    def verify(self, question: Question | Mapping[str, Any] | bytes, *, idempotency_key: str | None = None) -> Answer:
        """Asks one question. Raises what `gateway.client.errors` draws.

        With an `idempotency_key` it may be asked again after Unreached for a day: the same question gets the first answer.
        A UUID, or any 16 to 64 of `A-Z a-z 0-9 - _` that no other question of yours has.
        """
        return self._ask(self.conversation.question(question, idempotency_key))

    def get(self, verification_id: str) -> Answer:
        """The newest revision of a verification that this consumer asked for."""
        return self._ask(self.conversation.reading(verification_id))

    def receipt(self, verification_id: str) -> bytes:
        """The receipt of its newest revision: the file to keep, and to hand to `receipts.check` with the keys document."""
        return self.conversation.receipt(self._sent(self.conversation.receipt_reading(verification_id)))

    def accesses(
        self, citizen_id: str, *, case_numbers: Sequence[str] = (), limit: int | None = None, cursor: str | None = None
    ) -> Accesses:
        """One page of who asked about a person, for a consumer that may show it. `cursor`: `next` of the page before."""
        return self.conversation.accesses(
            self._sent(self.conversation.viewing(citizen_id, case_numbers, limit, cursor))
        )

    def _ask(self, request: httpx.Request) -> Answer:
        return self.conversation.answer(self._sent(request))

    def _sent(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._http.send(request)
        except httpx.HTTPError as error:
            failure = why(error)
        # Raised out here, without cause or context: httpx's error holds the request, and so the person.
        raise Unreached(failure)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient:
    """The same for asyncio: every promise of `Client` holds, with `await` and `async with`."""

    def __init__(
        self,
        base_url: str,
        *,
        keyid: str,
        private_key: PrivateKey,
        gateway_keys: GatewayKeys,
        clock: Clock | None = None,
        tls: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.conversation = Conversation(
            base_url, keyid=keyid, private_key=private_key, gateway_keys=gateway_keys, clock=clock
        )
        self._http = httpx.AsyncClient(
            auth=self.conversation.auth, verify=tls or True, trust_env=False, transport=transport
        )

    async def verify(
        self, question: Question | Mapping[str, Any] | bytes, *, idempotency_key: str | None = None
    ) -> Answer:
        """As `Client.verify`."""
        return await self._ask(self.conversation.question(question, idempotency_key))

    async def get(self, verification_id: str) -> Answer:
        """As `Client.get`."""
        return await self._ask(self.conversation.reading(verification_id))

    async def receipt(self, verification_id: str) -> bytes:
        """As `Client.receipt`."""
        return self.conversation.receipt(await self._sent(self.conversation.receipt_reading(verification_id)))

    async def accesses(
        self, citizen_id: str, *, case_numbers: Sequence[str] = (), limit: int | None = None, cursor: str | None = None
    ) -> Accesses:
        """As `Client.accesses`."""
        request = self.conversation.viewing(citizen_id, case_numbers, limit, cursor)
        return self.conversation.accesses(await self._sent(request))

    async def _ask(self, request: httpx.Request) -> Answer:
        return self.conversation.answer(await self._sent(request))

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._http.send(request)
        except httpx.HTTPError as error:
            failure = why(error)
        # Raised out here, without cause or context: see Client.
        raise Unreached(failure)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        await self.aclose()
