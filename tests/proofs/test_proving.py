from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proofs.merkle import EMPTY_ROOT
from gateway.proofs.proving import ProofRefused, check_consistency, check_inclusion, consistency, inclusion, root_at
from tests.proofs import trees

STORED = trees.stored(1_100)
LEAVES = STORED.levels[0]
SIZES = st.integers(1, len(LEAVES))
PLACES = SIZES.flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size)))
GROWTHS = SIZES.flatmap(lambda size: st.tuples(st.integers(1, size), st.just(size)))


def reader_of(size: int) -> trees.Stored:
    """It refuses to give what a tree of that size does not have."""
    return trees.Stored(LEAVES[:size])


@given(SIZES)
def test_the_root_at_a_size(size: int) -> None:
    assert root_at(size, reader_of(size)) == trees.mth(LEAVES[:size])


def test_the_root_of_nothing_is_read_nowhere() -> None:
    reader = trees.stored(0)
    assert root_at(0, reader) == EMPTY_ROOT
    assert reader.reads == []


@given(PLACES)
def test_inclusion_is_path_of_rfc_6962(place: tuple[int, int]) -> None:
    index, size = place
    proof = inclusion(index, size, reader_of(size))
    assert proof == trees.path(index, LEAVES[:size])
    check_inclusion(LEAVES[index], index, size, proof, trees.mth(LEAVES[:size]))


@given(GROWTHS)
def test_consistency_is_proof_of_rfc_6962(growth: tuple[int, int]) -> None:
    old, new = growth
    proof = consistency(old, new, reader_of(new))
    assert proof == trees.subproof(old, LEAVES[:new])
    check_consistency(old, new, proof, trees.mth(LEAVES[:old]), trees.mth(LEAVES[:new]))


def test_every_small_tree() -> None:
    for new in range(1, 40):
        leaves, reader = LEAVES[:new], reader_of(new)
        for index in range(new):
            assert inclusion(index, new, reader) == trees.path(index, leaves)
            old = index + 1
            assert consistency(old, new, reader) == trees.subproof(old, leaves)
            check_consistency(old, new, trees.subproof(old, leaves), trees.mth(leaves[:old]), trees.mth(leaves))


# Altered proofs


def bent(each: bytes) -> Iterator[bytes]:
    """Another bit at either end; a byte less or more."""
    for bit in (0, 255):
        yield (int.from_bytes(each, "big") ^ 1 << bit).to_bytes(32, "big")
    yield each[:-1]
    yield each + b"\x00"


def altered(proof: Sequence[bytes]) -> Iterator[list[bytes]]:
    """A hash bent, left out, doubled, swapped with its neighbour; one more in front or behind."""
    for at, each in enumerate(proof):
        yield from ([*proof[:at], bad, *proof[at + 1 :]] for bad in bent(each))
        yield [*proof[:at], *proof[at + 1 :]]
        yield [*proof[: at + 1], *proof[at:]]
        if at:
            yield [*proof[: at - 1], each, proof[at - 1], *proof[at + 1 :]]
    yield [*proof, bytes(32)]
    yield [bytes(32), *proof]


def is_refused(check: Callable[..., None], *arguments: Any) -> bool:
    try:
        check(*arguments)
    except ProofRefused:
        return True
    return False


@given(PLACES)
def test_every_altered_inclusion_proof_fails(place: tuple[int, int]) -> None:
    index, size = place
    proof, root, leaf = trees.path(index, LEAVES[:size]), trees.mth(LEAVES[:size]), LEAVES[index]
    assert all(is_refused(check_inclusion, leaf, index, size, bad, root) for bad in altered(proof))
    assert all(is_refused(check_inclusion, bad, index, size, proof, root) for bad in bent(leaf))
    assert all(is_refused(check_inclusion, leaf, index, size, proof, bad) for bad in bent(root))
    others = {-1, index - 1, index + 1, index ^ 2, size - 1, size, 2**64 - 1} - {index}
    assert all(is_refused(check_inclusion, leaf, other, size, proof, root) for other in others)


@given(GROWTHS)
def test_every_altered_consistency_proof_fails(growth: tuple[int, int]) -> None:
    old, new = growth
    proof, roots = trees.subproof(old, LEAVES[:new]), (trees.mth(LEAVES[:old]), trees.mth(LEAVES[:new]))
    assert all(is_refused(check_consistency, old, new, bad, *roots) for bad in altered(proof))
    assert all(is_refused(check_consistency, old, new, proof, bad, roots[1]) for bad in bent(roots[0]))
    assert all(is_refused(check_consistency, old, new, proof, roots[0], bad) for bad in bent(roots[1]))
    others = {-1, 0, old - 1, old + 1, new, new + 1} - {old}
    assert all(is_refused(check_consistency, other, new, proof, *roots) for other in others)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 1), (1, 1), (256, 256)])
def test_no_inclusion_of_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ProofRefused, match="has no leaf"):
        inclusion(index, size, STORED)


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (2, 1), (-1, 1)])
def test_no_consistency_with_nothing_or_backwards(old: int, new: int) -> None:
    with pytest.raises(ProofRefused, match="does not begin with"):
        consistency(old, new, STORED)


@pytest.mark.parametrize("make", [lambda reader: inclusion(7, 600, reader), lambda reader: root_at(600, reader)])
def test_a_store_that_lacks_hashes_gives_no_proof(make: Callable[[Any], object]) -> None:
    with pytest.raises(ProofRefused, match="missing at level 8 from "):
        make(lambda level, first, count: STORED(level, first, count)[: count if level == 0 else count - 1])


# What it costs


@pytest.mark.parametrize(
    ("index", "size", "rows"), [(0, 256, 1), (255, 256, 1), (256, 512, 2), (299, 300, 2), (3, 700, 3)]
)
def test_no_row_is_read_twice(index: int, size: int, rows: int) -> None:
    reader = reader_of(size)
    inclusion(index, size, reader)
    assert len(reader.reads) == rows
    assert len({(level, first // 256) for level, first, _ in reader.reads}) == rows


def test_at_a_million_entries() -> None:
    """Every level in turn, by a tree of equal leaves: no more hashes are read than six rows hold, and the proof is small."""
    size, hashes, read = 1_000_000, {0: bytes(32)}, []
    for level in range(1, 17):
        hashes[level] = trees.mth([hashes[level - 1]] * 2)

    def reader(level: int, first: int, count: int) -> list[bytes]:
        assert first + count <= size >> level
        read.append(count)
        return [hashes[level]] * count

    proof = inclusion(0, size, reader)
    check_inclusion(hashes[0], 0, size, proof, root_at(size, lambda level, first, count: [hashes[level]] * count))
    assert len(proof) == 20
    assert len(read) <= 6
    assert sum(read) <= 1_000
