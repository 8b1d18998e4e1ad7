"""The gateway and its witness, over sockets: what is cosigned, what an absent one stops (nothing), and what it finds out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway import installation
from gateway.commands.scaffold import CONSUMER_KEY
from gateway.errors import BrokenFiles
from gateway.proofs import checkpoints
from gateway.proofs.checkpoints import Signed
from gateway.store import shards
from gateway.store.sqlite import Store
from tests.paths.margins import LINES
from tests.system import Site, System, consumer, mocked, site, told
from tests.witnessed import NAME, Department, MovedClock, round_of


async def in_the_row(home: Path) -> Signed:
    """Of the first shard, once no gateway runs."""
    async with Store.open(home / "ledger.sqlite3") as store:
        (shard,) = await store.read(shards.read)
    return checkpoints.parse(shard.checkpoint)


def kept(home: Path, name: str) -> Signed:
    return checkpoints.parse((home / "ledger.checkpoints" / name).read_bytes())


async def test_the_newest_head_is_cosigned_and_kept(tmp_path: Path) -> None:
    clock = MovedClock()
    async with site(tmp_path / "home") as here:
        department = Department.beside(here, tmp_path / "held")
        async with department.serving(), here.serving(clock) as running:
            assert await round_of(running, clock) == {"cosigned": 1, "absent": 0, "refused": 0, "false": 0}
            first = kept(here.home, "0.cosigned")
            assert {each.key for each in first.note.verify([department.key]).verified} == {department.key}
            async with Store.open(here.home / "ledger.sqlite3") as other:  # a second process, which has another shard
                row = (await other.read(shards.read))[0]
            assert row.checkpoint == first.note.encode()
            assert (await round_of(running, clock))["cosigned"] == 1, "it is not shown the same head again"
            await running.ledger.act("pruned", "test", {})
            assert (await round_of(running, clock))["cosigned"] == 2
        assert kept(here.home, "0.cosigned").checkpoint.size == first.checkpoint.size + 1
        assert kept(here.home, "0").checkpoint.size == first.checkpoint.size + 2, "it stopped, and signed that"
        async with here.serving(clock):
            pass


async def test_without_its_witness_everything_goes_on_and_it_catches_up(tmp_path: Path) -> None:
    clock = MovedClock()
    async with site(tmp_path / "home") as here, mocked(here) as mocks, consumer(here, "counter", CONSUMER_KEY) as asks:
        department = Department.beside(here, tmp_path / "held")
        async with here.serving(clock) as running:
            async with department.serving():
                assert (await round_of(running, clock))["cosigned"] == 1
            before = kept(here.home, "0").checkpoint.size
            system = System(here.home, running, mocks, told()[1], asks, asks, clock)
            answer = await system.ask("P03", "P01")
            assert answer.outcome == "complete"
            assert (await round_of(running, clock))["absent"] == 1
            assert kept(here.home, "0").checkpoint.size > before
            assert kept(here.home, "0.cosigned").checkpoint.size == before
            async with department.serving():
                assert (await round_of(running, clock))["cosigned"] == 2, (
                    "nothing was written since, and it is asked again"
                )
            assert kept(here.home, "0.cosigned").checkpoint == kept(here.home, "0").checkpoint


def copied(here: Site, names: tuple[str, ...], to: Path, back: bool = False) -> None:
    for name in names:
        ours, theirs = (to / name, here.home / name) if back else (here.home / name, to / name)
        if ours.is_dir():
            shutil.rmtree(theirs, ignore_errors=True)
            shutil.copytree(ours, theirs)
        else:
            theirs.parent.mkdir(exist_ok=True)
            shutil.copy(ours, theirs)


async def test_a_ledger_that_was_put_back_is_found_out(tmp_path: Path) -> None:
    """File and copies were put back together, so the gateway itself cannot know; the witness does."""
    clock, names = MovedClock(), ("ledger.sqlite3", "ledger.checkpoints")
    async with site(tmp_path / "home") as here:
        department = Department.beside(here, tmp_path / "held")
        async with department.serving():
            async with here.serving(clock) as running:
                await round_of(running, clock)
            copied(here, names, tmp_path / "backup")
            async with here.serving(clock) as running:
                for _ in range(5):
                    await running.ledger.act("pruned", "test", {})
                assert (await round_of(running, clock))["refused"] == 0
            copied(here, names, tmp_path / "backup", back=True)
            start = len(LINES)
            async with here.serving(clock) as running:
                assert (await round_of(running, clock))["refused"] == 1, "it is behind"
                for _ in range(20):
                    await running.ledger.act("pruned", "test", {})
                assert await round_of(running, clock) == {"cosigned": 0, "absent": 0, "refused": 2, "false": 0}
                assert await running.ledger.writable()
    assert "".join(LINES[start:]).count("witness.refused") == 2


async def test_what_is_wrong_with_a_witness_is_told_at_the_start(tmp_path: Path) -> None:
    async with site(tmp_path / "home") as here:
        Department.beside(here, tmp_path / "held")
        at = {"name": NAME, "url": "http://w.example", "public_key": "keys/w1.pub.pem"}
        here.change(lambda settings: settings["audit"]["witnesses"].extend([at, {**at, "public_key": "keys/none.pem"}]))
        with pytest.raises(BrokenFiles) as caught:
            installation.read(here.home)
    said = str(caught.value)
    assert said.count("another witness has this name") == 2
    assert said.count("plain HTTP is for loopback alone") == 2
    assert said.count("is not in 'outbound'") == 2
    assert "none.pem cannot be read" in said
