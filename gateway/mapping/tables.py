"""Positional tables (domain 6.4): a row for the status, a row of column names in the server's order, then a row a record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gateway.errors import BadReply

STATUS, RECORDS, TEXT = "status", "records", "text"
"""The names in the tree that a table becomes: `/status` and `/records`, or `/text` for a reply that is no table."""


def tree(rows: Sequence[Sequence[str]], columns: Collection[str], aliases: Mapping[str, str]) -> dict[str, Any]:
    """The table as a tree: the status as text, and each record's cells by the name of their column, of `columns` only.

    The status row may be padded with empty cells, and so may every other row beyond the named columns. Fewer than three
    rows are no records; what that means is the contract's to say.

    Raises:
        BadReply: no status, or a cell that belongs to no column, or a row without a cell for each; a column named twice.
    """
    if not rows or not rows[0] or any(rows[0][1:]):
        raise BadReply("the table does not begin with a status")
    found: dict[str, Any] = {STATUS: rows[0][0], RECORDS: []}
    if len(rows) < 3:
        return found
    named = [aliases.get(cell, cell) for cell in rows[1]]
    while named and not named[-1]:
        named.pop()
    if not all(named) or len(set(named)) != len(named):
        raise BadReply("a column of the table has no name, or another column's")
    for row in rows[2:]:
        if len(row) < len(named) or any(row[len(named) :]):
            raise BadReply("a row of the table does not fit its columns")
        found[RECORDS].append({name: cell for name, cell in zip(named, row, strict=False) if name in columns})
    return found
