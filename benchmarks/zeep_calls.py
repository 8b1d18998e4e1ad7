"""The same SOAP call through zeep, as its documentation shows it: messages alone, and its AsyncClient over httpx.

It is not signed and its reply is not verified: WS-Security by the usual libraries comes on top (about 2 ms).
"""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Self

import httpx
import zeep
from lxml import etree
from zeep.loader import parse_xml
from zeep.proxy import AsyncServiceProxy
from zeep.transports import AsyncTransport

from benchmarks.parts import Parts
from gateway.contract.wsdl import SoapInterface

AUTHORITY, CHANNEL, OPERATION = "household_registry", "query", "national"


class ZeepCalls:
    """The national register's operation."""

    def __init__(self, parts: Parts) -> None:
        folder = parts.installed.authorities[AUTHORITY]
        contract = folder.contract.channels[CHANNEL]
        self._name = contract.operations[OPERATION].interface
        number = parts.people.holders[0].citizen_id
        self._values = {**parts.installed.endpoints[AUTHORITY][CHANNEL].account, "sfzh": number}
        self._http = httpx.AsyncClient(trust_env=False)
        with httpx.Client(trust_env=False) as loading:
            transport = AsyncTransport(client=self._http, wsdl_client=loading)
            self._client = zeep.AsyncClient(str(folder.path / contract.interface), transport=transport)
        ((_, service),) = self._client.wsdl.services.items()
        ((_, port),) = service.ports.items()
        self._operation = port.binding.get(self._name)
        interface = folder.interfaces[CHANNEL]
        assert isinstance(interface, SoapInterface)
        url = parts.installed.endpoints[AUTHORITY][CHANNEL].url + interface.path
        self._service = AsyncServiceProxy(self._client, port.binding, address=url)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    def write(self) -> bytes:
        """The request's bytes."""
        return etree.tostring(self._client.create_message(self._service, self._name, **self._values))

    def read(self, reply: bytes) -> Any:
        """What the reply's string holds, read loosely."""
        envelope = parse_xml(reply, self._client.transport, settings=self._client.settings)
        return json.loads(self._operation.process_reply(envelope))

    async def call(self) -> Any:
        """The whole call."""
        found = json.loads(await self._service[self._name](**self._values))
        assert found["list"]
        return found
