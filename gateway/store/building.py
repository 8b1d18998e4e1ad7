"""The trees of a ledger that an older form brought: it had the leaves and nothing above them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from gateway.proofs.merkle import Edge
from gateway.store import shards


def build(connection: sqlite3.Connection) -> None:
    """Builds the tree of every shard that has leaves and no edge: those that an older form brought. One transaction."""
    for shard in shards.read(connection):
        if shard.size and not shard.edge:
            connection.execute("BEGIN IMMEDIATE")
            edge = Edge()
            for leaves in _in_chunks(connection, shard.number):
                edge, completed = edge.grown(leaves)
                shards.insert_nodes(connection, shard.number, completed)
            connection.execute("UPDATE shard SET edge = ? WHERE number = ?", (edge.packed, shard.number))
            connection.execute("COMMIT")


def _in_chunks(connection: sqlite3.Connection, number: int) -> Iterator[list[bytes]]:
    first = 0
    while leaves := shards.leaf_hashes(connection, number, first, 4096):
        yield leaves
        first += len(leaves)
