"""Idempotency-Key as it came (draft-ietf-httpapi-idempotency-key-header): a Structured Field string, and stricter.

One line, in quotes, without parameters, 16 to 64 of `A-Z a-z 0-9 - _`: a UUID or a token as it is. Then there is one
spelling of each key, and the text signed is the text received.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from gateway.errors import GatewayError

HEADER: Final = "Idempotency-Key"
COMPONENT: Final = '"idempotency-key"'
EXPECTED: Final = "one line, a string in quotes: 16 to 64 of A-Z a-z 0-9 - _"

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


class NoKey(GatewayError):
    """This is no idempotency key, and never with what stands there."""

    def __init__(self) -> None:
        super().__init__(EXPECTED)


def read(lines: Sequence[str]) -> str | None:
    """The key in these header lines, without its quotes; None where there is no line. Raises NoKey."""
    if not lines:
        return None
    text = lines[0]
    if len(lines) != 1 or len(text) < 2 or text[0] + text[-1] != '""' or not _KEY.fullmatch(text[1:-1]):
        raise NoKey
    return text[1:-1]


def written(key: str) -> str:
    """The header's value. Raises NoKey."""
    if not _KEY.fullmatch(key):
        raise NoKey
    return f'"{key}"'
