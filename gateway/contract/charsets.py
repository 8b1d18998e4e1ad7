"""Which characters the bytes of a message mean: UTF-8, or an older peer's GB encoding, always read as GB 18030.

"GB2312" and "GBK" are declared over bytes that neither can hold; GB 18030 contains both. Python's `gb2312` would even turn the
separator in names (A1A4) into another character without a word, so those codecs are never used (domain 1.4).
"""

from __future__ import annotations

import re
from typing import Final

GB: Final = frozenset({"gb2312", "gbk", "gb18030", "gb_2312-80", "cp936", "ms936", "x-gbk"})

_PARAMETER = re.compile(r";\s*charset\s*=\s*\"?([A-Za-z0-9._:\-]{1,40})\"?\s*(?:;|$)", re.IGNORECASE)


def of_content_type(header: str) -> str | None:
    """The charset that a Content-Type header names, as it is written there."""
    found = _PARAMETER.search(header)
    return found[1] if found else None


def as_utf8(data: bytes, *declared: str | None) -> bytes:
    """The bytes in UTF-8, by what the message declares about itself (header first; None where a place is silent).

    Without a GB encoding among the declarations they are given back as they are: whoever reads them takes UTF-8 and
    nothing else. Where two places contradict each other, the one that fits the bytes is believed.

    Raises:
        ValueError: a GB encoding alone is declared, and the bytes are not that. The text is fixed.
    """
    named = [name.lower() for name in declared if name]
    if not any(name in GB for name in named):
        return data
    if _is_chinese_utf8(data):
        if all(name in GB for name in named):
            raise ValueError("declared as a GB encoding, and the bytes are UTF-8")
        return data
    try:
        return data.decode("gb18030").encode()
    except UnicodeError:
        raise ValueError("declared as a GB encoding, and the bytes are none") from None


def _is_chinese_utf8(data: bytes) -> bool:
    """Well-formed UTF-8 with a character of three bytes or more: GB text practically never looks like that by chance."""
    try:
        return any(char >= "\u0800" for char in data.decode())
    except UnicodeDecodeError:
        return False
