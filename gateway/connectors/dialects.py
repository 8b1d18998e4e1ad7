"""One channel's dialect, made from its contract, mapping and endpoint: everything is compiled here, once."""

from __future__ import annotations

from collections.abc import Mapping

from yarl import URL

from gateway.calling.dialect import Dialect
from gateway.calling.platform import PlatformRest, PlatformSoap, Seal
from gateway.calling.refreshing import refresher
from gateway.calling.rest import RestCall, SignedRest
from gateway.calling.secrets import Kept, SecretKeeper
from gateway.calling.soap import SignedSoap, SoapCall, json_reader, table_reader, xml_reader
from gateway.connectors.endpoints import Endpoint, Tools, Unpaired
from gateway.contract.authority import Channel, Operation
from gateway.contract.folders import AuthorityFolder
from gateway.contract.openapi import RestInterface
from gateway.contract.wsdl import SoapInterface
from gateway.contract.xsd import XmlDocument
from gateway.mapping.requests import RequestBuilder, compile_request
from gateway.security.platform import Standing


class Pairing:
    """One channel's contract beside its endpoint."""

    def __init__(self, folder: AuthorityFolder, name: str, endpoint: Endpoint, tools: Tools) -> None:
        self._folder = folder
        self._name = name
        self._endpoint = endpoint
        self._tools = tools
        self._channel: Channel = folder.contract.channels[name]
        if self._channel.signing == "none":
            raise self._unpaired("the dialect 'none' protects nothing and is for mocks alone")
        self.keeper = self._keeper() if self._channel.platform is not None else None
        """The keeper of the platform's secret, where the channel goes through the platform."""

    def dialect(self) -> Dialect:
        """Raises Unpaired: the endpoint lacks what the dialect needs."""
        interface = self._folder.interfaces[self._name]
        if isinstance(interface, RestInterface):
            return self._rest(interface)
        return self._soap(interface)

    def _rest(self, interface: RestInterface) -> Dialect:
        endpoint, tools = self._endpoint, self._tools
        calls = {key: self._rest_call(key, interface, op) for key, op in self._channel.operations.items()}
        if self.keeper is not None:
            return PlatformRest(calls, endpoint.account, self._seal(self.keeper), tools.clock)
        if endpoint.verifier is None:
            raise self._unpaired("needs 'key_id' and 'public_key' of the authority")
        return SignedRest(calls, endpoint.account, tools.signers[endpoint.suite], endpoint.verifier, tools.clock)

    def _soap(self, interface: SoapInterface) -> Dialect:
        endpoint, tools = self._endpoint, self._tools
        calls = {key: self._soap_call(key, interface, op) for key, op in self._channel.operations.items()}
        url = URL(endpoint.url + interface.path, encoded=True)
        if self.keeper is not None:
            return PlatformSoap(url, calls, endpoint.account, self._seal(self.keeper), tools.clock)
        if endpoint.soap_verifier is None:
            raise self._unpaired("needs the 'certificate' of the authority")
        return SignedSoap(url, calls, endpoint.account, tools.soap_signer, endpoint.soap_verifier, tools.clock)

    def _rest_call(self, key: str, interface: RestInterface, operation: Operation) -> RestCall:
        called = interface.operations[operation.interface]
        return RestCall(called, self._request(key), URL(self._endpoint.url + called.path, encoded=True))

    def _soap_call(self, key: str, interface: SoapInterface, operation: Operation) -> SoapCall:
        called, payload = interface.operations[operation.interface], operation.payload or ""
        documents: Mapping[str, XmlDocument] = self._folder.documents[self._name]
        if operation.table is not None:
            return SoapCall(called, self._request(key), table_reader(documents[payload], operation.table), documents)
        if self._channel.wrapper == "xml_in_string":
            return SoapCall(called, self._request(key), xml_reader(documents[payload]), documents)
        return SoapCall(called, self._request(key), json_reader(self._folder.payloads[self._name][payload]))

    def _request(self, key: str) -> RequestBuilder:
        builder = compile_request(self._folder.mapping.operations[key])
        missing = sorted(builder.accounts - set(self._endpoint.account))
        if missing:
            raise self._unpaired(f"the account lacks {', '.join(missing)}")
        return builder

    def _standing(self) -> Standing:
        platform, rid = self._channel.platform, self._endpoint.rid
        if platform is None or rid is None:
            raise self._unpaired("needs 'rid' and 'app_key', as the sharing platform gave them to us")
        return Standing(platform.prefix, rid, platform.service)

    def _seal(self, keeper: SecretKeeper) -> Seal:
        return Seal(self._standing(), keeper, self._tools.clock)

    def _keeper(self) -> SecretKeeper:
        channel, endpoint, tools, standing = self._channel, self._endpoint, self._tools, self._standing()
        if channel.platform is None or not endpoint.app_key:
            raise self._unpaired("needs 'rid' and 'app_key', as the sharing platform gave them to us")
        url = URL(endpoint.url + channel.platform.refresh, encoded=True)
        fetch = refresher(tools.way(endpoint), url, standing, endpoint.app_key, tools.clock)
        authority, usual = self._folder.contract.authority, channel.platform.secret_seconds
        kept = Kept(authority, self._name, usual, channel.attempt_seconds, tools.refreshed)
        return SecretKeeper(fetch, kept, tools.tasks, tools.clock)

    def _unpaired(self, what: str) -> Unpaired:
        return Unpaired(f"{self._folder.contract.authority}.{self._name}: {what}")
