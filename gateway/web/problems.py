"""Problem documents (RFC 9457): every code the API can answer with."""

from __future__ import annotations

import json
from typing import Any

from gateway.errors import Fault, Refused
from gateway.web import sizes
from gateway.web.problem_kinds import KINDS

__all__ = ["CONTENT_TYPE", "KINDS", "UNSIGNED", "document", "refused"]

CONTENT_TYPE = "application/problem+json"


UNSIGNED = frozenset({"framing", "head_too_slow", "expectation", "signer_unavailable"})
"""Said below every route, by `framing`: of a request line and headers there was not enough to sign an answer to. And the
one that says that there is nobody to sign."""


def refused(
    code: str,
    detail: str = "",
    faults: tuple[Fault, ...] = (),
    signature_base: tuple[tuple[str, str], ...] = (),
    **headers: str,
) -> Refused:
    """The refusal of this kind. Header names are given with underscores for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refused(KINDS[code].status, code, detail, faults=faults, signature_base=signature_base, headers=named)


def document(refusal: Refused) -> bytes:
    """The problem document of a refusal, filled up to its size class."""
    kind = KINDS[refusal.code]
    content: dict[str, Any] = {
        "type": f"/problems/{refusal.code}",
        "title": kind.title,
        "status": refusal.http_status,
        "code": refusal.code,
        "detail": refusal.detail or kind.en,
        "message": {"zh": kind.zh, "en": kind.en},
    }
    if refusal.faults:
        content["faults"] = [_fault(fault) for fault in refusal.faults]
    if refusal.signature_base:
        content["signature_base"] = [
            {"component": component, "sha256": digest} for component, digest in refusal.signature_base
        ]
    return sizes.filled(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), sizes.PROBLEM_STEP)


def _fault(fault: Fault) -> dict[str, Any]:
    names = ("code", "pointer", "line", "column", "expected", "nearest")
    return {name: value for name in names if (value := getattr(fault, name)) is not None}
