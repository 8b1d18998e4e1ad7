"""The loop: the first check that fails, its doctor, the mended case again, until the signature verifies or nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from gateway.security.doctor import bodies, clocks, headers, keyrings, proofs
from gateway.security.doctor.cases import Case, Cause, Doctor
from gateway.security.inspection import Believed, Disbelieved, Line, rebuilt
from gateway.security.presented import Code

_DOCTORS: Final[Mapping[Code, Doctor]] = {
    "signature_missing": headers.missing,
    "signature_malformed": headers.malformed,
    "signature_count": headers.count,
    "coverage": headers.coverage,
    "tag": headers.tag,
    "alg_mismatch": keyrings.algorithm,
    "key": keyrings.key,
    "clock": clocks.clock,
    "digest": bodies.digest,
    "signature_invalid": proofs.proof,
}

_MOST: Final = 8
"""Causes that one request may have: each doctor mends its own check, so the loop is short anyway."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`code` and `detail` are the door's; empty where it lets the request through."""

    code: str
    detail: str
    lines: tuple[Line, ...]
    causes: tuple[Cause, ...]
    is_explained: bool
    """With the causes out of the way the signature verifies."""


def diagnose(case: Case) -> Diagnosis:
    """What the door would say, and every cause that stands between this request and a signature that verifies."""
    begun, first = case, case.inspected()
    inspected = first
    causes: list[Cause] = []
    is_explained = False
    while isinstance(inspected, Disbelieved) and len(causes) < _MOST and not is_explained:
        treated = _DOCTORS[inspected.refusal.code](case, inspected)
        causes.append(treated.cause)
        is_explained = treated.is_end
        if treated.mended is None:
            break
        case = treated.mended
        inspected = case.inspected()
    is_explained = is_explained or isinstance(inspected, Believed)
    told = tuple(replace(cause, is_proved=cause.is_proved or is_explained) for cause in causes)
    if isinstance(first, Believed):
        return Diagnosis("", "", rebuilt(begun.wanted, first.presented, begun.request.values), (), is_explained=True)
    return Diagnosis(first.refusal.code, first.refusal.detail, first.lines, told, is_explained)
