"""Whom we can ask: each authority's contract, mapping and endpoint, made into one connector.

An authority is files. Python stands here only for the pairing, and for a wire dialect that no contract can describe
(a hook of at most 60 lines; none is needed yet). Connectors do not know each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from yarl import URL

from gateway.calling.dialect import Dialect
from gateway.calling.exchange import Reading, exchange, sender
from gateway.calling.rest import RestCall, SignedRest
from gateway.calling.settle import Observe
from gateway.calling.soap import SignedSoap, SoapCall
from gateway.calling.stack import ChannelPlan, stacked
from gateway.calling.wire import Wire
from gateway.clock import Clock
from gateway.contract.authority import Channel
from gateway.contract.folders import AuthorityFolder
from gateway.contract.openapi import RestInterface
from gateway.contract.wsdl import SoapInterface
from gateway.mapping.records import compile_records
from gateway.mapping.requests import RequestBuilder, compile_request
from gateway.model import Connector, Grade
from gateway.security.keys import Signer, Verifier
from gateway.security.wsse import SoapSigner, SoapVerifier

GRADES: Mapping[str, tuple[Grade, Grade]] = {
    "rfc9421": (Grade.A, Grade.A),
    "wsse_x509": (Grade.B, Grade.B),
}
"""By dialect: what protects the request and the reply (DESIGN section 4)."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a channel is, whom we believe there, and our account with them; every secret already read."""

    url: str
    account: Mapping[str, str]
    verifier: Verifier | None = None
    soap_verifier: SoapVerifier | None = None


@dataclass(frozen=True, slots=True)
class Tools:
    """What all connectors share."""

    wire: Wire
    clock: Clock
    signer: Signer
    soap_signer: SoapSigner
    observe: Observe


class Unpaired(ValueError):
    """A contract and an endpoint that do not fit: the text says what is missing."""


def connect(folder: AuthorityFolder, endpoints: Mapping[str, Endpoint], tools: Tools) -> Connector:
    """The connector of one authority.

    Raises:
        Unpaired: the endpoints are not those of the contract's channels, or lack what the channel's dialect needs.
    """
    (name, channel), *more = folder.contract.channels.items()
    if more or set(endpoints) != {name}:
        raise Unpaired(f"{folder.contract.authority}: needs an endpoint for exactly the channel {name!r}")
    authority = folder.contract.authority
    if channel.signing == "none":
        raise Unpaired(f"{authority}.{name}: the dialect 'none' protects nothing and is for mocks alone")
    send = sender(tools.wire, channel.reply_bytes)
    readings = {
        key: Reading.compiled(operation, compile_records(folder.mapping.operations[key], folder.mapping.tables))
        for key, operation in channel.operations.items()
    }
    dialect = _dialect(folder, name, endpoints[name], tools)
    ask = exchange(authority, name, dialect, readings, send, tools.clock)
    plan = ChannelPlan(name, GRADES[channel.signing], channel.attempt_seconds, channel.questions)
    return stacked(ask, plan, tools.clock, tools.observe)


def _dialect(folder: AuthorityFolder, name: str, endpoint: Endpoint, tools: Tools) -> Dialect:
    channel, interface = folder.contract.channels[name], folder.interfaces[name]
    requests = dict(_requests(folder, name, channel, endpoint))
    if isinstance(interface, RestInterface):
        if endpoint.verifier is None:
            raise Unpaired(f"{folder.contract.authority}.{name}: needs 'key_id' and 'public_key' of the authority")
        calls = {
            key: RestCall(operation, requests[key], URL(endpoint.url + operation.path, encoded=True))
            for key, operation in ((k, interface.operations[o.interface]) for k, o in channel.operations.items())
        }
        return SignedRest(calls, endpoint.account, tools.signer, endpoint.verifier, tools.clock)
    return _soap(folder, name, interface, requests, endpoint, tools)


def _soap(
    folder: AuthorityFolder,
    name: str,
    interface: SoapInterface,
    requests: Mapping[str, RequestBuilder],
    endpoint: Endpoint,
    tools: Tools,
) -> Dialect:
    if endpoint.soap_verifier is None:
        raise Unpaired(f"{folder.contract.authority}.{name}: needs the 'certificate' of the authority")
    calls = {
        key: SoapCall(
            interface.operations[operation.interface], requests[key], folder.payloads[name][operation.payload or ""]
        )
        for key, operation in folder.contract.channels[name].operations.items()
    }
    url = URL(endpoint.url + interface.path, encoded=True)
    return SignedSoap(url, calls, endpoint.account, tools.soap_signer, endpoint.soap_verifier, tools.clock)


def _requests(
    folder: AuthorityFolder, name: str, channel: Channel, endpoint: Endpoint
) -> Iterator[tuple[str, RequestBuilder]]:
    for key in channel.operations:
        builder = compile_request(folder.mapping.operations[key])
        missing = sorted(builder.accounts - set(endpoint.account))
        if missing:
            raise Unpaired(f"{folder.contract.authority}.{name}: the account lacks {', '.join(missing)}")
        yield key, builder
