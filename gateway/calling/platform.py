"""The dialect `platform_hmac` (domain 6.1): four values in the headers, of HTTP or of SOAP; no body is signed (grade D)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from yarl import URL

from gateway.calling.dialect import JSON, Opened, Prepared, json_payload
from gateway.calling.rest import RestCall
from gateway.calling.secrets import SecretKeeper
from gateway.calling.soap import SoapCall, received, refused
from gateway.calling.wire import Reply
from gateway.clock import Clock
from gateway.contract import xml
from gateway.contract.wsdl import SOAP_ENV
from gateway.errors import BadReply, BadSignature
from gateway.model import Check, Intent
from gateway.security.platform import FIELDS, Standing

HEADER: Final = "tongtechheader"
"""The SOAP header element, unqualified like the four inside it."""

_ENVELOPE = (
    f'<soapenv:Envelope xmlns:soapenv="{SOAP_ENV}"><soapenv:Header><{HEADER}>%s</{HEADER}></soapenv:Header>'
    "<soapenv:Body>%s</soapenv:Body></soapenv:Envelope>"
)


class Seal:
    """Our four values on a request to one service, and theirs on its reply."""

    def __init__(self, standing: Standing, keeper: SecretKeeper, clock: Clock) -> None:
        self._standing = standing
        self._keeper = keeper
        self._clock = clock
        self._names = tuple(f"{standing.prefix}_{field}" for field in FIELDS)

    def values(self, now: float) -> tuple[dict[str, str], str]:
        """The values by name, and what a reply is bound to: the number of the secret that made them, never the secret."""
        values = self._standing.signed(self._keeper.current.text, now)
        return values.named(self._standing.prefix), str(self._keeper.taken)

    def verify(self, texts: Callable[[str], Sequence[str]], binding: str) -> None:
        """`texts` gives all that came under a name. Raises BadSignature or NotBound."""
        given = {name: texts(name) for name in self._names}
        self._standing.verify(given, self._keeper.known(int(binding)), self._clock.unix())


class PlatformRest:
    """REST with JSON bodies, for one service. `renewal` has a secret ready before each request."""

    def __init__(self, calls: Mapping[str, RestCall], account: Mapping[str, str], seal: Seal, clock: Clock) -> None:
        self._calls = calls
        self._account = account
        self._seal = seal
        self._clock = clock

    def prepare(self, operation: str, check: Check, intent: Intent, request_id: str) -> Prepared:
        call, now = self._calls[operation], self._clock.unix()
        body = call.body(check, intent, request_id, now, self._account)
        values, binding = self._seal.values(now)
        return Prepared(call.url, {"Content-Type": JSON} | values, body, binding)

    def open(self, operation: str, prepared: Prepared, reply: Reply) -> Opened:
        if reply.status != 200:
            return Opened(reply.status)
        self._seal.verify(lambda name: reply.headers.getall(name, []), prepared.binding)
        return Opened(200, json_payload(reply, self._calls[operation].interface))


class PlatformSoap:
    """SOAP 1.1 for one service: the four values stand in a header element of each envelope."""

    def __init__(
        self, url: URL, calls: Mapping[str, SoapCall], account: Mapping[str, str], seal: Seal, clock: Clock
    ) -> None:
        self._url = url
        self._calls = calls
        self._account = account
        self._seal = seal
        self._clock = clock

    def prepare(self, operation: str, check: Check, intent: Intent, request_id: str) -> Prepared:
        call, now = self._calls[operation], self._clock.unix()
        child = call.child(check, intent, request_id, now, self._account)
        values, binding = self._seal.values(now)
        held = "".join(f"<{name}>{xml.escape(value)}</{name}>" for name, value in values.items())
        return Prepared(self._url, call.headers(), (_ENVELOPE % (held, child.decode())).encode(), binding)

    def open(self, operation: str, prepared: Prepared, reply: Reply) -> Opened:
        if reply.status != 200:
            return refused(reply)
        header, body = _shape(received(reply))
        values = _values(header)
        self._seal.verify(lambda name: values.get(name, []), prepared.binding)
        return self._calls[operation].opened(body)


def _shape(envelope: xml.Element) -> tuple[xml.Element, xml.Element]:
    """Header and Body of an envelope that holds exactly these, and no second Body anywhere."""
    parts = xml.elements(envelope)
    wanted = [f"{{{SOAP_ENV}}}Header", f"{{{SOAP_ENV}}}Body"]
    if envelope.tag != f"{{{SOAP_ENV}}}Envelope" or not parts or parts[-1].tag != wanted[-1]:
        raise BadReply("the reply is no SOAP 1.1 envelope")
    if [part.tag for part in parts] != wanted:
        raise BadSignature("the reply has no header")
    header, body = parts
    if sum(1 for _ in envelope.iter(HEADER)) > 1 or sum(1 for _ in envelope.iter(wanted[-1])) > 1:
        raise BadSignature("the reply's header or body stands twice")
    return header, body


def _values(header: xml.Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for holder in header.findall(HEADER):
        for element in xml.elements(holder):
            try:
                found.setdefault(str(element.tag), []).append(xml.text_of(element))
            except xml.NotXml as error:
                raise BadSignature("the reply's header holds elements where only text is allowed") from error
    return found
