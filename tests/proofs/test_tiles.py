from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proofs.tiles import Tile, bundle_bytes, is_pruned, tile_bytes, tiles
from tests.proofs import trees

SIZES = st.integers(0, 200_000)


@pytest.mark.parametrize(
    ("number", "place"),
    [
        (0, "000"), (7, "007"), (999, "999"), (1000, "x001/000"), (999_999, "x999/999"),
        (1_234_067, "x001/x234/067"), (1_000_000_000, "x001/x000/x000/000"),
    ],
)  # fmt: skip
def test_where_a_tile_lies(number: int, place: str) -> None:
    assert Tile(0, number, 256).path == f"tile/0/{place}"
    assert Tile(2, number, 1).path == f"tile/2/{place}.p/1"
    assert Tile(0, number, 256).entries_path == f"tile/entries/{place}"
    assert Tile(0, number, 255).entries_path == f"tile/entries/{place}.p/255"
    assert (Tile(1, number, 1).first, Tile(1, number, 1).end) == (number * 256, (number + 1) * 65_536)


def test_what_a_full_tile_supersedes() -> None:
    assert Tile(0, 1000, 256).superseded == "tile/0/x001/000.p"
    assert Tile(0, 1000, 255).superseded is None


def test_the_tree_of_70_000_of_the_specification() -> None:
    found = list(tiles(70_000))
    assert [tile.number for tile in found if tile.level == 0 and tile.width == 256] == list(range(273))
    assert [tile for tile in found if tile.level or tile.width < 256] == [
        Tile(0, 273, 112), Tile(1, 0, 256), Tile(1, 1, 17), Tile(2, 0, 1),
    ]  # fmt: skip


def test_a_tree_of_256_and_of_none() -> None:
    assert list(tiles(256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]
    assert list(tiles(0)) == []


@given(SIZES)
def test_tiles_are_the_stored_hashes_of_the_tree(size: int) -> None:
    """`floor(s / 256**l) mod 256` of the partial tile, each hash of each level in one tile, none twice."""
    found = list(tiles(size))
    for level in range(4):
        here = [tile for tile in found if tile.level == level]
        assert sum(tile.width for tile in here) == size // 256**level
        assert [tile.number for tile in here] == list(range(len(here)))
        assert [tile.width for tile in here if tile.width < 256] == [size // 256**level % 256][
            : size // 256**level % 256
        ]


@given(SIZES, SIZES)
def test_what_is_new_since_is_what_was_not_there(one: int, other: int) -> None:
    since, size = sorted((one, other))
    assert set(tiles(size, since)) == set(tiles(size)) - set(tiles(since))


def test_pruning_leaves_out_what_ends_at_or_below_the_minimum() -> None:
    assert [is_pruned(Tile(0, 1, 256), minimum) for minimum in (0, 511, 512, 513)] == [False, False, True, True]
    assert [is_pruned(Tile(1, 0, 256), minimum) for minimum in (65_535, 65_536)] == [False, True]
    assert not is_pruned(Tile(0, 0, 255), 600)


def test_the_bytes_of_a_tile() -> None:
    leaves = trees.stored(256).levels[0]
    assert tile_bytes(leaves) == b"".join(leaves)
    assert len(tile_bytes(leaves)) == 8_192


@pytest.mark.parametrize("hashes", [[], [bytes(31)], [bytes(32)] * 257, [bytes(32), b""]])
def test_no_tile(hashes: list[bytes]) -> None:
    with pytest.raises(ValueError, match="a tile is"):
        tile_bytes(hashes)


def test_the_bytes_of_a_bundle() -> None:
    assert bundle_bytes([b"ab", b"", b"c" * 258]) == b"\x00\x02ab\x00\x00\x01\x02" + b"c" * 258
    assert len(bundle_bytes([bytes(65_535)])) == 65_537


@pytest.mark.parametrize("entries", [[], [b""] * 257, [b"a", bytes(65_536)]])
def test_no_bundle(entries: list[bytes]) -> None:
    with pytest.raises(ValueError, match="a bundle is"):
        bundle_bytes(entries)
