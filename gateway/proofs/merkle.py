"""The RFC 6962 tree: its hashes, and its right edge, which is all that appending needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
STORED_EVERY: Final = 8
"""Roots of full subtrees are kept at every eighth level only: 256 children each, as the tiles of C2SP have them."""


class Node(NamedTuple):
    """The root of a full subtree: `number` counts those of its level from the left, from 0; leaves are level 0."""

    level: int
    number: int
    hash: bytes


def leaf_hash(body: bytes) -> bytes:
    """SHA-256 over a zero byte and the entry's exact bytes."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 over a one byte and both children."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Edge:
    """The first `size` leaves, by the roots of their full subtrees: one for each bit of `size`, the largest first."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    @classmethod
    def read(cls, size: int, packed: bytes) -> Edge:
        """What `packed` gave for a tree of this size. Raises ValueError."""
        if size < 0 or len(packed) != HASH_BYTES * size.bit_count():
            raise ValueError("an edge has one hash for each bit of its size")
        return cls(size, tuple(packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)))

    @property
    def packed(self) -> bytes:
        """The roots, one after the other."""
        return b"".join(self.roots)

    @property
    def root(self) -> bytes:
        """The tree's head (RFC 6962 section 2.1)."""
        if not self.roots:
            return EMPTY_ROOT
        root = self.roots[-1]
        for left in self.roots[-2::-1]:
            root = sha256(b"\x01" + left + root).digest()
        return root

    def grown(self, leaves: Iterable[bytes]) -> tuple[Edge, list[Node]]:
        """The tree with these leaf hashes behind it, and the full subtrees that this completed, of the levels that are kept."""
        size, roots = self.size, list(self.roots)
        completed: list[Node] = []
        for leaf in leaves:
            node, number, level = leaf, size, 0
            while number & 1:  # a left sibling waits: together they are one subtree more
                node = sha256(b"\x01" + roots.pop() + node).digest()
                number >>= 1
                level += 1
                if not level % STORED_EVERY:
                    completed.append(Node(level, number, node))
            roots.append(node)
            size += 1
        return Edge(size, tuple(roots)), completed
