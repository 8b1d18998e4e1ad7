"""The two channels behind the sharing platform, as cheap as they can be and still right.

The platform's part is the mocks' own (`mocks.platform`): it hands out secrets, holds each request's four values against
them and signs the reply's. The body of a reply is composed once for each person and year.
"""

from __future__ import annotations

import json
import re
from typing import Any

from lxml import etree

from benchmarks import http1
from benchmarks.people import Crowd
from gateway.contract.folders import AuthorityFolder
from gateway.contract.wsdl import SoapInterface
from mocks import envelope
from mocks.payloads import XmlPayload
from mocks.platform import FIELDS, Platform, PlatformRefused
from mocks.platform_signatures import HEADER, refresh_values

_OK = "HTTP/1.1 200 OK"
_JSON = {"Content-Type": "application/json"}
_SOAP = {"Content-Type": "text/xml; charset=utf-8"}
_NUMBER = re.compile(rb'"AAC002": ?"([0-9]{17}[0-9X])"')
_ASKED = re.compile(rb"aac002(?:&gt;|>)([0-9X]{18}).*?year(?:&gt;|>)([0-9]{4})", re.DOTALL)
_HOLD = "HOLD"
"""Stands in a composed envelope where the four values go."""


class PlatformUpstream:
    """What both wires share: the refresh, and the four values of a reply. The wires give `_body`."""

    def __init__(self, folder: AuthorityFolder, channel: str, people: Crowd, platform: Platform, clock: Any) -> None:
        self._folder = folder
        self._channel = channel
        ((self._operation, self._contract),) = folder.contract.channels[channel].operations.items()
        self._answers = people.answers(folder)
        self._clock = clock
        self._refresh = f"POST {platform.refresh_path} ".encode()
        self._kept: dict[tuple[bytes, ...], bytes] = {}
        self.platform = platform

    def __call__(self, head: bytes, body: bytes) -> bytes:
        if head.startswith(self._refresh):
            data = self.platform.refresh(refresh_values(self.platform, body))
            told = {"code": self.platform.success, "message": "ok", "data": data}
            return http1.message(_OK, _JSON, json.dumps(told).encode())
        return self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> bytes:
        raise NotImplementedError

    def _protected(self, text: bytes, pattern: str) -> dict[str, str]:
        """The reply's four values; none for a request that has none (B and C)."""
        found = {field: re.search(pattern.format(name).encode(), text) for field, name in self.platform.names.items()}
        values = {field: match[1].decode() for field, match in found.items() if match is not None}
        if not values:
            return {}
        if len(values) != len(FIELDS):
            raise PlatformRefused("some of the four values are missing")
        return self.platform.protected(self.platform.check(values), self._clock)


class PlatformRestUpstream(PlatformUpstream):
    """JSON, with the four values in HTTP headers."""

    def _answer(self, head: bytes, body: bytes) -> bytes:
        number = _NUMBER.search(body)
        assert number is not None
        reply = self._kept.get((number[1],))
        if reply is None:
            tree = self._answers.compose(self._operation, self._answers.find(self._operation, json.loads(body)))
            reply = self._kept[number[1],] = json.dumps(tree, ensure_ascii=False).encode()
        return http1.message(_OK, _JSON | self._protected(head, r"(?i)\r\n{}: *([^\r]+)"), reply)


class PlatformSoapUpstream(PlatformUpstream):
    """XML in a string, with the four values in the SOAP header."""

    def _answer(self, head: bytes, body: bytes) -> bytes:
        asked = _ASKED.search(body)
        assert asked is not None
        key = (asked[1], asked[2])
        reply = self._kept.get(key)
        if reply is None:
            reply = self._kept[key] = self._composed(asked[1].decode(), asked[2].decode())
        values = self._protected(body, r"<{}>([^<]+)<")
        held = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
        return http1.message(_OK, _SOAP, reply.replace(_HOLD.encode(), held.encode(), 1))

    def _composed(self, number: str, year: str) -> bytes:
        interface, contract = self._folder.interfaces[self._channel], self._folder.contract.channels[self._channel]
        assert isinstance(interface, SoapInterface)
        assert contract.payload is not None
        assert self._contract.payload is not None
        asked = {"xml": {"request": {"head": {"aac002": number, "year": year}}}}
        tree = self._answers.compose(self._operation, self._answers.find(self._operation, asked))
        text = XmlPayload(self._folder.path / contract.payload).written(self._contract.payload, tree, None)
        message = envelope.reply(interface.operations[self._contract.interface], text)
        etree.SubElement(message[0], HEADER).text = _HOLD
        return envelope.serialised(message)
