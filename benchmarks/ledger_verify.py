"""`python -m benchmarks.ledger_verify [LEAVES]`: an audit of the tree beside bare SHA-256 of the same leaves, in turn."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from itertools import islice
from pathlib import Path

from gateway.ledger import auditing
from gateway.ledger.flaws import Flaws
from gateway.proofs.merkle import Edge, leaf_hash
from gateway.store import shards, sqlite
from gateway.store.snapshots import snapshot

AT_ONCE = 4096
BODY_BYTES = (1150, 560, 560, 1300)
"""An intent, two calls and an outcome, as entries of a usual question are long."""


def bodies(count: int) -> Iterator[bytes]:
    """Synthetic leaves, no two alike."""
    for number in range(count):
        size = BODY_BYTES[number % len(BODY_BYTES)]
        yield (b"%012d" % number) * (size // 12)


def fill(path: Path, count: int) -> None:
    """A shard of so many leaves, written past the ledger: what is measured is reading."""
    sqlite.Store.create(path)
    with closing(sqlite._connect(path, 5.0)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        shards._insert(connection, 0)
        edge, made = Edge(), bodies(count)
        while chunk := list(islice(made, AT_ONCE)):
            leaves = [leaf_hash(body) for body in chunk]
            connection.execute("BEGIN")
            rows = [
                (edge.size + at, f"{edge.size + at:036}", "intent", body, leaf)
                for at, (body, leaf) in enumerate(zip(chunk, leaves, strict=True))
            ]
            connection.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", rows)
            edge, nodes = edge.grown(leaves)
            connection.executemany("INSERT INTO node VALUES (0, ?, ?, ?)", nodes)
            connection.execute("UPDATE shard SET size = ?, edge = ?", (edge.size, edge.packed))
            connection.execute("COMMIT")


def bare(count: int) -> float:
    """CPU seconds of nothing but hashlib over the same leaves, which lie in memory."""
    spent, made = 0.0, bodies(count)
    while chunk := list(islice(made, AT_ONCE)):
        before = time.process_time()
        for body in chunk:
            sha256(body).digest()
        spent += time.process_time() - before
    return spent


def audited(path: Path) -> float:
    """CPU seconds of the pass over the tree: reading, bodies, leaf hashes, nodes, edge."""
    before = time.process_time()
    flaws = Flaws()
    with snapshot(path) as opened:
        (shard,) = opened.shards()
        tree = auditing.grown(opened, shard, flaws, lambda seen: None)
        assert tree.root_at(shard.size) == Edge.read(shard.size, shard.edge).root
    assert not flaws.found
    return time.process_time() - before


def main(count: int = 1_000_000, rounds: int = 5, tell: Callable[[str], None] = print) -> float:
    """Prints the ratio, and gives it: the audit's rate over the bare one's, the median of the rounds."""
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as folder:
        path = Path(folder) / "ledger.sqlite3"
        fill(path, count)
        ratios = []
        for _ in range(rounds):
            alone, whole = bare(count), audited(path)
            ratios.append(alone / whole)
            each = 1e6 / count
            tell(f"bare {alone * each:.2f} us a leaf, audit {whole * each:.2f} us, ratio {ratios[-1]:.3f}")
    ratio = statistics.median(ratios)
    tell(f"{count} leaves: {ratio:.3f} of bare SHA-256 (aim: 0.3)")
    return ratio


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:2]))
