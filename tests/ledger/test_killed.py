"""A gateway killed under load without warning: a sample of what `python -m tests.ledger.killing` does."""

from __future__ import annotations

from pathlib import Path

from tests.ledger.killing import killed


async def test_nothing_it_said_is_lost_and_nothing_it_took_is_taken_again(tmp_path: Path) -> None:
    found = [each async for each in killed(tmp_path / "home", 3, 20180504, most_events=60)]
    assert len(found) == 3
    assert sum(each.acknowledged for each in found) > 10, "it was loaded"
    assert sum(each.replays_refused for each in found) >= sum(each.acknowledged for each in found)
