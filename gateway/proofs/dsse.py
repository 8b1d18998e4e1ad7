"""DSSE v1 envelopes: a payload of a named type, and one signature over both (secure-systems-lab/dsse).

Stricter than the standard on purpose: exactly one signature, with a key id; standard base64 in its canonical form; no member
beside those of the standard. So an envelope has one spelling, and none of its bytes can change unseen.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

_BASE64 = re.compile(r"[A-Za-z0-9+/]++={0,2}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """`keyid` says which key to try, and proves nothing: whoever checks looks the key up in a list that they trust."""

    payload_type: str
    payload: bytes
    keyid: str
    signature: bytes

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return pae(self.payload_type, self.payload)

    def document(self) -> dict[str, Any]:
        """The JSON envelope."""
        return {
            "payload": _text(self.payload),
            "payloadType": self.payload_type,
            "signatures": [{"keyid": self.keyid, "sig": _text(self.signature)}],
        }

    @classmethod
    def read(cls, document: Any) -> Envelope:
        """The envelope that `document` is. Raises ValueError, which holds nothing of it."""
        payload, payload_type, signatures = _members(document, "payload", "payloadType", "signatures")
        if not isinstance(signatures, list) or len(signatures) != 1:
            raise ValueError("an envelope has one signature here")
        keyid, signature = _members(signatures[0], "keyid", "sig")
        if not isinstance(payload_type, str) or not isinstance(keyid, str):
            raise ValueError("the type and the key id are texts")
        return cls(payload_type, _bytes(payload), keyid, _bytes(signature))


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding: type and payload, each behind its length in bytes."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _members(document: Any, *names: str) -> list[Any]:
    if not isinstance(document, dict) or set(document) != set(names):
        raise ValueError("the members are not those of an envelope")
    return [document[name] for name in names]


def _text(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _bytes(text: Any) -> bytes:
    """Of canonical base64 alone: a last character with other unused bits would be another spelling of the same bytes."""
    if not isinstance(text, str) or not _BASE64.fullmatch(text) or len(text) % 4:
        raise ValueError("not base64")
    data = b64decode(text)
    if _text(data) != text:
        raise ValueError("not the canonical base64")
    return data
