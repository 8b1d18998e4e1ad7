"""The sharing platform and social insurance behind it, as bytes on a socket: no HTTP library, nothing of the gateway's.

Its secrets are wrapped and its values signed by `hmac` and the OpenSSL command line. What it says can be changed per test.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from html import escape, unescape

APP_KEY, RID = "test-app-key-0001", "00000000-0000-4000-8000-000000000001@demo"
SIDS = {"share": "s_1229901000000_0001", "query": "s_1229901000000_0002"}
REFRESH, REST, SOAP = "/sysapi/auth/refreshappsecret", "/httpproxy", "/services/NwsExchange"
NWS = "http://nws.hrss.example/services/NwsExchange"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
FIELDS = ("rid", "sid", "rtime", "sign")


@dataclass(frozen=True)
class Sent:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    """By name exactly as on the wire."""
    body: bytes


def proof(key: str, sid: str, rid: str, rtime: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), (sid + rid + rtime).encode(), hashlib.sha256).digest()).decode()


@cache
def wrapped(secret: str) -> str:
    key = hashlib.sha1(hashlib.sha1(APP_KEY.encode()).digest()).digest()[:16].hex()
    command = ["openssl", "enc", "-aes-128-ecb", "-K", key, "-base64", "-A"]
    return subprocess.run(command, input=secret.encode(), capture_output=True, check=True).stdout.decode()


def month(yyyymm: str) -> dict[str, str]:
    return {"AAE003": yyyymm, "AAE140": "110", "AAA115": "10", "AAB301": "229901"}


@dataclass
class RawPlatform:
    """Answers one channel's calls. `now_ms` is what its clock says; `rest` and `soap` make a call's payload."""

    channel: str
    now_ms: Callable[[], int]
    rest: Callable[[dict[str, str]], object]
    soap: Callable[[dict[str, str]], str]
    encoding: str = "utf-8"
    """Of the bytes on the wire; a GB one is declared."""
    generation: int = 1
    grace: bool = False
    refreshes: int = 0
    refresh_status: int = 200
    life_ms: int = 3_600_000
    sent: list[Sent] = field(default_factory=list)
    before: Callable[[Sent], None] = lambda sent: None
    reply_with: Callable[[dict[str, str]], dict[str, str]] = lambda values: values
    """Changes the four values of a reply."""

    @property
    def secret(self) -> str:
        return f"raw-platform-secret-{self.generation}"

    def answer(self, sent: Sent) -> bytes:
        self.sent.append(sent)
        self.before(sent)
        if sent.path == REFRESH:
            return self._refresh(json.loads(sent.body))
        if sent.path == REST:
            values = {field: sent.headers.get(f"gjgxjhpt_{field}", "") for field in FIELDS}
            if not self._good(values):
                return http(401, b'{"code":"401","message":"sign"}', "application/json")
            body = json.dumps(self.rest(json.loads(sent.body)), ensure_ascii=False).encode(self.encoding)
            return http(200, body, self._type("application/json"), self._values(values))
        return self._soap(sent.body.decode())

    def _refresh(self, body: dict[str, str]) -> bytes:
        self.refreshes += 1
        assert set(body) == {f"gjgxjhpt_{field}" for field in FIELDS}
        values = {field: body[f"gjgxjhpt_{field}"] for field in FIELDS}
        assert values["sign"] == proof(APP_KEY, values["sid"], values["rid"], values["rtime"])
        data = {"secret": wrapped(self.secret), "secretEndTime": self.now_ms() + self.life_ms}
        return http(
            self.refresh_status, json.dumps({"code": "0", "message": "", "data": data}).encode(), "application/json"
        )

    def _soap(self, text: str) -> bytes:
        (header,) = re.findall(r"<tongtechheader>(.*)</tongtechheader>", text)
        values = {
            field: unescape(re.findall(f"<gjgxjhpt_{field}>(.*)</gjgxjhpt_{field}>", header)[0]) for field in FIELDS
        }
        if not self._good(values):
            fault = "<e:Fault><faultcode>e:Client</faultcode><faultstring>sign</faultstring></e:Fault>"
            return http(500, self._envelope("", fault), "text/xml")
        asked = unescape(re.findall(r"<xml[^>]*>(.*)</xml>", text)[0])
        fields = dict(re.findall(r"<(\w+)>([^<]*)</", asked))
        ours = "".join(f"<{name}>{value}</{name}>" for name, value in self._values(values).items())
        held = escape(self.soap(fields), quote=False)
        body = (
            f'<n:nwsReceiveResponse xmlns:n="{NWS}"><nwsReceiveReturn>{held}</nwsReceiveReturn></n:nwsReceiveResponse>'
        )
        return http(200, self._envelope(f"<tongtechheader>{ours}</tongtechheader>", body), self._type("text/xml"))

    def _envelope(self, header: str, body: str) -> bytes:
        return (
            f'<?xml version="1.0" encoding="{self._declared()}"?><e:Envelope xmlns:e="{ENVELOPE}">'
            f"<e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
        ).encode(self.encoding)

    def _declared(self) -> str:
        return "utf-8" if self.encoding == "utf-8" else "GBK"

    def _type(self, media: str) -> str:
        return f"{media}; charset={self._declared()}"

    def _good(self, values: dict[str, str]) -> bool:
        known = [self.secret, f"raw-platform-secret-{self.generation - 1}"][: 2 if self.grace else 1]
        return values["sid"] == SIDS[self.channel] and values["sign"] in [
            proof(key, values["sid"], values["rid"], values["rtime"]) for key in known
        ]

    def _values(self, asked: dict[str, str]) -> dict[str, str]:
        rtime = str(self.now_ms())
        values = {"rid": asked["rid"], "sid": asked["sid"], "rtime": rtime}
        values["sign"] = proof(self.secret, values["sid"], values["rid"], rtime)
        return {f"gjgxjhpt_{name}": value for name, value in self.reply_with(values).items()}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Its origin."""
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            await server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if line)
        body = await reader.readexactly(int(headers["Content-Length"]))
        writer.write(self.answer(Sent(first.split()[1], headers, body)))
        await writer.drain()
        writer.close()
        await writer.wait_closed()


def http(status: int, body: bytes, media: str, headers: dict[str, str] | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {media}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join((*lines, "", "")).encode() + body


def insured(citizen_id: str, name: str, months: list[str]) -> dict[str, object]:
    """The share channel's reply."""
    record = {
        "AAC002": citizen_id, "AAC003": name, "cbxx": [{"AAE140": "110", "AAC008": "1", "AAC031": "1"}],
        "jfxx": [month(each) for each in months],
    }  # fmt: skip
    return {"code": "0", "message": "成功", "data": {"ryxx": [record]}}


def responded(citizen_id: str, name: str, months: list[str], declares: str = "UTF-8") -> str:
    """The query channel's string."""
    return f'<?xml version="1.0" encoding="{declares}"?>' + "".join(_response(citizen_id, name, months))


def _response(citizen_id: str, name: str, months: list[str]) -> Iterator[str]:
    yield "<response><head><rc>0</rc><rm>成功</rm></head><body><responsedata>"
    yield f"<basicform><aac003>{name}</aac003><aac002>{citizen_id}</aac002></basicform><feeinfogrid>"
    for each in months:
        yield f"<row><aae003>{each}</aae003><aae140>110</aae140><aaa115>10</aaa115><aab301>229901</aab301></row>"
    yield "</feeinfogrid><aae140ows><row><aae140>110</aae140><aac008>1</aac008><aac031>1</aac031></row></aae140ows>"
    yield "</responsedata></body></response>"


def nobody(text: str = "0503 没有符合条件的记录", rc: str = "1") -> str:
    return f"<response><head><rc>{rc}</rc><rm>{text}</rm></head></response>"
