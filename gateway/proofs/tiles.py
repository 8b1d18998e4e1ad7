"""C2SP tlog-tiles: which files a log of some size is, where they lie, and their bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from gateway.proofs.merkle import HASH_BYTES, STORED_EVERY

CHECKPOINT: Final = "checkpoint"
WIDTH: Final = 1 << STORED_EVERY
"""Hashes in a full tile, and entries in a full bundle."""
LONGEST_ENTRY: Final = 0xFFFF
"""A bundle gives an entry's length in two bytes."""


class Tile(NamedTuple):
    """`width` stored hashes of level `8 * level`, from number `256 * number` on; partial below 256."""

    level: int
    number: int
    width: int

    @property
    def first(self) -> int:
        """The number of its first hash among those of its level."""
        return self.number * WIDTH

    @property
    def end(self) -> int:
        """The end index: the entries below it are all that the full tile spans."""
        return self.number + 1 << STORED_EVERY * (self.level + 1)

    @property
    def path(self) -> str:
        """Below the log's prefix."""
        return f"tile/{self.level}/{_place(self)}"

    @property
    def entries_path(self) -> str:
        """Of the bundle whose entries hash to this tile of level 0."""
        return f"tile/entries/{_place(self)}"

    @property
    def superseded(self) -> str | None:
        """The folder, beside a full tile's path, of partial ones that may now be deleted; None for a partial tile."""
        return f"{self.path}.p" if self.width == WIDTH else None


def tiles(size: int, since: int = 0) -> Iterator[Tile]:
    """What a log of `size` entries has that one of `since` had not, level by level; nothing is served empty.

    A tree of 70,000 has 273 full tiles and one of 112 at level 0, one full and one of 17 at level 1, one of 1 at level 2.
    """
    level = 0
    while size:
        full, width = divmod(size, WIDTH)
        for number in range(since // WIDTH, full):
            yield Tile(level, number, WIDTH)
        if width and size != since:
            yield Tile(level, full, width)
        size, since, level = full, since // WIDTH, level + 1


def is_pruned(tile: Tile, minimum: int) -> bool:
    """Whether a log that publishes only entries from number `minimum` on may leave out this full tile, or its bundle."""
    return tile.width == WIDTH and tile.end <= minimum


def tile_bytes(hashes: Sequence[bytes]) -> bytes:
    """The hashes, one after the other. Raises ValueError where these are not 1 to 256 hashes."""
    if not 0 < len(hashes) <= WIDTH or any(len(each) != HASH_BYTES for each in hashes):
        raise ValueError(f"a tile is 1 to {WIDTH} hashes of {HASH_BYTES} bytes")
    return b"".join(hashes)


def bundle_bytes(entries: Sequence[bytes]) -> bytes:
    """The entries, each behind its length in two bytes, big-endian. Raises ValueError where they do not fit into a bundle."""
    if not 0 < len(entries) <= WIDTH or any(len(each) > LONGEST_ENTRY for each in entries):
        raise ValueError(f"a bundle is 1 to {WIDTH} entries of at most {LONGEST_ENTRY} bytes")
    return b"".join(len(each).to_bytes(2, "big") + each for each in entries)


def _place(tile: Tile) -> str:
    """`x001/x234/067`, and `.p/W` behind it for a partial one."""
    digits = str(tile.number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    partial = f".p/{tile.width}" if tile.width < WIDTH else ""
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]]) + partial
