"""How large the ledger is and how far behind: what operators must see before the disk is full."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.store import checks, pruning, shards


@dataclass(frozen=True, slots=True)
class Growth:
    """At one moment. Times are Unix seconds, 0 where there is none yet."""

    file_bytes: int
    log_bytes: int
    """Of the write-ahead log: it grows while somebody reads for long."""
    free_bytes: int
    open_intents: int
    officer_checks: Mapping[str, int]
    """By material: what officers are still to look at."""
    uncovered: Mapping[int, int]
    """By shard that is not closed: entries that no checkpoint covers."""
    signed_at: float
    """When the newest checkpoint was signed."""
    oldest_at: float
    """When the oldest entry was written whose body is still there."""


def look(connection: sqlite3.Connection, path: Path) -> Growth:
    """Reads a few rows and the sizes of files."""
    found = shards.read(connection)
    log = path.with_name(f"{path.name}-wal")
    (open_intents,) = connection.execute("SELECT COUNT(*) FROM open_intent").fetchone()
    return Growth(
        file_bytes=path.stat().st_size,
        log_bytes=log.stat().st_size if log.exists() else 0,
        free_bytes=shutil.disk_usage(path.parent).free,
        open_intents=open_intents,
        officer_checks=checks.count(connection),
        uncovered={shard.number: shard.size - shard.covered for shard in found if not shard.closed},
        signed_at=max((shard.signed_ms for shard in found), default=0) / 1000,
        oldest_at=min((_made_ms(each) for each in pruning.oldest(connection)), default=0) / 1000,
    )


def _made_ms(identifier: str) -> int:
    """The time in a UUID version 7."""
    return int(identifier[:8] + identifier[9:13], 16)
