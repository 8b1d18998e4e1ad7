"""The platform's four values on both wires: as HTTP headers, and as `tongtechheader` in the SOAP header.

A reply is signed with the secret that signed its request, so a caller that asked in time can always verify it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from gateway.clock import Clock
from gateway.contract import strict_json, xml
from gateway.contract.xml import Element, NotXml
from mocks.envelope import SOAP, tag
from mocks.http_signatures import Asked, SignatureRefused
from mocks.platform import FIELDS, Platform, PlatformRefused
from mocks.ws_security import SecurityRefused

HEADER = "tongtechheader"
PASSED = "the platform's sign over sid, rid and rtime is by a secret in force, and rtime is of now"


class PlatformHeaders:
    """Checks and signs REST messages. Headers only: the body stands under no signature (grade D)."""

    def __init__(self, platform: Platform, clock: Clock, service: str | None = None) -> None:
        self._platform = platform
        self._clock = clock
        self._service = service

    def check(self, asked: Asked, body: bytes) -> str:
        """What was checked. Raises SignatureRefused."""
        try:
            self._platform.check(self._values(asked.headers))
        except PlatformRefused as refused:
            raise SignatureRefused(str(refused)) from refused
        return PASSED

    def protect(self, asked: Asked, status: int, headers: dict[str, str], body: bytes) -> None:
        """Adds the four headers, unless the request's secret has died meanwhile."""
        try:
            secret = self._platform.check(self._values(asked.headers))
        except PlatformRefused:
            return
        headers.update(self._platform.protected(secret, self._clock, self._service))

    def _values(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {field: headers.get(self._platform.names[field], "") for field in FIELDS}


class PlatformInSoap:
    """Checks and signs SOAP messages by one unqualified header element with four unqualified children."""

    def __init__(self, platform: Platform, clock: Clock, service: str | None = None) -> None:
        self._platform = platform
        self._clock = clock
        self._service = service

    def check(self, envelope: Element) -> str:
        """What was checked. Raises SecurityRefused with SOAP's own code `Client`."""
        try:
            self._platform.check(self._values(envelope))
        except PlatformRefused as refused:
            raise SecurityRefused("Client", str(refused)) from refused
        return PASSED

    def protect(self, envelope: Element, asked: Element | None = None) -> None:
        """Adds the header element, unless the request's secret has died meanwhile."""
        try:
            assert asked is not None
            secret = self._platform.check(self._values(asked))
        except (PlatformRefused, SecurityRefused):
            return
        holder = etree.SubElement(envelope[0], HEADER)
        for name, value in self._platform.protected(secret, self._clock, self._service).items():
            etree.SubElement(holder, name).text = value

    def _values(self, envelope: Element) -> dict[str, str]:
        holders = envelope.findall(f"./{tag(SOAP, 'Header')}/{HEADER}")
        if len(holders) != 1:
            raise SecurityRefused("Client", f"needs exactly one {HEADER} in the SOAP header")
        found: dict[str, str] = {}
        for field, name in self._platform.names.items():
            elements = holders[0].findall(name)
            if len(elements) > 1:
                raise SecurityRefused("Client", f"{name} stands twice")
            try:
                found[field] = xml.text_of(elements[0]) if elements else ""
            except NotXml as error:
                raise SecurityRefused("Client", f"{name} must be text") from error
        return found


def refresh_values(platform: Platform, body: bytes) -> dict[str, str]:
    """The four values of a refresh: a JSON object with exactly the platform's four names, all text.

    Raises:
        PlatformRefused: it is none.
    """
    try:
        tree: Any = strict_json.read(body)
    except strict_json.NotJson as error:
        raise PlatformRefused("a refresh is a JSON object") from error
    names = set(platform.names.values())
    if not isinstance(tree, dict) or set(tree) != names or not all(isinstance(value, str) for value in tree.values()):
        raise PlatformRefused(f"a refresh holds exactly these texts: {' '.join(sorted(names))}")
    return {field: tree[name] for field, name in platform.names.items()}
