"""What a consumer asked about a case, read from JSON into frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.client.members import json_object, maybe, member, time_of


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """One question. Without an answer `revision` is None and `outcome` is `in_progress`, or `closed`: it will have none."""

    verification_id: str
    asked_at: datetime
    revision: int | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Cases:
    """One page, newest first."""

    verifications: tuple[AskedBefore, ...]
    next: str | None
    """The cursor of what is older; None: there is nothing."""
    raw: Mapping[str, Any] = field(repr=False, compare=False)


def read_cases(document: Any) -> Cases:
    """Raises BadAnswer, naming the member, when the document is not a page."""
    members = json_object(document, "the page")
    return Cases(
        verifications=tuple(_asked(each) for each in member(members, "verifications", list)),
        next=maybe(members, "next", str),
        raw=members,
    )


def _asked(document: Any) -> AskedBefore:
    members = json_object(document, "a verification")
    return AskedBefore(
        verification_id=member(members, "verification_id", str),
        asked_at=time_of(members, "asked_at"),
        revision=maybe(members, "revision", int),
        outcome=member(members, "outcome", str),
    )
