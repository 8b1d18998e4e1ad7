"""One installation, read from its folder: settings, contracts, policies, consumers and keys, with every problem at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway import judging, policy
from gateway.connectors import Endpoint, suites, witnesses
from gateway.contract.authority import Suite
from gateway.contract.files import Document, load, load_or_raise
from gateway.contract.folders import AuthorityFolder, read_authorities, shipped
from gateway.contract.policies import PolicyFile
from gateway.contract.words import nearest
from gateway.errors import BrokenFiles, GatewayError, Problem
from gateway.mapping.problems import problems as mapping_problems
from gateway.policy import Policy
from gateway.security import connections, keys, own_keys, references
from gateway.security.canaries import read_canaries
from gateway.security.consumer_files import ConsumerFolder, Terms
from gateway.security.grants import Consumers
from gateway.security.reloading import Reloaded
from gateway.security.wsse import SoapVerifier
from gateway.settings import Endpoint as EndpointSettings
from gateway.settings import Settings, is_reference
from gateway.watching import Watched

SETTINGS = "gateway.yaml"


@dataclass(frozen=True, slots=True)
class Installation:
    """Everything that files say, checked and compiled; nothing is open or running yet."""

    home: Path
    settings: Settings
    authorities: Mapping[str, AuthorityFolder]
    endpoints: Mapping[str, Mapping[str, Endpoint]]
    policies: Sequence[Policy]
    consumers: Watched[Consumers]
    """Read anew while the gateway runs, like the ring of our own keys; the rest is not."""
    keys: own_keys.Keys
    listening: Mapping[str, Reloaded]
    """The TLS of `listen` and `admin`, where they have one."""
    canaries: frozenset[str]
    """Pseudonyms."""
    witnesses: Sequence[witnesses.Witness]

    def certificates(self) -> Iterator[tuple[str, float]]:
        """The certificates of SOAP messages, ours (`certificate soap`) and each channel's, and when they end (Unix)."""
        yield "certificate soap", self.keys.soap.ends
        for authority, channels in self.endpoints.items():
            for channel, endpoint in channels.items():
                if endpoint.soap_verifier is not None:
                    yield f"certificate {authority}.{channel}", endpoint.soap_verifier.ends

    @property
    def ledger_path(self) -> Path:
        return self.home / self.settings.ledger

    @property
    def kept(self) -> Path:
        """The folder of the ledger's signed checkpoints."""
        return self.home / self.settings.audit.kept

    @property
    def tls(self) -> list[Reloaded]:
        """Every TLS context, of listeners and of endpoints."""
        endpoints = (endpoint.tls for channels in self.endpoints.values() for endpoint in channels.values())
        return [*self.listening.values(), *(each for each in endpoints if each is not None)]


def read(home: Path) -> Installation:
    """The installation in a folder.

    Raises:
        BrokenFiles: with every problem of every file; nothing was started.
    """
    problems: list[Problem] = []
    settings, document = load(home / SETTINGS, Settings, problems)
    if settings is None:
        raise BrokenFiles(problems)
    contracts = home / settings.contracts if settings.contracts is not None else shipped()
    authorities = _authorities(contracts, problems)
    policies = _policies(contracts / "policies", authorities, problems)
    consumers = _consumers(home / settings.consumers, None if problems else _terms(policies), problems)
    own = own_keys.read(home, settings.keys, document, problems)
    listening = connections.listeners(home, settings, document, problems)
    problems += connections.unguarded(settings, document)
    canaries: frozenset[str] = frozenset()
    if settings.canaries is not None and own is not None:
        canaries = read_canaries(home / settings.canaries, own.epochs.current.file, problems)
    endpoints = _endpoints(home, settings, document, authorities, problems)
    cosigning = witnesses.read(home, settings, document, problems)
    if own is not None:
        problems += _unsuited(document, authorities, endpoints, own)
    if problems or own is None or consumers is None:
        raise BrokenFiles(problems)
    return Installation(
        home, settings, authorities, endpoints, policies, consumers, own, listening, canaries, cosigning
    )


def read_contracts(contracts: Path) -> tuple[Mapping[str, AuthorityFolder], Sequence[Policy]]:
    """Contracts and policies alone, for those who check them without an installation.

    Raises:
        BrokenFiles: with every problem of every file.
    """
    problems: list[Problem] = []
    authorities = _authorities(contracts, problems)
    policies = _policies(contracts / "policies", authorities, problems)
    if problems:
        raise BrokenFiles(problems)
    return authorities, policies


def read_consumers(home: Path) -> tuple[Sequence[Policy], Consumers]:
    """Policies and consumers alone, for those who explain grants: no key of ours is read.

    Raises:
        BrokenFiles: with every problem of every file.
    """
    settings = load_or_raise(home / SETTINGS, Settings)
    _, policies = read_contracts(home / settings.contracts if settings.contracts is not None else shipped())
    problems: list[Problem] = []
    consumers = _consumers(home / settings.consumers, _terms(policies), problems)
    if problems or consumers is None:
        raise BrokenFiles(problems)
    return policies, consumers.current


def _authorities(contracts: Path, problems: list[Problem]) -> dict[str, AuthorityFolder]:
    found = read_authorities(contracts, problems)
    for folder in found.values():
        problems += (
            folder.mapping_document.problem(pointer, text)
            for pointer, text in mapping_problems(folder.mapping, folder.contract)
        )
    return found


def _policies(path: Path, authorities: Mapping[str, AuthorityFolder], problems: list[Problem]) -> list[Policy]:
    loaded: list[tuple[PolicyFile, Document]] = []
    contracts = {name: folder.contract for name, folder in authorities.items()}
    mappings = {name: folder.mapping for name, folder in authorities.items()}
    for file in sorted(path.glob("*.yaml")):
        model, document = load(file, PolicyFile, problems)
        if model is not None:
            loaded.append((model, document))
            unread = judging.problems(model, contracts, mappings)
            problems += (document.problem(pointer, text) for pointer, text in unread)
            if model.policy != file.stem:
                problems.append(document.problem(("policy",), f"must be the file's name, {file.stem!r}"))
    for number, pointer, text in policy.problems([model for model, _ in loaded], contracts, mappings):
        problems.append(loaded[number][1].problem(pointer, text))
    if not loaded and not problems:
        problems.append(Problem(str(path), 1, 1, "holds no policy"))
    return [Policy(model, document.sha256) for model, document in loaded]


def _consumers(path: Path, terms: Terms | None, problems: list[Problem]) -> Watched[Consumers] | None:
    folder = ConsumerFolder(path, terms)
    try:
        consumers = Watched(folder.read, folder.stamp)
    except BrokenFiles as error:
        problems += error.problems
        return None
    problems += consumers.current.problems
    return consumers


def _terms(policies: Sequence[Policy]) -> Terms:
    files = [each.file for each in policies]
    return Terms(
        purposes=frozenset(purpose for file in files for purpose in file.purposes),
        materials=frozenset(rule.material for file in files for rule in file.materials),
        regions=frozenset(region for file in files for region in file.regions),
    )


def _endpoints(
    home: Path,
    settings: Settings,
    document: Document,
    authorities: Mapping[str, AuthorityFolder],
    problems: list[Problem],
) -> dict[str, dict[str, Endpoint]]:
    problems += _unpaired(settings, document, authorities)
    problems += references.bare(settings, document, authorities)
    found: dict[str, dict[str, Endpoint]] = {}
    for authority, channels in settings.authorities.items():
        for channel, endpoint in channels.items():
            try:
                found.setdefault(authority, {})[channel] = _endpoint(
                    home, f"{authority}.{channel}", endpoint, settings.suite
                )
            except (GatewayError, ValueError, OSError) as error:
                problems.append(document.problem(("authorities", authority, channel), own_keys.trouble(error)))
    return found


def _unpaired(settings: Settings, document: Document, authorities: Mapping[str, AuthorityFolder]) -> Iterator[Problem]:
    """Endpoints without a contract, and channels without an endpoint."""
    for authority, channels in settings.authorities.items():
        known = authorities[authority].contract.channels if authority in authorities else {}
        if not known:
            yield document.problem(("authorities", authority), _unknown("authority", authority, authorities))
        for channel in set(channels) - set(known) if known else ():
            yield document.problem(("authorities", authority, channel), _unknown("channel", channel, known))
    for authority, folder in authorities.items():
        for channel in sorted(set(folder.contract.channels) - set(settings.authorities.get(authority, {}))):
            yield document.problem(("authorities",), f"{authority}.{channel} has a contract but no endpoint here")


def _unsuited(
    document: Document,
    authorities: Mapping[str, AuthorityFolder],
    endpoints: Mapping[str, Mapping[str, Endpoint]],
    own: own_keys.Keys,
) -> Iterator[Problem]:
    """Endpoints whose suite does not fit the contract or the keys."""
    for authority, folder in authorities.items():
        for name, channel in folder.contract.channels.items():
            endpoint = endpoints.get(authority, {}).get(name)
            trouble = endpoint and suites.unfit(channel, endpoint.suite, own.signers, endpoint.verifier)
            if trouble:
                yield document.problem(("authorities", authority, name), trouble)


def _unknown(what: str, word: str, known: Mapping[str, object]) -> str:
    near = nearest(word, known)
    return f"unknown {what}" + (f"; did you mean {near!r}?" if near else f"; known here: {', '.join(sorted(known))}")


def _endpoint(home: Path, where: str, given: EndpointSettings, suite: Suite) -> Endpoint:
    verifier = None
    if given.key_id is not None and given.public_key is not None:
        verifier = keys.verifier(given.key_id, home / given.public_key)
    soap = SoapVerifier((home / given.certificate).read_bytes()) if given.certificate is not None else None
    account = {name: _value(home, text) for name, text in given.account.items()}
    app_key = references.line(home, given.app_key) if given.app_key is not None else None
    tls = connections.endpoint(home, where, given)
    return Endpoint(given.url, account, verifier, soap, given.suite or suite, given.rid, app_key, tls)


def _value(home: Path, text: str) -> str:
    """A value of an account, or what its reference stands for."""
    return references.line(home, text) if is_reference(text) else text
