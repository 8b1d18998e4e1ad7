"""What a receipt's signed payload says: the ledger's entries of one verification, read strictly and held against each other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from gateway.proofs import canonical
from gateway.proofs.merkle import leaf_hash
from gateway.proofs.receipt_refusals import ReceiptRefused
from gateway.security.pseudonyms import blinded

VERSION: Final = 1
ENTRY_VERSION: Final = 2
BLIND_BYTES: Final = 16

_HEX: Final = re.compile(r"(?:[0-9a-f]{2})++")
_MEMBERS: Final = {"v", "verification_id", "revision", "consumer", "keyid", "intent", "evidence", "outcome", "ledger"}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry's exact bytes. With the blind, whoever has what was sent can show that its digest in the entry is of that."""

    body: bytes
    blind: bytes | None = None

    @property
    def content(self) -> dict[str, Any]:
        """Its members. Raises ValueError where it is not an entry in canonical form."""
        content = canonical.read(self.body)
        if not isinstance(content, dict) or content.get("v") != ENTRY_VERSION:
            raise ValueError("not an entry of this version")
        return content

    def holds(self, digest: object, data: bytes) -> bool | None:
        """Whether the blinded digest is that of `data`; None where the blind is not given any more."""
        if self.blind is None:
            return None
        return digest == blinded(self.blind, hashlib.sha256(data).digest())


@dataclass(frozen=True, slots=True)
class Contents:
    """One verification as the ledger has it. `evidence`, officers' findings too, is in the order of entry ids."""

    intent: Entry
    evidence: tuple[Entry, ...]
    outcome: Entry
    origin: str
    index: int

    @property
    def leaf_hash(self) -> bytes:
        """What the ledger's tree holds of the outcome."""
        return leaf_hash(self.outcome.body)

    def written(self) -> bytes:
        """The payload. Raises ValueError where the bodies are no entries."""
        asked, answered = self.intent.content, self.outcome.content
        ledger = {"origin": self.origin, "index": self.index, "leaf_hash": self.leaf_hash.hex()}
        return canonical.written(
            {
                "v": VERSION,
                "verification_id": answered.get("verification_id"),
                "revision": answered.get("revision"),
                "consumer": asked.get("consumer"),
                "keyid": asked.get("keyid"),
                "intent": _blinded(self.intent),
                "evidence": [_blinded(entry) for entry in self.evidence],
                "outcome": {"body": self.outcome.body.decode()},
                "ledger": ledger,
            }
        )


def read(payload: bytes) -> Contents:
    """The contents of a signed payload. What it says twice, it says alike.

    Raises ReceiptRefused `content_malformed` or `entries_differ`.
    """
    try:
        found = canonical.read(payload)
        if set(found) != _MEMBERS or found["v"] != VERSION:
            raise ValueError("not a payload of this version")
        ledger = found["ledger"]
        contents = Contents(
            _entry(found["intent"]),
            tuple(_entry(each) for each in member(found, "evidence", list)),
            Entry(member(found["outcome"], "body", str).encode()),
            member(ledger, "origin", str),
            member(ledger, "index", int),
        )
        is_whole = contents.written() == payload
    except (ValueError, TypeError, LookupError) as error:
        raise ReceiptRefused("content_malformed") from error
    # The bodies say it all: what stands beside them is what `written` makes of them, or it is wrong.
    if not is_whole or contents.index < 0:
        raise ReceiptRefused("entries_differ")
    _require_one_verification(contents)
    return contents


def member(members: Any, name: str, kind: type[_T]) -> _T:
    """That member of that type. Raises ValueError, LookupError or TypeError."""
    value = members[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"the member {name} is not of its type")
    return value


def moment(members: Any, name: str) -> float:
    """A time (RFC 3339) in Unix seconds. Raises like `member`."""
    text = member(members, name, str)
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or not text.endswith("Z"):
        raise ValueError(f"the member {name} is not a time in UTC")
    return found.timestamp()


def _require_one_verification(contents: Contents) -> None:
    """The outcome's hashes name the intent and each evidence; and all are of one verification."""
    try:
        asked, answered = contents.intent.content, contents.outcome.content
        evidence = {member(entry.content, "entry_id", str): entry for entry in contents.evidence}
        belongs = (
            (asked["kind"], answered["kind"]) == ("intent", "outcome")
            and asked["verification_id"] == answered["verification_id"]
            and (answered["intent"], answered["intent_hash"]) == (asked["entry_id"], _hash(contents.intent))
            and answered["evidence"] == {name: _hash(entry) for name, entry in evidence.items()}
            and list(evidence) == sorted(evidence)
            and len(evidence) == len(contents.evidence)
            and all(_is_evidence(entry.content, asked["entry_id"]) for entry in contents.evidence)
            and set(_named(answered)) <= set(evidence)
        )
    except (ValueError, TypeError, LookupError) as error:
        raise ReceiptRefused("content_malformed") from error
    if not belongs:
        raise ReceiptRefused("entries_differ")


def _is_evidence(content: dict[str, Any], intent: str) -> bool:
    """A call to an authority, or what an officer found."""
    return content["kind"] in ("evidence", "manual") and content["intent"] == intent


def _named(answered: dict[str, Any]) -> Iterator[str]:
    """The evidence that the decisions rest on."""
    for material in answered["materials"]:
        yield from (name for source in material["sources"] for name in source["evidence"])
        if "manual" in material:
            yield material["manual"]["entry_id"]


def _hash(entry: Entry) -> str:
    return leaf_hash(entry.body).hex()


def _blinded(entry: Entry) -> dict[str, Any]:
    return {"body": entry.body.decode(), "blind": None if entry.blind is None else entry.blind.hex()}


def _entry(value: Any) -> Entry:
    blind = value["blind"]
    if blind is not None and (not _HEX.fullmatch(blind) or len(blind) != 2 * BLIND_BYTES):
        raise ValueError("not a blind")
    return Entry(member(value, "body", str).encode(), None if blind is None else bytes.fromhex(blind))
