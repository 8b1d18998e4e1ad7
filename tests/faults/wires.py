"""The five channels as bytes on a socket: one signed request each, and whether a reply's signature holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from xml.etree import ElementTree

from cryptography.exceptions import InvalidSignature
from lxml import etree

from gateway.contract.folders import AuthorityFolder
from gateway.contract.people import Cast
from mocks.clock import MockClock
from mocks.server import Mocks
from mocks.ws_security import SecurityRefused, WsSecurity
from tests.mocks import platform_caller
from tests.mocks.asking import APP_KEY, REQUESTER, REST, Keys, Signed, permit_question, proof_question, signed_part
from tests.mocks.asking import Reply as Read
from tests.mocks.platform_caller import SERVICES, SOAP_PATH, months_question, proof, year_question

CHANNELS = {
    ("residence_permit", "share"): ("P12",),
    ("guardianship_archive", "share"): ("M01", "A01"),
    ("household_registry", "query"): ("P01",),
    ("social_insurance", "share"): ("P08",),
    ("social_insurance", "query"): ("P08",),
}
"""By authority and channel: whom the tests ask about, and of whom there is a record."""


@dataclass(frozen=True)
class Raw:
    """What came over a connection before it ended, and whether it ended with a reset."""

    data: bytes
    is_reset: bool

    @property
    def status(self) -> int:
        return int(self.data.split(b" ", 2)[1])

    @property
    def headers(self) -> dict[str, str]:
        lines = self.data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]

    @property
    def is_whole(self) -> bool:
        return not self.is_reset and self.headers.get("Content-Length") == str(len(self.body))


@dataclass
class Wire:
    """One channel's caller."""

    authority: str
    channel: str
    mocks: Mocks
    keys: Keys
    cast: Cast
    folders: Mapping[str, AuthorityFolder]
    secret: str = ""
    sent: dict[str, str] = field(default_factory=dict)
    """The last request's headers."""

    @property
    def people(self) -> tuple[str, ...]:
        return CHANNELS[self.authority, self.channel]

    @property
    def is_soap(self) -> bool:
        return self.channel == "query"

    @property
    def number(self) -> str:
        return self.cast.people[self.people[0]].citizen_id

    @property
    def origin(self) -> str:
        return self.mocks.url(self.authority, self.channel).removeprefix("http://")

    async def ask(self) -> Raw:
        if self.authority == "social_insurance" and not self.secret:
            await self.refresh()
        path, headers, body = self.request()
        self.sent = headers
        return await exchanged(self.origin, "POST", path, headers, body)

    async def refresh(self) -> Raw:
        """A new secret, where the reply holds one."""
        values = self.values(APP_KEY)
        body = json.dumps(values).encode()
        raw = await exchanged(self.origin, "POST", platform_caller.REFRESH, {"Content-Type": "application/json"}, body)
        if raw.data and raw.is_whole and raw.status == 200:
            self.secret = platform_caller.unwrapped(json.loads(raw.body)["data"]["secret"])
        return raw

    def values(self, key: str) -> dict[str, str]:
        rtime, service = str(int(self.mocks.clock.unix() * 1000)), SERVICES[self.channel]
        made = {"rid": REQUESTER, "sid": service, "rtime": rtime, "sign": proof(key, service, REQUESTER, rtime)}
        return {f"gjgxjhpt_{name}": value for name, value in made.items()}

    def request(self) -> tuple[str, dict[str, str], bytes]:
        if self.authority == "household_registry":
            return self._registry()
        if self.authority == "social_insurance" and self.is_soap:
            body = platform_caller.envelope(year_question(self.number, "2018"), self.values(self.secret))
            return SOAP_PATH, {"Content-Type": "text/xml; charset=utf-8"}, body
        if self.authority == "social_insurance":
            body = json.dumps(months_question(self.number)).encode()
            return "/httpproxy", {"Content-Type": "application/json", **self.values(self.secret)}, body
        numbers = [self.cast.people[key].citizen_id for key in self.people]
        question = permit_question(*numbers) if self.authority == "residence_permit" else proof_question(*numbers)
        body, now = json.dumps(question).encode(), int(self.mocks.clock.unix())
        path = REST[self.authority]
        return path, Signed(body, path, self.origin, self.keys.caller, created=now).headers(), body

    def _registry(self) -> tuple[str, dict[str, str], bytes]:
        interface: Any = self.folders["household_registry"].interfaces["query"]
        operation = interface.operations["queryRkjbxxBysfz"]
        parts = {"pcsbm": "1", "sbh": "2", "md5": "3", "sfzh": self.number, "type": "1"}
        soap = "http://schemas.xmlsoap.org/soap/envelope/"
        envelope = etree.fromstring(
            b'<s:Envelope xmlns:s="%s"><s:Header/><s:Body>%s</s:Body></s:Envelope>'
            % (soap.encode(), operation.render(parts))
        )
        self._security(as_caller=True).protect(envelope)
        return interface.path, {"Content-Type": "text/xml; charset=utf-8"}, etree.tostring(envelope)

    def _security(self, *, as_caller: bool) -> WsSecurity:
        mine = self.keys.soap()
        swapped = replace(
            mine, private_pem=_pem(self.keys.soap_caller), certificate_pem=mine.caller_certificate_pem,
            caller_certificate_pem=mine.certificate_pem,
        )  # fmt: skip
        return WsSecurity(swapped if as_caller else mine, self.mocks.clock)

    def verifies(self, raw: Raw) -> bool:
        """Whether the reply is signed by the mock, now, and as the reply to the last request."""
        if self.authority == "household_registry":
            try:
                self._security(as_caller=True).check(etree.fromstring(raw.body))
            except SecurityRefused:
                return False
            return True
        if self.authority == "social_insurance":
            header = platform_caller.header_of(self._read(raw)) if self.is_soap else raw.headers
            given = {name: header.get(f"gjgxjhpt_{name}", "") for name in ("rid", "sid", "rtime", "sign")}
            is_ours = (given["sid"], given["rid"]) == (SERVICES[self.channel], REQUESTER)
            is_now = abs(int(given["rtime"] or 0) / 1000 - self.mocks.clock.unix()) < 60
            return (
                is_ours and is_now and given["sign"] == proof(self.secret, given["sid"], given["rid"], given["rtime"])
            )
        return self._verifies_9421(raw)

    def _verifies_9421(self, raw: Raw) -> bool:
        if "Signature" not in raw.headers:
            return False
        base, signature = signed_part(self._read(raw), self.sent, self.origin, REST[self.authority])
        created = int(base.decode().partition(";created=")[2].partition(";")[0])
        try:
            self.keys.mock.public_key().verify(signature, base)
        except InvalidSignature:
            return False
        return abs(created - self.mocks.clock.unix()) < 60

    def _read(self, raw: Raw) -> Read:
        return Read(raw.status, raw.headers, raw.body)

    def text(self, raw: Raw) -> str:
        """The payload as text: the REST body, or the string in the SOAP reply."""
        if not self.is_soap:
            return raw.body.decode()
        (part,) = [e for e in ElementTree.fromstring(raw.body).iter() if e.tag.endswith("Return")]
        return part.text or ""


def _pem(key: Any) -> bytes:
    from tests.mocks.asking import private_pem

    return private_pem(key)


async def exchanged(origin: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Raw:
    """Sends one request on a connection of its own and reads until its end."""
    host, _, port = origin.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [f"{method} {path} HTTP/1.1", f"Host: {origin}", *(f"{n}: {v}" for n, v in headers.items())]
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "Connection: close", "", ""])
    writer.write(head.encode() + body)
    received, is_reset = b"", False
    try:
        async with asyncio.timeout(10):
            while chunk := await reader.read(65536):
                received += chunk
    except ConnectionResetError:
        is_reset = True
    finally:
        writer.close()
    return Raw(received, is_reset)


class HastyMockClock(MockClock):
    """Waiting takes no time and is written down: a fault's patience is tested without any."""

    def __init__(self, base: Any) -> None:
        super().__init__(base)
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await super().sleep(0)
