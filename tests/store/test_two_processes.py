"""Several processes on one database: each its own shard, nobody starved, nothing twice, nothing lost with one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.ledger.ledger import Ledger
from gateway.store.sqlite import Store
from tests.ledger import standing
from tests.ledger.asking import PSEUDONYMS, StillClock
from tests.store.sharing import Process, writing

MOST = 1200
"""What each writes; as many lines fit into a pipe, so that none waits until it is read."""


def said(process: Process) -> tuple[list[int], list[int], list[int]]:
    """The numbers that it added, those that were replays, and how large every shard was when it was done."""
    lines = list(process.until_done())
    word, sizes = lines.pop()
    assert word == "done"
    added, replayed = ([number for each, (number,) in lines if each == word] for word in ("added", "replayed"))
    return added, replayed, sizes


@pytest.mark.parametrize("names", ["ab", "abc"])
def test_each_gets_its_turn_and_its_own_shard_without_a_gap(path: Path, names: str) -> None:
    with writing(path, *names, most=MOST) as processes:
        assert [process.shard for process in processes] == list(range(len(names)))
        for process in processes:
            process.go()
        found = [said(process) for process in processes]
    assert [sorted(added) for added, _, _ in found] == [list(range(MOST))] * len(names)
    # What the first to end saw of the others: until then all of them wanted to write.
    sizes = min((sizes for _, _, sizes in found), key=sum)
    assert MOST in sizes
    assert min(sizes) * 2 >= MOST, sizes
    logs = standing.check(path)
    assert [log.size for log in logs] == [MOST] * len(names)
    for name, log in zip(names, logs, strict=True):
        assert {entry["entry_id"] for entry in log.entries} == {f"{name}-{number}" for number in range(MOST)}


def test_of_one_nonce_sent_to_both_exactly_one_is_taken(path: Path) -> None:
    with writing(path, "a", "b", most=400, nonces="same") as processes:
        for process in processes:
            process.go()
        found = [said(process) for process in processes]
    assert sorted(number for added, _, _ in found for number in added) == list(range(400))
    assert sorted(number for _, replayed, _ in found for number in replayed) == list(range(400))
    assert sum(log.size for log in standing.check(path)) == 400


async def test_what_a_killed_one_left_is_taken_up_and_the_other_goes_on(path: Path) -> None:
    with writing(path, "a", "b", most=100_000) as (dying, living):
        for process in (dying, living):
            process.go()
        acknowledged = {f"a-{dying.line().removeprefix('added ')}" for _ in range(100)}
        dying.kill()
        acknowledged |= {f"a-{number}" for _, (number,) in dying.until_done()}
        before = standing.check(path)[1].size
        assert any(number > before + 200 for _, (number,) in living.until_done()), "the other one goes on"
        async with Store.open(path) as store:
            assert store.shard == dying.shard == 0, "its lock ended with it"
            written = {entry["entry_id"] for entry in standing.check(path)[0].entries}
            assert acknowledged <= written
            assert await Ledger(store, StillClock(), PSEUDONYMS).close_lost("stopped") == len(written)
        assert {intent[0] for intent in standing.open_intents(path)} == {"b"}, "whose asker still lives stays open"
    ends = standing.ends(standing.check(path)[:1])
    assert list(ends.values()) == [["closed"]] * len(written)
