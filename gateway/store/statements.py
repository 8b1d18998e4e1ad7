"""Statements over many rows at once, in SQL that every database of ours takes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any


@cache
def values(columns: int, rows: int) -> str:
    """`VALUES (?, ?), (?, ?) ...`: question marks only, so it may be put into a statement."""
    row = f"({', '.join('?' * columns)})"
    return f"VALUES {', '.join([row] * rows)}"


def flat(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    """The parameters of those rows, in their order."""
    return [value for row in rows for value in row]
