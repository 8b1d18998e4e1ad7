"""The gateway's own keys, read from where the settings say that they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gateway.contract.authority import Suite
from gateway.contract.files import Document
from gateway.errors import BrokenFiles, GatewayError, Problem
from gateway.security import references
from gateway.security.epochs import EpochReader, Epochs, Living
from gateway.security.holders import KeyHolder
from gateway.security.keys import Signer
from gateway.security.pseudonyms import Pseudonyms
from gateway.security.ring import ANSWERS, Active, Ring, RingReader
from gateway.security.wsse import SoapSigner
from gateway.settings import Keys as KeySettings
from gateway.watching import Watched

_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Keys:
    """The gateway's own keys. Those of the ring and of the epochs are read anew while the gateway runs."""

    ring: Watched[Ring]
    epochs: Watched[Epochs]
    soap: SoapSigner

    @property
    def pseudonyms(self) -> Pseudonyms:
        """By the epochs as they are now."""
        return Living(lambda: self.epochs.current)

    def answers(self) -> KeyHolder:
        """Who signs answers now."""
        return self.ring.current.holders[ANSWERS]

    @property
    def signers(self) -> Mapping[Suite, Signer]:
        """What signs our requests, by suite."""
        suites = (suite for use, suite in self.ring.current.holders if use == "outbound")
        return {suite: Active(lambda: self.ring.current, suite) for suite in suites if suite is not None}


def read(home: Path, named: KeySettings, document: Document, problems: list[Problem]) -> Keys | None:
    """Every key; where one cannot be used, None, and each such key is one of the problems."""

    def read_key(name: str, make: Callable[[], _Key]) -> _Key | None:
        try:
            return make()
        except (GatewayError, ValueError, OSError) as error:
            problems.append(document.problem(("keys", name), trouble(error)))
            return None

    ring = read_ring(home, named, problems)
    soap = read_key("soap", lambda: _soap(home, named))
    epochs = read_epochs(home, named, problems)
    if ring is None or soap is None or epochs is None:
        return None
    return Keys(ring, epochs, soap)


def read_ring(home: Path, named: KeySettings, problems: list[Problem]) -> Watched[Ring] | None:
    """The ring alone; None with its problems where it is not as it must be."""
    reader = RingReader(home, named.ring)
    try:
        return Watched(reader.read, reader.stamp)
    except BrokenFiles as error:
        problems += error.problems
        return None


def read_epochs(home: Path, named: KeySettings, problems: list[Problem]) -> Watched[Epochs] | None:
    """The epochs of the ledger's pseudonyms alone, in the same way."""
    reader = EpochReader(home, named.epochs)
    try:
        return Watched(reader.read, reader.stamp)
    except BrokenFiles as error:
        problems += error.problems
        return None


def trouble(error: Exception) -> str:
    """What is wrong with a key or secret: which file and why, never what stands in it."""
    if isinstance(error, OSError):
        return f"{error.filename} cannot be read: {error.strerror}"
    return str(error)


def _soap(home: Path, named: KeySettings) -> SoapSigner:
    return SoapSigner(references.read(home, named.soap.key), (home / named.soap.certificate).read_bytes())
