"""What the lines of all these formats are made of: numbers, base64, names; each in the one way to write it."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Final

from gateway.errors import GatewayError
from gateway.proofs.merkle import HASH_BYTES

MOST: Final = 2**63 - 1
"""The largest size, index or time in any of them."""

MAX_HASHES: Final = 63
"""Of one proof: as many as the largest tree has levels."""

_UNWRITABLE: Final = re.compile(r"[\x00-\x1f\ud800-\udfff]")
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class Malformed(GatewayError):
    """Not the bytes that the format says. The text names the rule that is broken, never what was read."""


def require_name(name: str) -> None:
    """Raises Malformed for what can be no key's name."""
    require_line(name)
    if "+" in name or any(char.isspace() for char in name):
        raise Malformed("a key's name has neither space nor plus")


def require_line(text: str) -> None:
    """Raises Malformed for what can be no line of a note that says something."""
    if not text or _UNWRITABLE.search(text):
        raise Malformed("a line is not empty and has no control characters")


def decimal(text: str) -> int:
    """A number without sign or leading zero, to 2**63 - 1. Raises Malformed."""
    if not _DECIMAL.fullmatch(text) or (value := int(text)) > MOST:
        raise Malformed("a number is written in decimal digits, without leading zeroes")
    return value


def unbase64(text: str) -> bytes:
    """Standard base64 with padding, in the one way to write it. Raises Malformed."""
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or b64encode(data).decode() != text:
        raise Malformed("base64 is the standard alphabet, padded, with no bit left over")
    return data


def hash_lines(hashes: Sequence[bytes]) -> bytes:
    """One hash a line, each with its line feed."""
    return b"".join(b"%b\n" % b64encode(each) for each in hashes)


def read_hashes(rows: Sequence[bytes]) -> tuple[bytes, ...]:
    """The hashes of such lines, given without line feeds. Raises Malformed."""
    if len(rows) > MAX_HASHES:
        raise Malformed(f"a proof has at most {MAX_HASHES} hashes")
    hashes = tuple(unbase64(row.decode("ascii", "replace")) for row in rows)
    if any(len(each) != HASH_BYTES for each in hashes):
        raise Malformed("a hash has 32 bytes")
    return hashes
