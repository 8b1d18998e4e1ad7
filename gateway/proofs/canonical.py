"""JSON that has one spelling: what is signed or hashed here is written so, and read back only where it is written so."""

from __future__ import annotations

import json
from typing import Any

from gateway.contract import strict_json

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def written(value: Any) -> bytes:
    """RFC 8785 (JCS), for names in ASCII and whole numbers below 2**53: members sorted, no space, UTF-8, no needless escape."""
    return _encode(value).encode()


def read(data: bytes) -> Any:
    """The value of bytes that `written` would give. Raises ValueError, which holds nothing of them."""
    value = strict_json.read(data)
    if written(value) != data:
        raise ValueError("not in canonical form")
    return value
