"""JSON Pointers (RFC 6901), parsed once at start-up into a tuple of keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Keys = tuple[str, ...]


def parse(pointer: str) -> Keys:
    """The reference tokens of a pointer; the empty pointer, which is the whole tree, gives none."""
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:])


def get(tree: Any, keys: Keys, default: Any = None) -> Any:
    """The value that the keys lead to, or the default where any of them leads nowhere. Lists take their index."""
    for key in keys:
        if isinstance(tree, dict) or isinstance(tree, Mapping):  # noqa: SIM101 - asking the abstract one costs ten times
            if key not in tree:
                return default
            tree = tree[key]
        elif isinstance(tree, list) and key.isascii() and key.isdigit() and int(key) < len(tree):
            tree = tree[int(key)]
        else:
            return default
    return tree
