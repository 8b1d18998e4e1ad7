"""The gateway's own keys, read from the files that the settings name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gateway.contract.authority import Suite
from gateway.contract.files import Document
from gateway.errors import GatewayError, Problem
from gateway.security import keys
from gateway.security.pseudonyms import Pseudonyms
from gateway.security.wsse import SoapSigner
from gateway.settings import Keys as KeySettings

_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Keys:
    """The gateway's own keys, read."""

    answers: keys.Signer
    outbound: keys.Signer
    outbound_sm2: keys.Signer | None
    soap: SoapSigner
    pseudonyms: Pseudonyms

    @property
    def signers(self) -> Mapping[Suite, keys.Signer]:
        """What signs our requests, by suite."""
        sm: Mapping[Suite, keys.Signer] = {"sm": self.outbound_sm2} if self.outbound_sm2 is not None else {}
        return {"international": self.outbound, **sm}


def read(home: Path, named: KeySettings, document: Document, problems: list[Problem]) -> Keys | None:
    """Every key; where one cannot be used, None, and each such key is one of the problems."""

    def read_key(name: str, make: Callable[[], _Key]) -> _Key | None:
        try:
            return make()
        except (GatewayError, ValueError, OSError) as error:
            problems.append(document.problem(("keys", name), trouble(error)))
            return None

    ours, sm2 = named.outbound, named.outbound_sm2
    answers = read_key("answers", lambda: keys.signer(named.answers.id, home / named.answers.file))
    outbound = read_key("outbound", lambda: keys.signer_of("international", ours.id, home / ours.file))
    outbound_sm2 = None
    if sm2 is not None:
        outbound_sm2 = read_key("outbound_sm2", lambda: keys.signer_of("sm", sm2.id, home / sm2.file))
    soap = read_key("soap", lambda: SoapSigner.from_files(home / named.soap.file, home / named.soap.certificate))
    epoch, file = named.pseudonyms.epoch, home / named.pseudonyms.file
    pseudonyms = read_key("pseudonyms", lambda: Pseudonyms.load(epoch, file))
    if answers is None or outbound is None or soap is None or pseudonyms is None:
        return None
    return Keys(answers, outbound, outbound_sm2, soap, pseudonyms)


def trouble(error: Exception) -> str:
    """What is wrong with a key or secret: which file and why, never what stands in it."""
    if isinstance(error, OSError):
        return f"{error.filename} cannot be read: {error.strerror}"
    return str(error)
