"""What an auditor names: the ledger's file, the public keys that count, and checkpoints of former days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway import installation
from gateway.commands.options import home_of
from gateway.contract.files import load_or_raise
from gateway.contract.ring import RingFile
from gateway.errors import GatewayError
from gateway.ledger.auditing import Believed, Kept
from gateway.proofs import notes, published
from gateway.proofs.notes import NoteKey
from gateway.settings import Settings


class Unusable(GatewayError):
    """What was named cannot be used for an audit: the text says what and why."""


@dataclass(frozen=True, slots=True)
class Named:
    """As the options have it: an installation, or a file with a document of keys."""

    home: Path | None
    ledger: Path | None
    keys: Path | None
    origin: str | None

    def read(self, checkpoints: Iterable[Path] = ()) -> tuple[Path, Believed]:
        """The file, and what is believed. Raises Unusable, BrokenFiles, OSError. No private key is read."""
        if self.ledger is None and self.keys is None:
            return self._installed(checkpoints)
        if self.ledger is None or self.keys is None:
            raise Unusable("--ledger and --keys go together")
        try:
            document = published.read(self.keys.read_bytes())
        except ValueError as error:
            raise Unusable(f"{self.keys} is not a document of the gateway's keys") from error
        name = self.origin or document.origin
        if name is None:
            raise Unusable(f"{self.keys} does not say the ledger's name: give it with --origin")
        pems = [key.public_key for key in document.of("checkpoints") if key.may_count]
        return self.ledger, _believed(name, pems, checkpoints)

    def _installed(self, checkpoints: Iterable[Path]) -> tuple[Path, Believed]:
        home = home_of(self.home)
        settings = load_or_raise(home / installation.SETTINGS, Settings)
        ring = load_or_raise(home / settings.keys.ring, RingFile)
        pems = [key.public_key for key in ring.keys if key.use == "checkpoints" and key.state != "revoked"]
        kept = home / settings.audit.kept
        named = [*checkpoints, *([kept] if kept.is_dir() else [])]
        return home / settings.ledger, _believed(self.origin or settings.audit.origin, pems, named)


def _believed(origin: str, pems: list[str], checkpoints: Iterable[Path]) -> Believed:
    def keys(name: str) -> list[NoteKey]:
        return [notes.key_of_pem(name, notes.Kind.SIGNATURE, pem) for pem in pems]

    if not keys(f"{origin}/0"):
        raise Unusable("no key for checkpoints is known that is not revoked")
    return Believed(origin, keys, tuple(_kept(checkpoints)))


def _kept(checkpoints: Iterable[Path]) -> Iterator[Kept]:
    for path in checkpoints:
        files = sorted(each for each in path.iterdir() if not each.name.startswith(".")) if path.is_dir() else [path]
        for file in files:
            yield Kept(str(file), file.read_bytes())
