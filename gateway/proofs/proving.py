"""Inclusion and consistency proofs of an RFC 6962 tree: made from stored hashes, and checked as RFC 9162 says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final

from gateway.errors import GatewayError
from gateway.proofs.merkle import EMPTY_ROOT, HASH_BYTES, STORED_EVERY, node_hash

Reader = Callable[[int, int, int], Sequence[bytes]]
"""Gives `count` (at most 256) stored hashes of one level, 0, 8, 16 ..., from number `first` on. It is asked for full
subtrees of the tree only, and once for each row of 256."""

_ROW: Final = 1 << STORED_EVERY

_Subtree = tuple[int, int]
_Leaves = tuple[int, int]


class ProofRefused(GatewayError):
    """These hashes do not prove that, or no such proof can be made: the text says why."""


def root_at(size: int, reader: Reader) -> bytes:
    """The head that the tree had when it held its first `size` leaves. Raises ProofRefused where hashes are missing."""
    return _roots([(0, size)], reader)[0] if size else EMPTY_ROOT


def folded(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    while len(hashes) > 1:
        hashes = [
            sha256(b"\x01" + left + right).digest() for left, right in zip(hashes[::2], hashes[1::2], strict=True)
        ]
    return hashes[0]


def inclusion(index: int, size: int, reader: Reader) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` leaves (PATH of RFC 6962 section 2.1.1).

    Raises ProofRefused where it is not, or hashes are missing.
    """
    if not 0 <= index < size:
        raise ProofRefused(f"a tree of {size} leaves has no leaf {index}")
    beside, _ = _descended(index, size, lambda first, end: end - first == 1)
    return _roots(beside, reader)


def consistency(old: int, new: int, reader: Reader) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with that of `old` (PROOF of RFC 6962 section 2.1.2).

    Raises ProofRefused where it cannot, or hashes are missing. Nothing is proved about an empty tree.
    """
    if not 0 < old <= new:
        raise ProofRefused(f"a tree of {new} leaves does not begin with one of {old}")
    beside, filled = _descended(old - 1, new, lambda first, end: end == old)
    if filled != (0, old):  # else that subtree is the old tree itself, whose head the checker has
        beside.insert(0, filled)
    return _roots(beside, reader)


def check_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Returns when `proof` shows that leaf `index` of the tree with this head has this hash (RFC 9162 section 2.1.3.2).

    Raises ProofRefused for anything else: another length than such a proof has, too.
    """
    _require_hashes(leaf_hash, root, *proof)
    if not 0 <= index < size:
        raise ProofRefused("the leaf lies outside the tree")
    turns = (
        index ^ (size - 1)
    ).bit_length()  # below, the path may go left or right; above, only left siblings are left
    if len(proof) != turns + (index >> turns).bit_count():
        raise ProofRefused("an inclusion proof for this leaf and size has another length")
    node = leaf_hash
    for level, sibling in enumerate(proof):
        is_left = level < turns and not index >> level & 1
        node = node_hash(node, sibling) if is_left else node_hash(sibling, node)
    if node != root:
        raise ProofRefused("the inclusion proof leads to another root")


def check_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Returns when `proof` shows that the tree of `new` leaves begins with that of `old` (RFC 9162 section 2.1.4.2).

    Raises ProofRefused for anything else. An empty tree is refused: its head is no commitment to anything.
    """
    _require_hashes(old_root, new_root, *proof)
    if not 0 < old <= new:
        raise ProofRefused("sizes must not shrink, nor begin with an empty tree")
    if old == new:
        if proof or old_root != new_root:
            raise ProofRefused("one size has one root, and nothing to prove")
        return
    height = (old & -old).bit_length() - 1
    filled, last = (
        (old - 1) >> height,
        (new - 1) >> height,
    )  # the full subtree that ends where the old tree does, and the last
    turns = (filled ^ last).bit_length()
    if len(proof) != (1 if filled else 0) + turns + (filled >> turns).bit_count():
        raise ProofRefused("a consistency proof for these sizes has another length")
    start, *path = proof if filled else (old_root, *proof)
    before = after = start
    for level, sibling in enumerate(path):
        if level < turns and not filled >> level & 1:
            after = node_hash(after, sibling)
        else:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
    if before != old_root or after != new_root:
        raise ProofRefused("the consistency proof leads to another root")


def _require_hashes(*hashes: bytes) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise ProofRefused(f"a hash has {HASH_BYTES} bytes")


def _descended(leaf: int, size: int, is_there: Callable[[int, int], bool]) -> tuple[list[_Leaves], _Leaves]:
    """From the head down towards a leaf: what lies beside the path, the lowest first, and the subtree where it ends."""
    beside: list[_Leaves] = []
    first, end = 0, size
    while not is_there(first, end):
        middle = first + (1 << (end - first - 1).bit_length() - 1)  # the left part: the largest power of two below it
        if leaf < middle:
            beside.append((middle, end))
            end = middle
        else:
            beside.append((first, middle))
            first = middle
    return beside[::-1], (first, end)


def _roots(ranges: list[_Leaves], reader: Reader) -> list[bytes]:
    """The head over each range of leaves, as trees have them: it begins at a multiple of the largest power of two in it."""
    split = [_full_subtrees(first, end) for first, end in ranges]
    found = _read({subtree for parts in split for subtree in parts}, reader)
    roots = []
    for parts in split:
        root = found[parts[-1]]
        for part in parts[-2::-1]:
            root = node_hash(found[part], root)
        roots.append(root)
    return roots


def _full_subtrees(first: int, end: int) -> list[_Subtree]:
    """Level and number of the full subtrees that fill a range of leaves, the largest first."""
    parts = []
    while first < end:
        level = (end - first).bit_length() - 1
        parts.append((level, first >> level))
        first += 1 << level
    return parts


def _read(subtrees: Iterable[_Subtree], reader: Reader) -> dict[_Subtree, bytes]:
    """The roots of full subtrees, from the stored hashes below them. Raises ProofRefused where some are missing."""
    rows: dict[_Subtree, list[_Subtree]] = {}
    for level, number in subtrees:
        _, first, _ = _below(level, number)
        rows.setdefault((level // STORED_EVERY, first // _ROW), []).append((level, number))
    found: dict[_Subtree, bytes] = {}
    for (stored, _), wanted in rows.items():
        places = [_below(*subtree) for subtree in wanted]
        begin = min(first for _, first, _ in places)
        count = max(first + width for _, first, width in places) - begin
        hashes = reader(stored * STORED_EVERY, begin, count)
        if len(hashes) != count:
            raise ProofRefused(f"stored hashes are missing at level {stored * STORED_EVERY} from {begin} on")
        for subtree, (_, first, width) in zip(wanted, places, strict=True):
            found[subtree] = folded(hashes[first - begin : first - begin + width])
    return found


def _below(level: int, number: int) -> tuple[int, int, int]:
    """The stored level at or below a subtree, and which of its hashes the subtree is over: the first, and how many."""
    width = 1 << level % STORED_EVERY
    return level - level % STORED_EVERY, number * width, width
