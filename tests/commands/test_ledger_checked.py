"""What the doctor says about a ledger that grows, waits for a signature, or keeps what is too old."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway import installation
from gateway.commands.ledger_checked import rows, told
from gateway.store.growth import Growth

NOW = 1_600_000_000.0
WELL = Growth(8_000_000, 4_000_000, 50_000_000_000, 0, {}, {0: 0}, NOW - 5, NOW - 86_400)


@pytest.mark.parametrize(
    ("changed", "mends"),
    [
        ({}, set()),
        ({"uncovered": {0: 3}, "signed_at": NOW - 5}, set()),
        ({"uncovered": {0: 0, 1: 3}, "signed_at": NOW - 61}, {"ledger checkpoints"}),
        ({"log_bytes": 2_000_000_000}, {"ledger size"}),
        ({"oldest_at": NOW - 400 * 86_400}, {"ledger retention"}),
    ],
)
def test_what_is_to_be_mended(changed: dict[str, Any], mends: set[str]):
    found = list(told(replace(WELL, **changed), NOW, NOW - 365 * 86_400))
    assert {name for name, _, mend, _ in found if mend} == mends


def test_a_new_ledger_has_nothing_old(home: Path):
    found = list(rows(installation.read(home), NOW))
    assert [name for name, *_ in found] == ["ledger size", "ledger checkpoints"]


def test_without_a_ledger_nothing_is_said(home: Path):
    (home / "ledger.sqlite3").unlink()
    assert list(rows(installation.read(home), NOW)) == []
