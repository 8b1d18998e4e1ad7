"""Pseudonyms: who it was, for those who hold the key, and nobody for everyone else.

HMAC-SHA256 (RFC 2104) under the key of an epoch, cut to 128 bits. Destroying an epoch's key ends the history made with
it: nothing else links a pseudonym to a person. Domains keep equal strings apart, so that a case number that happens to
be an identity number, or an operator who applies for a passport, cannot be linked.
"""

from __future__ import annotations

import hashlib
import re
import secrets

PERSON = "person"
"""A citizen, by canonical identity number: as subject and as guardian the same pseudonym."""
NAMED = "named"
"""A citizen by canonical identity number, a blank and canonical name: each name tried for one number is another."""
CASE = "case"
OPERATOR = "operator"
KEY = "idempotency-key"
QUESTION = "question"
"""The bytes of a question under one idempotency key: equal questions under other keys are other pseudonyms."""
BLIND = "blind"
"""An entry of the ledger, by its id: what keeps a digest in it from being tried against every number there is."""

_KEY = re.compile(rb"[0-9a-fA-F]{64}\n?", re.ASCII)
_BLOCK_BYTES = 64
_EPOCH = re.compile(r"[A-Za-z0-9_-]{1,16}", re.ASCII)


class Pseudonyms:
    """Makes the pseudonyms of one epoch. `epoch` is 1 to 16 of `A-Z a-z 0-9 _ -`; `key` has 32 bytes."""

    __slots__ = ("_inner", "_key", "_outer", "epoch")

    def __init__(self, epoch: str, key: bytes) -> None:
        if not _EPOCH.fullmatch(epoch) or len(key) != 32:
            raise ValueError("an epoch is 1 to 16 of A-Z a-z 0-9 _ -, its key has 32 bytes")
        self.epoch = epoch
        self._key = key
        block = key.ljust(_BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pseudonyms) and (self.epoch, self._key) == (other.epoch, other._key)

    __hash__ = None  # type: ignore[assignment]  # nothing keeps them by their key

    def __repr__(self) -> str:
        return f"Pseudonyms(epoch={self.epoch!r})"  # the key in a traceback or a log line would undo them all

    @classmethod
    def read(cls, epoch: str, text: bytes) -> Pseudonyms:
        """With a key as its file holds it: 64 hex digits and at most one line feed. Raises ValueError, without the content."""
        if not _KEY.fullmatch(text):
            raise ValueError("a pseudonym key is 64 hex digits and nothing else")
        return cls(epoch, bytes.fromhex(text.decode()))

    def now(self) -> Pseudonyms:
        """Those of the epoch that is active now: what one entry says is to be under one epoch."""
        return self

    def of(self, domain: str, value: str) -> str:
        """`<epoch>:<32 lower-case hex digits>` of the active epoch. Equal for equal domain and value, and only then."""
        made_by = self.now()
        return f"{made_by.epoch}:{made_by._digits(domain, value)[:32]}"

    def every(self, domain: str, value: str) -> tuple[str, ...]:
        """Under each epoch that has a key, the active one first: what a look-up must know. Never written."""
        return (self.of(domain, value),)

    def under(self, epoch: str) -> Pseudonyms | None:
        """Those of one epoch, to check what was written under it; None where it has no key (any more)."""
        return self if epoch == self.epoch else None

    def known_since(self) -> float | None:
        """The Unix second from which on every entry is under an epoch that has a key; None where all of them are."""
        return None

    def short(self, domain: str, value: str) -> str:
        """The first eight hex digits: how operators see somebody. Not unique; never a key to anything."""
        return self.now()._digits(domain, value)[:8]

    def blind(self, entry_id: str) -> bytes:
        """The 16 bytes that blind the digests of one entry. Whoever is given them can check those; no other entry's."""
        return bytes.fromhex(self.now()._digits(BLIND, entry_id)[:32])

    def blinded(self, entry_id: str, sha256: bytes) -> str:
        """The lower-case hex SHA-256 over the entry's blind and those 32 bytes."""
        return blinded(self.blind(entry_id), sha256)

    def _digits(self, domain: str, value: str) -> str:
        # The length in front: no pair of domain and value can be written as another pair.
        # HMAC by its two halves, which were keyed once: `hmac.digest` sets the key up each time, for twice the price, and a
        # verification takes a dozen and a half.
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{len(domain)}:{domain}:{value}".encode())
        outer.update(inner.digest())
        return outer.hexdigest()


def blinded(blind: bytes, sha256: bytes) -> str:
    """The lower-case hex SHA-256 over an entry's blind and those 32 bytes."""
    return hashlib.sha256(blind + sha256).hexdigest()


def new_key() -> str:
    """A fresh key as its file holds it, without the line feed."""
    return secrets.token_hex(32)
