"""Rings for tests: keys made here, their files beside them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.commands import ring_files
from gateway.contract.ring import Algorithm, RingFile, RingKey, Use
from gateway.security import keys

NOW = datetime(2018, 5, 2, tzinfo=UTC)
MAKERS = {"ed25519": keys.new_ed25519, "ecdsa-p256-sha256": keys.new_p256, "sm2-sm3": keys.new_sm2}


def key(home: Path, keyid: str, use: Use = "answers", alg: Algorithm = "ed25519", **more: Any) -> RingKey:
    """One key; its private half is in a file of its name."""
    private, public = MAKERS[alg]()
    (home / f"{keyid}.pem").write_bytes(private)
    fields = {"state": "active", "key": f"file:{keyid}.pem", "created": NOW - timedelta(days=1), **more}
    return RingKey(id=keyid, use=use, alg=alg, public_key=public.decode(), **fields)


def written(home: Path, *ring: RingKey) -> RingFile:
    """The ring as the file of that folder."""
    file = RingFile(keys=list(ring))
    ring_files.write(home / "ring.yaml", file)
    return file
