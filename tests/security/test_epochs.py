"""The epochs: strict at the start, a destruction in force at once afterwards, and one key for an epoch for ever."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.commands import epoch_files
from gateway.contract.epochs import Epoch, EpochsFile
from gateway.errors import BrokenFiles
from gateway.security import epoch_changes, pseudonyms
from gateway.security.epoch_changes import NotPossible
from gateway.security.epochs import EpochReader, Living
from gateway.security.pseudonyms import PERSON, Pseudonyms

NOW = datetime(2018, 5, 2, tzinfo=UTC)


def epoch(home: Path, name: str, state: str = "active", **more: Any) -> Epoch:
    """With its key, unless that is there already."""
    file = home / f"{name}.key"
    if not file.exists():
        file.write_text(pseudonyms.new_key())
    values = {"epoch": name, "state": state, "key": f"file:{name}.key", "since": NOW, **more}
    return Epoch.model_validate(values)


def gone(home: Path, name: str) -> Epoch:
    return epoch(home, name, "destroyed", destroyed_at=NOW, reason="over")


def write(home: Path, *epochs: Epoch) -> EpochReader:
    epoch_files.write(home / "epochs.yaml", EpochsFile(epochs=list(epochs)))
    return EpochReader(home, "epochs.yaml")


def said(reader: EpochReader) -> list[str]:
    with pytest.raises(BrokenFiles) as broken:
        reader.read()
    return [problem.text for problem in broken.value.problems]


def key(home: Path, name: str) -> Pseudonyms:
    return Pseudonyms.read(name, (home / f"{name}.key").read_bytes())


def test_the_active_epoch_writes_and_all_that_have_a_key_are_looked_up(tmp_path: Path):
    read = write(tmp_path, gone(tmp_path, "e1"), epoch(tmp_path, "e2", "former"), epoch(tmp_path, "e3", "former"),
                 epoch(tmp_path, "e4")).read()  # fmt: skip
    living = Living(lambda: read)
    assert living.of(PERSON, "x") == key(tmp_path, "e4").of(PERSON, "x")
    assert living.every(PERSON, "x") == tuple(key(tmp_path, name).of(PERSON, "x") for name in ("e4", "e3", "e2"))
    assert living.short(PERSON, "x") == key(tmp_path, "e4").short(PERSON, "x")
    assert (living.under("e2"), living.under("e1"), living.under("e9")) == (key(tmp_path, "e2"), None, None)
    assert key(tmp_path, "e4").every(PERSON, "x") == (living.of(PERSON, "x"),)
    assert (tmp_path / "e4.key").read_text() not in repr(living)


@pytest.mark.parametrize(
    ("states", "text"),
    [
        (("former",), "no epoch is active, so nothing could be written"),
        (("active", "active"), "another epoch is active already"),
    ],
)
def test_exactly_one_is_active(tmp_path: Path, states: tuple[str, ...], text: str):
    epochs = [epoch(tmp_path, f"e{number}", state) for number, state in enumerate(states)]
    assert said(write(tmp_path, *epochs)) == [text]


def test_no_epoch_and_no_key_stands_twice(tmp_path: Path):
    first = epoch(tmp_path, "e1")
    assert said(write(tmp_path, first, epoch(tmp_path, "e1", "former"))) == ["this epoch stands twice"]
    shared = epoch(tmp_path, "e2", "former", key="file:e1.key")
    assert said(write(tmp_path, first, shared)) == ["is the key of another epoch: they would end together"]


def test_a_first_reading_wants_every_key_and_repeats_none(tmp_path: Path):
    reader = write(tmp_path, epoch(tmp_path, "e1", "former"), epoch(tmp_path, "e2"))
    (tmp_path / "e1.key").write_text("abc" * 20)
    (tmp_path / "e2.key").unlink()
    texts = said(reader)
    assert len(texts) == 2
    assert "abc" not in "".join(texts)


def test_a_destruction_counts_at_once_whatever_is_with_the_other_keys(tmp_path: Path):
    reader = write(tmp_path, epoch(tmp_path, "e1", "former"), epoch(tmp_path, "e2"))
    before = reader.read()
    (tmp_path / "e2.key").unlink()
    write(tmp_path, gone(tmp_path, "e1"), Epoch.model_validate(before.file.active.model_dump()))
    after = reader.read()
    assert list(after.keyed) == ["e2"]
    assert after.active == before.active
    assert len(after.problems) == 1
    assert reader.stamp() != reader.stamp(), "what could not be read is tried again"


def test_an_epoch_never_gets_another_key(tmp_path: Path):
    reader = write(tmp_path, epoch(tmp_path, "e1"))
    before = reader.read()
    (tmp_path / "e1.key").write_text(pseudonyms.new_key())
    after = reader.read()
    assert after.active == before.active
    assert [problem.text for problem in after.problems] == ["is another key than before: an epoch has one key for ever"]


def test_what_may_become_of_them(tmp_path: Path):
    epochs = EpochsFile(epochs=[epoch(tmp_path, "e1")])
    with pytest.raises(NotPossible, match="begin another one first"):
        epoch_changes.destroyable(epochs, "e1")
    with pytest.raises(NotPossible, match="no such epoch"):
        epoch_changes.destroyable(epochs, "e2")
    two = epoch_changes.begun(epochs, epoch(tmp_path, "e2"))
    assert [each.state for each in two.epochs] == ["former", "active"]
    with pytest.raises(NotPossible, match="choose another name"):
        epoch_changes.begun(two, epoch(tmp_path, "e1"))
    assert epoch_changes.ended(two, "e1") == NOW
    assert epoch_changes.ended(two, "e2") is None
    over = epoch_changes.destroyed(two, epoch_changes.destroyable(two, "e1").epoch, NOW, "over")
    assert [(each.state, each.reason) for each in over.epochs] == [("destroyed", "over"), ("active", None)]
    assert epoch_changes.destroyed(over, "e1", NOW.replace(year=2019), "again") == over


@pytest.mark.parametrize(
    ("state", "more"), [("active", {"destroyed_at": NOW}), ("destroyed", {}), ("former", {"reason": "x"})]
)
def test_what_is_said_of_an_epoch_belongs_to_its_state(tmp_path: Path, state: str, more: dict[str, Any]):
    with pytest.raises(ValueError, match="belongs to 'state: destroyed'"):
        epoch(tmp_path, "e1", state, **more)
