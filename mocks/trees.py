"""JSON trees, as a mock writes them: looked into, written into, laid over each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def at(tree: Any, pointer: str) -> Any:
    """The value at a JSON Pointer (of names only), or None."""
    for name in pointer.split("/")[1:]:
        if not isinstance(tree, dict) or name not in tree:
            return None
        tree = tree[name]
    return tree


def put(record: dict[str, Any], pointer: str, value: Any) -> None:
    """Sets the value at a JSON Pointer (of names only), making what is missing on the way."""
    *outer, last = pointer.split("/")[1:]
    for name in outer:
        record = record.setdefault(name, {})
    record[last] = value


def copied(tree: Any) -> Any:
    """A tree of its own."""
    if isinstance(tree, dict):
        return {key: copied(value) for key, value in tree.items()}
    return [copied(item) for item in tree] if isinstance(tree, list) else tree


def laid_over(record: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The record with everything of the other put over it, object into object."""
    found: dict[str, Any] = copied(dict(record))
    for key, value in other.items():
        both = isinstance(value, dict) and isinstance(found.get(key), dict)
        found[key] = laid_over(found[key], value) if both else copied(value)
    return found


def placed(tree: Any, records: Mapping[str, Any]) -> Any:
    """The tree with every text that stands for a record replaced by it."""
    if isinstance(tree, dict):
        return {key: placed(value, records) for key, value in tree.items()}
    if isinstance(tree, list):
        return [placed(item, records) for item in tree]
    return records.get(tree, tree) if isinstance(tree, str) else tree
