"""The Prefer header (RFC 7240), of which we know `wait`. It is an unsigned hint: what cannot be read is ignored."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

MOST_SECONDS: Final = 30
"""Longer than any late finding takes as a rule, and shorter than what proxies cut off."""
_MOST_LENGTH: Final = 1024

_PREFERENCE: Final = re.compile(
    r'[ \t]*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[!#$%&\'*+.^_`|~0-9A-Za-z-]+))?'
    r'(?:[ \t]*;(?:[^",]|"(?:[^"\\]|\\.)*")*)?[ \t]*(?:,|$)'
)


def wait_of(values: Iterable[str]) -> int | None:
    """The whole seconds that the sender would wait, at most MOST_SECONDS; None where they say nothing of it that counts.

    `values` are the header's lines. The first `wait` counts (section 2).
    """
    text = ",".join(values)
    at = 0
    while at < len(text) <= _MOST_LENGTH and (found := _PREFERENCE.match(text, at)) is not None:
        name, value = found[1].lower(), (found[2] or "").strip('"')
        if name == "wait":
            is_number = value.isascii() and value.isdecimal() and len(value) < 10
            return min(int(value), MOST_SECONDS) if is_number else None
        at = found.end()
    return None
