"""The two clients: they send what `Conversation` builds and give it what came back; nothing else differs but `await`."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from gateway.client.answers import Accesses, Answer
from gateway.client.cases import Cases
from gateway.client.conversation import TRIES, Conversation, GatewayKeys, PrivateKey, why
from gateway.client.errors import Unreached
from gateway.client.questions import OfficerFound, Question
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

        With an `idempotency_key` a lost reply is had again: it is sent at most three times, signed anew, before Unreached;
        and you may ask again for a day, as after Problem `in_progress`. The same question gets the first answer.
        A UUID, or any 16 to 64 of `A-Z a-z 0-9 - _` that no other question of yours has.
        """
        request = self.conversation.question(question, idempotency_key)
        return self._ask(request, 1 if idempotency_key is None else TRIES)

    def get(self, verification_id: str) -> Answer:
        """The newest revision of a verification that this consumer asked for."""
        return self._ask(self.conversation.reading(verification_id))

    def search(self, case_number: str, *, cursor: str | None = None) -> Cases:
        """One page of what this consumer asked about a case, newest first. `cursor`: `next` of the page before."""
        return self.conversation.cases(self._sent(self.conversation.searching(case_number, cursor)))

    def find(self, verification_id: str, found: OfficerFound | Mapping[str, Any]) -> Answer:
        """Adds what an officer found; gives the revision that it makes. After Unreached look with `get` whether it is there."""
        return self._ask(self.conversation.finding(verification_id, found))

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

    def _ask(self, request: httpx.Request, tries: int = 1) -> Answer:
        for _ in range(tries - 1):
            with contextlib.suppress(Unreached):
                return self.conversation.answer(self._sent(request))
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
        request = self.conversation.question(question, idempotency_key)
        return await self._ask(request, 1 if idempotency_key is None else TRIES)

    async def get(self, verification_id: str) -> Answer:
        """As `Client.get`."""
        return await self._ask(self.conversation.reading(verification_id))

    async def search(self, case_number: str, *, cursor: str | None = None) -> Cases:
        """As `Client.search`."""
        return self.conversation.cases(await self._sent(self.conversation.searching(case_number, cursor)))

    async def find(self, verification_id: str, found: OfficerFound | Mapping[str, Any]) -> Answer:
        """As `Client.find`."""
        return await self._ask(self.conversation.finding(verification_id, found))

    async def receipt(self, verification_id: str) -> bytes:
        """As `Client.receipt`."""
        return self.conversation.receipt(await self._sent(self.conversation.receipt_reading(verification_id)))

    async def accesses(
        self, citizen_id: str, *, case_numbers: Sequence[str] = (), limit: int | None = None, cursor: str | None = None
    ) -> Accesses:
        """As `Client.accesses`."""
        request = self.conversation.viewing(citizen_id, case_numbers, limit, cursor)
        return self.conversation.accesses(await self._sent(request))

    async def _ask(self, request: httpx.Request, tries: int = 1) -> Answer:
        for _ in range(tries - 1):
            with contextlib.suppress(Unreached):
                return self.conversation.answer(await self._sent(request))
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
