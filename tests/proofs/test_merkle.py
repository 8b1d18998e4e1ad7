from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proofs.merkle import EMPTY_ROOT, Edge, Node, leaf_hash, node_hash
from tests.proofs import trees

LEAVES = [
    bytes.fromhex(each)
    for each in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
"""The eight entries that Certificate Transparency's own tests use, and the heads over the first 1, 2 ... 8 of them."""
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_reference_trees() -> None:
    hashes = [leaf_hash(each) for each in LEAVES]
    assert [Edge().grown(hashes[:size])[0].root.hex() for size in range(1, 9)] == ROOTS
    assert [trees.mth(hashes[:size]).hex() for size in range(1, 9)] == ROOTS


def test_the_empty_tree() -> None:
    assert Edge().root == EMPTY_ROOT == sha256(b"").digest()
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_leaf_and_a_node_are_told_apart() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
    assert node_hash(left, right) != node_hash(right, left)


@given(st.lists(st.integers(0, 300), max_size=6))
def test_growing_in_any_steps_is_one_tree(steps: list[int]) -> None:
    edge, leaves, completed = Edge(), trees.stored(sum(steps)).levels[0], []
    for step in steps:
        edge, nodes = edge.grown(leaves[edge.size : edge.size + step])
        completed += nodes
    assert (edge.size, edge.root) == (len(leaves), trees.mth(leaves))
    kept = trees.Stored(leaves).levels
    assert completed == [Node(8, number, each) for number, each in enumerate(kept.get(8, []))]
    assert Edge.read(edge.size, edge.packed) == edge


def test_the_next_level_that_is_kept() -> None:
    leaves = [leaf_hash(b"")] * 65_536
    edge, nodes = Edge().grown(leaves)
    assert [(each.level, each.number) for each in nodes if each.level != 8] == [(16, 0)]
    assert nodes[-1].hash == edge.root
    assert len(nodes) == 257


@pytest.mark.parametrize(
    ("size", "packed"), [(-1, b""), (0, bytes(32)), (3, bytes(32)), (1, bytes(31)), (2, bytes(64))]
)
def test_an_edge_that_is_none(size: int, packed: bytes) -> None:
    with pytest.raises(ValueError, match="an edge has"):
        Edge.read(size, packed)
