"""Random faults at load: a sample of what `python -m tests.paths.storm` does."""

from __future__ import annotations

from pathlib import Path

from tests.paths.storm import storm


async def test_nothing_is_lost_nothing_is_wrong_and_every_intent_ends(tmp_path: Path) -> None:
    one = await storm(tmp_path / "home", 6.0, seed=20180505)
    assert len(one.seconds) > 30, "it was loaded"
    assert sum(number for (_, verdict), number in one.verdicts.items() if verdict == "undetermined") > 0, "it stormed"
    assert len(one.armed) > 15
