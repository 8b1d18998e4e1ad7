"""RFC 6962 section 2.1 as it is written there, recursive and slow: what the quick code is held against."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def mth(leaves: Sequence[bytes]) -> bytes:
    """MTH(D[n]), from leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], is_whole: bool = True) -> list[bytes]:
    """SUBPROOF(m, D[n], b); PROOF(m, D[n]) with `is_whole`."""
    if m == len(leaves):
        return [] if is_whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], is_whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


class Stored:
    """A reader over the stored hashes of a tree: leaf hashes, and the full subtrees of level 8, 16 ...; it counts.

    Keeps the reader's promise: at most 256 at a time, of full subtrees only.
    """

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.levels = {0: list(leaves)}
        level = 0
        while len(self.levels[level]) >= 256:
            below = self.levels[level]
            self.levels[level + 8] = [mth(below[at : at + 256]) for at in range(0, len(below) - 255, 256)]
            level += 8
        self.reads: list[tuple[int, int, int]] = []

    def __call__(self, level: int, first: int, count: int) -> list[bytes]:
        assert level % 8 == 0
        assert 0 < count <= 256
        assert first // 256 == (first + count - 1) // 256
        assert first + count <= len(self.levels[level])
        self.reads.append((level, first, count))
        return self.levels[level][first : first + count]


def stored(size: int) -> Stored:
    """The tree of `size` leaves that hold their numbers."""
    return Stored([leaf_hash(number.to_bytes(8, "big")) for number in range(size)])
