"""A good request of a consumer, to be made wrong in one way at a time, and what the doctor says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.security.doctor import captures, sight
from gateway.security.doctor.cases import Case, Cause
from gateway.security.doctor.diagnosis import Diagnosis, diagnose
from gateway.security.keys import Ed25519Verifier
from gateway.security.signatures import Verifier
from tests.still import START_UNIX
from tests.wire import Asked

NAMES: Final = ("gw.example", "other.example:8443")
KEYID: Final = "counter-test-key"
KEY, OTHER, NOBODYS = (Ed25519PrivateKey.generate() for _ in range(3))
KEYS: Final[Mapping[str, Verifier]] = {
    KEYID: Ed25519Verifier(KEYID, KEY.public_key()),
    "other-key": Ed25519Verifier("other-key", OTHER.public_key()),
}
BODY: Final = '{"b": "甲/乙", "a": [1, 2]}'.encode()


def asked(body: bytes = BODY, **changes: Any) -> Asked:
    return Asked(NAMES[0], KEY, START_UNIX, body).again(**changes)


def case(data: bytes, *, now: float = START_UNIX, keys: Mapping[str, Verifier] = KEYS) -> Case:
    return sight.case_of(captures.read(data).request, keys, NAMES, now)


def diagnosed(request: Asked, **options: Any) -> Diagnosis:
    return diagnose(case(request.bytes(), **options))


def only(found: Diagnosis) -> Cause:
    (cause,) = found.causes
    return cause


def _traced(data: bytes, direction: str, kind: str) -> str:
    lines = [f"{direction} {kind}, {len(data)} bytes (0x{len(data):x})"]
    for at in range(0, len(data), 16):
        octets = data[at : at + 16]
        shown = "".join(chr(octet) if 32 <= octet < 127 else "." for octet in octets)
        lines.append(f"{at:04x}: {' '.join(f'{octet:02x}' for octet in octets):<47} {shown}")
    return "\n".join(lines) + "\n"


def trace(request: bytes, answer: bytes = b"") -> bytes:
    """What `curl --trace FILE` writes of the two."""
    head, gap, body = request.partition(b"\r\n\r\n")
    sent = _traced(head + gap, "=>", "Send header") + (_traced(body, "=>", "Send data") if body else "")
    came = _traced(b"HTTP/1.1 100 Continue\r\n\r\n" + answer, "<=", "Recv header") if answer else ""
    return f"== Info:   Trying 127.0.0.1:8650...\n{sent}{came}== Info: Connection #0 left intact\n".encode()
