"""C2SP signed notes: a text with the lines of those who signed it, Ed25519 keys as notes name them, and cosignatures.

Formats: c2sp.org/signed-note, and c2sp.org/tlog-cosignature for the type `cosignature/v1` of witnesses.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.errors import GatewayError
from gateway.proofs.lines import MOST, Malformed, require_name, unbase64
from gateway.security import keys
from gateway.security.algorithms import Ed25519Verifier, UnusableKey
from gateway.security.signatures import SignatureRefused, Verifier

MAX_BYTES: Final = 128 * 1024
"""Of one note: 16 signatures of the largest kinds there are (post-quantum, 5 kB each) fit."""
MAX_SIGNATURES: Final = 32
"""The format wants room for 16."""

_DASH: Final = "— "
_ID_BYTES, _TIME_BYTES, _SIGNATURE_BYTES, _PUBLIC_BYTES = 4, 8, 64, 32
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_HEX: Final = re.compile(r"[0-9a-f]{8}", re.ASCII)


class NotSigned(GatewayError):
    """Nobody signed it who had to, or a signature under a known key's name and id is not that key's."""


class Kind(IntEnum):
    """The signature type byte, of the two types that are read here."""

    SIGNATURE = 0x01
    """Ed25519 over the text."""
    COSIGNATURE = 0x04
    """Ed25519 over a time and the text, by a witness."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key as notes know it. Name and id together name the key. Raises Malformed, UnusableKey."""

    name: str
    kind: Kind
    public: bytes
    """The 32 bytes of RFC 8032."""
    id: bytes = field(init=False)
    _verifier: Ed25519Verifier = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        require_name(self.name)
        if len(self.public) != _PUBLIC_BYTES:
            raise UnusableKey("an Ed25519 key has 32 bytes")
        named = b"%b\n%c%b" % (self.name.encode(), self.kind, self.public)
        object.__setattr__(self, "id", sha256(named).digest()[:_ID_BYTES])
        verifier = Ed25519Verifier(self.id.hex(), Ed25519PublicKey.from_public_bytes(self.public))
        object.__setattr__(self, "_verifier", verifier)

    @property
    def vkey(self) -> str:
        """The key in one line, as others' tools take it: name, id in hex, and type and key in base64, joined by `+`."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    def line(self, signature: bytes, at: int | None = None) -> Line:
        """The line for this key's 64 bytes over `Kind.SIGNATURE`'s text, or over `cosigned(text, at)`."""
        if (at is None) != (self.kind is Kind.SIGNATURE) or len(signature) != _SIGNATURE_BYTES:
            raise ValueError("64 bytes; and a time for a cosignature, only")
        stamp = at.to_bytes(_TIME_BYTES, "big") if at is not None else b""
        return Line(self.name, self.id, stamp + signature)

    def check(self, line: Line, text: bytes) -> int | None:
        """The time of a cosignature (Unix seconds), else None. Raises NotSigned: the line is not this key's over `text`."""
        stamp, signature = line.signature[:-_SIGNATURE_BYTES], line.signature[-_SIGNATURE_BYTES:]
        at = int.from_bytes(stamp, "big") if self.kind is Kind.COSIGNATURE else None
        if len(stamp) != (0 if at is None else _TIME_BYTES) or (at or 0) > MOST:
            raise NotSigned("a signature under a known key's name has another length or time than its type")
        try:
            self._verifier.verify(signature, text if at is None else cosigned(text, at))
        except SignatureRefused as error:
            raise NotSigned("a signature under a known key's name and id is not that key's") from error
        return at


@dataclass(frozen=True, slots=True)
class Line:
    """One signature line: who says to have signed. `signature` is without the id."""

    name: str
    id: bytes
    signature: bytes

    def encode(self) -> bytes:
        """Its bytes, with the end of the line."""
        return f"{_DASH}{self.name} {b64encode(self.id + self.signature).decode()}\n".encode()


@dataclass(frozen=True, slots=True)
class Verified:
    """A line that verified. `at`: of a cosignature, its time in Unix seconds."""

    key: NoteKey
    line: Line
    at: int | None


@dataclass(frozen=True, slots=True)
class Signers:
    """Whose lines stand on a note. Whether a line of an unknown key is ignored or refused is for the caller to say."""

    verified: tuple[Verified, ...]
    unknown: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """`text` with its final line feed: the bytes that are signed. The lines are believed only after `verify`."""

    text: bytes
    lines: tuple[Line, ...]

    def encode(self) -> bytes:
        """The note's bytes, those that `parse` reads."""
        return self.text + b"\n" + b"".join(line.encode() for line in self.lines)

    def verify(self, known: Iterable[NoteKey]) -> Signers:
        """Checks every line of a known key. Raises NotSigned: one does not verify, or there is none."""
        by_id = {(key.name, key.id): key for key in known}
        verified: list[Verified] = []
        unknown: list[Line] = []
        for line in self.lines:
            key = by_id.get((line.name, line.id))
            if key is None:
                unknown.append(line)
            else:
                verified.append(Verified(key, line, key.check(line, self.text)))
        if not verified:
            raise NotSigned("no key that is known here has signed it")
        return Signers(tuple(verified), tuple(unknown))


def parse(data: bytes) -> Note:
    """A whole note, and nothing behind it. Raises Malformed."""
    if len(data) > MAX_BYTES:
        raise Malformed(f"a note has at most {MAX_BYTES} bytes")
    _require_text(data)
    text, found, signed = data.rpartition(b"\n\n")
    if not found:
        raise Malformed("a note is a text, an empty line, and signature lines")
    return Note(text + b"\n", parse_lines(signed))


def parse_lines(data: bytes) -> tuple[Line, ...]:
    """One or more signature lines, each with its line feed, as a witness answers them. Raises Malformed."""
    text = _require_text(data)
    if not text.endswith("\n"):
        raise Malformed("a signature line ends with a line feed")
    rows = text[:-1].split("\n")
    if len(rows) > MAX_SIGNATURES:
        raise Malformed(f"a note has at most {MAX_SIGNATURES} signatures")
    return tuple(map(_line, rows))


def cosigned(text: bytes, at: int) -> bytes:
    """What a witness signs: that at this time (Unix seconds) this was the largest consistent checkpoint it had seen."""
    if not 0 <= at <= MOST:
        raise ValueError("a time is between 0 and 2**63 - 1")
    return b"cosignature/v1\ntime %d\n%b" % (at, text)


def key_of(name: str, kind: Kind, public: Verifier) -> NoteKey:
    """A key of ours under a name. Raises UnusableKey for any but Ed25519, Malformed for the name."""
    if not isinstance(public, Ed25519Verifier):
        raise UnusableKey(f"key {public.keyid!r}: notes are signed with ed25519 keys, not {public.alg}")
    return NoteKey(name, kind, public.public)


def key_of_pem(name: str, kind: Kind, pem: str) -> NoteKey:
    """The same from a public key in PEM (SPKI)."""
    return key_of(name, kind, keys.public_half("public_key", pem))


def parse_vkey(text: str) -> NoteKey:
    """A key in one line (`NoteKey.vkey`), in the one way to write it. Raises Malformed."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    content = unbase64(encoded)
    if len(content) != 1 + _PUBLIC_BYTES or content[0] not in set(Kind):
        raise Malformed("a key is a type (01 for a signature, 04 for a cosignature) and 32 bytes of Ed25519")
    key = NoteKey(name, Kind(content[0]), content[1:])
    if not _HEX.fullmatch(key_id) or key.id.hex() != key_id:
        raise Malformed("the id is not that of this name and key")
    return key


def _require_text(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Malformed("a note is UTF-8") from error
    if _CONTROL.search(text):
        raise Malformed("a note has no control characters but line feeds")
    return text


def _line(row: str) -> Line:
    if not row.startswith(_DASH):
        raise Malformed("a signature line begins with an em dash and a space")
    name, _, encoded = row[len(_DASH) :].partition(" ")
    require_name(name)
    content = unbase64(encoded)
    if len(content) <= _ID_BYTES:
        raise Malformed("a signature line holds a key id and a signature")
    return Line(name, content[:_ID_BYTES], content[_ID_BYTES:])
