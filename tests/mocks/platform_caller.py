"""A caller of the sharing platform written by hand for these tests, from domain 6.1; AES by the OpenSSL command line."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import aiohttp

from tests.mocks.asking import APP_KEY, REQUESTER, Reply

SERVICES = {"share": "s_1229901000000_0001", "query": "s_1229901000000_0002"}
REFRESH = "/sysapi/auth/refreshappsecret"
SOAP_PATH = "/services/NwsExchange"
NWS = "http://nws.hrss.example/services/NwsExchange"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"


def proof(key: str, service: str, requester: str, rtime: str) -> str:
    mac = hmac.new(key.encode(), digestmod=hashlib.sha256)
    for part in (service, requester, rtime):
        mac.update(part.encode())
    return base64.b64encode(mac.digest()).decode()


def unwrapped(secret: str, app_key: str = APP_KEY) -> str:
    seed = hashlib.sha1(hashlib.sha1(app_key.encode()).digest()).digest()[:16]
    command = ["openssl", "enc", "-d", "-aes-128-ecb", "-K", seed.hex(), "-base64", "-A"]
    return subprocess.run(command, input=secret.encode(), capture_output=True, check=True).stdout.decode()


def months_question(citizen_id: str, name: str = "样例") -> dict[str, str]:
    return {
        "FWQQBH": "r-1", "AAC002": citizen_id, "AAC003": name, "JZNY": "201805", "QQRBH": "op-1", "QQRXM": "样例员",
        "QQRDWDM": "229901000000", "QQYWLXDM": "exit_entry_application", "AJBH": "JL1",
    }  # fmt: skip


def year_question(citizen_id: str, year: str) -> str:
    head = f"<aac002>{citizen_id}</aac002><year>{year}</year><aae140/><pagesize>100</pagesize><pageindex>1</pageindex>"
    return f"<request><head>{head}</head></request>"


def envelope(xml: str, values: Mapping[str, str]) -> bytes:
    header = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())
    return (
        f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Header><tongtechheader>{header}</tongtechheader></s:Header><s:Body>'
        f'<n:nwsReceive xmlns:n="{NWS}"><systemCode>GW</systemCode><tradeCode>NWS0101</tradeCode>'
        f"<xml>{escape(xml)}</xml></n:nwsReceive></s:Body></s:Envelope>"
    ).encode()


@dataclass
class PlatformCaller:
    """Holds a secret for each channel, and refreshes it only when told to."""

    session: aiohttp.ClientSession
    mocks: Any
    prefix: str = "gjgxjhpt"
    secrets: dict[str, str] = field(default_factory=dict)

    def values(self, channel: str, key: str, **wrong: str) -> dict[str, str]:
        rtime = wrong.get("rtime", str(int(self.mocks.clock.unix() * 1000)))
        sid, rid = wrong.get("sid", SERVICES[channel]), wrong.get("rid", REQUESTER)
        found = {"rid": rid, "sid": sid, "rtime": rtime, "sign": proof(key, sid, rid, rtime)} | wrong
        return {f"{self.prefix}_{name}": value for name, value in found.items()}

    async def refresh(self, channel: str, key: str = APP_KEY, body: object = None) -> Reply:
        url = self.mocks.url("social_insurance", channel) + REFRESH
        content = self.values(channel, key) if body is None else body
        async with self.session.post(url, json=content) as response:
            reply = Reply(response.status, response.headers, await response.read())
        if reply.status == 200:
            self.secrets[channel] = unwrapped(reply.json()["data"]["secret"])
        return reply

    async def secret(self, channel: str) -> str:
        if channel not in self.secrets:
            assert (await self.refresh(channel)).status == 200
        return self.secrets[channel]

    async def share(self, citizen_id: str, values: Mapping[str, str] | None = None) -> Reply:
        headers = self.values("share", await self.secret("share")) if values is None else values
        url = self.mocks.url("social_insurance", "share") + "/httpproxy"
        data = json.dumps(months_question(citizen_id), ensure_ascii=False).encode()
        sent = {**headers, "Content-Type": "application/json"}
        async with self.session.post(url, data=data, headers=sent) as response:
            return Reply(response.status, response.headers, await response.read())

    async def query(self, xml: str, values: Mapping[str, str] | None = None) -> Reply:
        header = self.values("query", await self.secret("query")) if values is None else values
        url = self.mocks.url("social_insurance", "query") + SOAP_PATH
        async with self.session.post(
            url, data=envelope(xml, header), headers={"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
        ) as response:
            return Reply(response.status, response.headers, await response.read())

    async def year(self, citizen_id: str, year: str) -> ElementTree.Element:
        """What is in the string of the reply."""
        reply = await self.query(year_question(citizen_id, year))
        assert reply.status == 200, reply.body
        return ElementTree.fromstring(string_of(reply).partition("?>")[2])


def string_of(reply: Reply) -> str:
    return str(ElementTree.fromstring(reply.body).findtext(f".//{{{NWS}}}nwsReceiveResponse/nwsReceiveReturn"))


def header_of(reply: Reply) -> dict[str, str]:
    """The four values in a reply's SOAP header."""
    holder = ElementTree.fromstring(reply.body).find(f"{{{ENVELOPE}}}Header/tongtechheader")
    return {} if holder is None else {child.tag: child.text or "" for child in holder}


def fault_of(reply: Reply) -> tuple[str, str]:
    found = ElementTree.fromstring(reply.body).find(f".//{{{ENVELOPE}}}Fault")
    assert found is not None, reply.body
    return str(found.findtext("faultcode")), str(found.findtext("faultstring"))
