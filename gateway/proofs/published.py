"""The gateway's public keys and ledger as its document says (`gateway keys export`, `/.well-known/gateway-keys`).

Members and kinds of key that this version does not know are passed over, so that a newer gateway's document can be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from gateway.contract import strict_json
from gateway.security import keys

_COUNTING: Final = frozenset({"pending", "active", "retiring"})
"""A pending key counts already: so whoever read the document before a rotation goes on after it."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """One key. `until` in Unix seconds, for one that is retiring."""

    id: str
    use: str
    alg: str
    state: str
    public_key: str
    until: float | None

    def counts(self, moment: float) -> bool:
        """Whether what it signed at `moment` (Unix seconds) counts.

        `expires` ends nothing: it says when a key must have been replaced, and the gateway that warned of it signs on.
        """
        return self.may_count and (self.until is None or moment < self.until)

    @property
    def may_count(self) -> bool:
        """Whether anything that it signed counts: it is not revoked, nor in a state that is not known here."""
        return self.state in _COUNTING

    def verifier(self) -> keys.Verifier:
        """Raises UnusableKey."""
        found = keys.verifier(self.id, self.public_key.encode("ascii", "replace"))
        if found.alg != self.alg:
            raise keys.UnusableKey(f"key {self.id!r}: the public key is for {found.alg}, not for what 'alg' says")
        return found


@dataclass(frozen=True, slots=True)
class Witness:
    """Who cosigns the ledger's checkpoints, and the key that it does it with (PEM)."""

    name: str
    public_key: str


@dataclass(frozen=True, slots=True)
class Published:
    """The document. Without `origin` it says nothing about a ledger."""

    keys: tuple[PublishedKey, ...]
    origin: str | None = None
    witnesses: tuple[Witness, ...] = ()

    def of(self, use: str) -> Iterator[PublishedKey]:
        """The keys for one use."""
        return (key for key in self.keys if key.use == use)


def read(data: bytes) -> Published:
    """Raises ValueError, which holds nothing of the bytes, where they are no such document."""
    document = _object(strict_json.read(data))
    ledger = _object(document.get("ledger", {}))
    origin = _text(ledger, "origin") if ledger else None
    witnesses = tuple(_witness(each) for each in _member(ledger, "witnesses", list)) if ledger else ()
    found = tuple(_key(each) for each in _member(document, "keys", list))
    if len({key.id for key in found}) < len(found):
        raise ValueError("a key id stands twice")
    return Published(found, origin, witnesses)


def _key(value: Any) -> PublishedKey:
    key = _object(value)
    until = key.get("until")
    return PublishedKey(
        _text(key, "id"),
        _text(key, "use"),
        _text(key, "alg"),
        _text(key, "state"),
        _text(key, "public_key"),
        None if until is None else _moment(_text(key, "until")),
    )


def _witness(value: Any) -> Witness:
    witness = _object(value)
    return Witness(_text(witness, "name"), _text(witness, "public_key"))


def _moment(text: str) -> float:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without an offset")
    return moment.timestamp()


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _text(members: dict[str, Any], name: str) -> str:
    return _member(members, name, str)


def _member(members: dict[str, Any], name: str, kind: type[_T]) -> _T:
    value = members.get(name)
    if not isinstance(value, kind):
        raise ValueError(f"the member {name} is missing or not of its type")
    return value
