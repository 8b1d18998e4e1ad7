"""What a reply means, by the contract's own list: the first meaning whose every condition holds. Nothing else counts."""

from __future__ import annotations

from typing import Any

from gateway.contract.authority import Meaning, Means
from gateway.errors import (
    TROUBLES,
    BadReply,
    Trouble,
)

_TROUBLE = {kind.status: kind for kind in TROUBLES}


def of(
    meanings: list[Meaning],
    *,
    status: int,
    code: str | None = None,
    text: str = "",
    count: int | None = None,
    fault: str | None = None,
) -> Means:
    """The meaning of a reply. `count` is None where the reply has no place for records: no `records` condition then holds.

    Raises:
        BadReply: the contract has no meaning for it. Silence is never a no.
    """
    records = None if count is None else ("none", "one")[count] if count < 2 else "several"
    for meaning in meanings:
        if (
            (meaning.status is None or meaning.status == status)
            and (meaning.code is None or meaning.code == code)
            and (meaning.text is None or text.startswith(meaning.text))
            and (meaning.records is None or meaning.records == records)
            and (meaning.fault is None or meaning.fault == fault)
        ):
            return meaning.means
    raise BadReply(f"the contract has no meaning for this reply (HTTP {status})")


def trouble(means: Means, retry_after_seconds: float | None) -> Trouble:
    """The exception of a meaning that is no reply about a person."""
    return _TROUBLE[means]("as the contract reads their reply", retry_after_seconds=retry_after_seconds)


def code_text(value: Any) -> str | None:
    """A result code as the contract writes it: JSON's booleans as `true` and `false`, numbers and text as they are."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None
