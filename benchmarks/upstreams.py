"""The authorities, as cheap as they can be and still right: `python -m benchmarks.upstreams HOME [AUTHORITY]`.

What they say is what the mocks say (`mocks.answers`), composed once. A REST reply is bound to the request's signature, so
each is signed anew; a SOAP reply is not, so a signed one is kept for a minute. Requests are not verified: that would be
paid on the core that the callers share, and the tests hold the gateway's requests to xmlsec and http-message-signatures.
A request without a signature (B and C) gets the same body, not signed. The authority named beside the home stops answering
at SIGUSR1, as if it hung, and answers again at the next.
"""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import http1
from benchmarks.people import Crowd, crowd
from benchmarks.platform_upstreams import PlatformRestUpstream, PlatformSoapUpstream
from gateway.clock import Clock, SystemClock
from gateway.commands.loops import run, told_to_stop
from gateway.contract import xml
from gateway.contract.folders import AuthorityFolder, load_authorities, shipped
from gateway.contract.openapi import RestInterface
from gateway.contract.wsdl import SoapInterface, SoapOperation
from gateway.security import keys, signatures
from gateway.security.digests import content_digest
from gateway.security.profiles import BOUND_TO_EXCHANGE, EXCHANGE_REPLY
from gateway.security.wsse import SoapSigner
from mocks.envelope import ENCODING, XSD, XSI
from mocks.platform import Platform
from mocks.settings import identity, load_settings

KEEP_SECONDS = 60
LIFE_SECONDS = 60

Answer = Callable[[bytes, bytes], bytes]
"""Head and body of a request in, the whole reply out."""

_NUMBER = re.compile(rb'[>"]([0-9]{17}[0-9X])[<"]')
_OPERATION = re.compile(rb"<\w+:(query\w+)")
_SIGNATURE = re.compile(rb"\r\nsignature: gdx=(:[A-Za-z0-9+/=]+:)", re.IGNORECASE)
_HOST = re.compile(rb"\r\nhost: *([^\r]+)", re.IGNORECASE)
_OK = "HTTP/1.1 200 OK"


class RestUpstream:
    """One REST channel."""

    def __init__(self, folder: AuthorityFolder, channel: str, people: Crowd, signer: keys.Signer, clock: Clock) -> None:
        interface = folder.interfaces[channel]
        assert isinstance(interface, RestInterface)
        ((self._operation, operation),) = folder.contract.channels[channel].operations.items()
        self._interface = interface.operations[operation.interface]
        self._answers = people.answers(folder)
        self._signer = signer
        self._clock = clock
        self._kept: dict[tuple[bytes, ...], tuple[bytes, str]] = {}

    def __call__(self, head: bytes, body: bytes) -> bytes:
        key = tuple(_NUMBER.findall(body))
        found = self._kept.get(key)
        if found is None:
            reply = self._reply(json.loads(body))
            found = self._kept[key] = (reply, content_digest(reply))
        reply, digest = found
        headers = {"Content-Type": "application/json"}
        signature = _SIGNATURE.search(head)
        if signature is not None:
            headers |= self._signed(head, digest, signature[1].decode())
        return http1.message(_OK, headers, reply)

    def _reply(self, asked: Any) -> bytes:
        tree = self._answers.compose(self._operation, self._answers.find(self._operation, asked))
        return json.dumps(tree, ensure_ascii=False).encode()

    def _signed(self, head: bytes, digest: str, signature: str) -> dict[str, str]:
        host = _HOST.search(head)
        assert host is not None
        values = {
            '"@status"': "200",
            '"content-type"': "application/json",
            '"content-digest"': digest,
            '"@method";req': self._interface.method,
            '"@authority";req': host[1].decode(),
            '"@path";req': self._interface.path,
            BOUND_TO_EXCHANGE: signature,
        }
        created = int(self._clock.unix())
        given, made = signatures.sign(
            EXCHANGE_REPLY, values, self._signer, created, created + LIFE_SECONDS, self._clock.token()
        )
        return {"Content-Digest": digest, "Signature-Input": given, "Signature": made}


class SoapUpstream:
    """One SOAP channel, as Axis writes it."""

    def __init__(self, folder: AuthorityFolder, channel: str, people: Crowd, signer: SoapSigner, clock: Clock) -> None:
        interface = folder.interfaces[channel]
        assert isinstance(interface, SoapInterface)
        self._operations = {
            operation.interface.encode(): (name, interface.operations[operation.interface])
            for name, operation in folder.contract.channels[channel].operations.items()
        }
        self._answers = people.answers(folder)
        self._signer = signer
        self._clock = clock
        self._kept: dict[tuple[bytes, ...], tuple[float, bytes]] = {}

    def __call__(self, head: bytes, body: bytes) -> bytes:
        named = _OPERATION.search(body)
        assert named is not None
        key = (named[1], *_NUMBER.findall(body))
        made_at, reply = self._kept.get(key, (0.0, b""))
        now = self._clock.unix()
        if now - made_at > KEEP_SECONDS:
            reply = self._reply(key, now)
            self._kept[key] = (now, reply)
        return reply

    def _reply(self, key: tuple[bytes, ...], now: float) -> bytes:
        name, interface = self._operations[key[0]]
        numbers = [number.decode() for number in key[1:]]
        asked = {"sfzh": numbers[0]} if len(numbers) == 1 else {"sfzh1": numbers[0], "sfzh2": numbers[1]}
        tree = self._answers.compose(name, self._answers.find(name, asked))
        envelope = self._signer.envelope(_wrapper(interface, json.dumps(tree, ensure_ascii=False)), now)
        # Outside of what is signed, as exclusive C14N sees it: the prefix stands in a value only.
        declared = envelope.replace(b"<soapenv:Envelope ", f'<soapenv:Envelope xmlns:xsd="{XSD}" '.encode(), 1)
        return http1.message(_OK, {"Content-Type": "text/xml; charset=utf-8"}, declared)


def _wrapper(operation: SoapOperation, text: str) -> bytes:
    """The Body's one child in canonical form."""
    name, part = operation.name, operation.reply_part
    return (
        f'<ns1:{name}Response xmlns:ns1="{operation.namespace}" soapenv:encodingStyle="{ENCODING}">'
        f'<{part} xmlns:xsi="{XSI}" xsi:type="xsd:string">{xml.escape(text)}</{part}></ns1:{name}Response>'
    ).encode()


class _Hanging:
    """Whether one authority hangs now."""

    def __init__(self) -> None:
        self.now = False

    def turn(self) -> None:
        self.now = not self.now


class _Connection(asyncio.Protocol):
    def __init__(self, answer: Answer, hanging: _Hanging | None) -> None:
        self._answer = answer
        self._hanging = hanging
        self._messages = http1.Messages()
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        for head, body in self._messages.feed(data):
            if self._hanging is None or not self._hanging.now:
                self._transport.write(self._answer(head, body))


def upstreams(home: Path, folders: Mapping[str, AuthorityFolder], people: Crowd) -> dict[tuple[str, str], Answer]:
    """Each channel's answers, by authority and channel, with the keys that the home gave them."""
    clock, found = SystemClock(), dict[tuple[str, str], Answer]()
    for authority, channels in load_settings(home).authorities.items():
        for channel, named in channels.items():
            folder = folders[authority]
            if named.private_key is None:
                agreed = folder.contract.channels[channel].platform
                assert agreed is not None
                made = (
                    PlatformRestUpstream if folder.contract.channels[channel].wire == "rest" else PlatformSoapUpstream
                )
                platform = Platform(agreed, identity(home, named), clock)
                found[authority, channel] = made(folder, channel, people, platform, clock)
                continue
            private = home / named.private_key
            if named.certificate is None:
                signer = keys.signer(named.key_id, private)
                found[authority, channel] = RestUpstream(folder, channel, people, signer, clock)
            else:
                soap = SoapSigner(private.read_bytes(), (home / named.certificate).read_bytes())
                found[authority, channel] = SoapUpstream(folder, channel, people, soap, clock)
    return found


async def serve(home: Path, may_hang: str | None) -> None:
    """Serves every channel until told to stop."""
    folders = load_authorities(shipped())
    answers = upstreams(home, folders, crowd(folders))
    loop, hanging = asyncio.get_running_loop(), _Hanging()
    loop.add_signal_handler(signal.SIGUSR1, hanging.turn)
    for (authority, channel), answer in answers.items():
        port = load_settings(home).authorities[authority][channel].port
        here = hanging if authority == may_hang else None
        await loop.create_server(
            lambda answer=answer, here=here: _Connection(answer, here), "127.0.0.1", port, backlog=1024
        )
    await told_to_stop()


if __name__ == "__main__":
    run(serve(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))
