"""Ways to make a request wrong, each as a function of a good one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from tests.security.doctor.cases import BODY, KEY
from tests.wire import Asked

Change = Callable[[Asked], Asked]
DOCUMENT = json.loads(BODY)


def sent(**headers: str | None) -> Change:
    """Other headers than were signed."""
    return lambda a: a.again(sent={name.replace("_", "-"): value for name, value in headers.items()})


def changed(**changes: Any) -> Change:
    return lambda a: a.again(**changes)


def edited(old: str, new: str) -> Change:
    return lambda a: a.again(edit=lambda text: text.replace(old, new))


def over(make: Callable[[bytes], bytes]) -> Change:
    """Signed over something else than the signature base."""

    class Key:
        def sign(self, data: bytes) -> bytes:
            return KEY.sign(make(data))

    return changed(key=Key())


def rewritten(**changes: Any) -> Change:
    """Signed as it is, and changed by a proxy on the way: the request line or the Host."""

    def change(a: Asked) -> Asked:
        headers = {name: value for name, value in a.fields().items() if name != "Host"}
        return a.again(**changes, sent={"Host": changes.get("authority", a.authority), **headers})

    return change


def digested(octets: bytes) -> Change:
    """The digest of other bytes, signed and sent; the body is BODY."""

    def change(a: Asked) -> Asked:
        other = a.again(body=octets)
        headers = other.fields() | {"Content-Length": str(len(a.body))}
        return a.again(sent=headers)

    return change


def spelled(text: str) -> Change:
    """Content-Digest in other words, signed as such."""

    class Spelled(Asked):
        def values(self) -> dict[str, str]:
            return {**super().values(), "content-digest": text}

    def change(a: Asked) -> Asked:
        other = Spelled(a.authority, a.key, a.now, a.body, nonce=a.nonce)
        return a.again(sent={**other.signed(), "Content-Digest": text})

    return change


def written(**options: Any) -> bytes:
    return json.dumps(DOCUMENT, **options).encode()


COMPACT = written(ensure_ascii=False, separators=(",", ":"))
RAW = hashlib.sha256(BODY).digest()
