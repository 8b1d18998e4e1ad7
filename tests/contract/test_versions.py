"""The digest over a contract folder: its definition, and that nothing in the folder can change without it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.contract.folders import load_authorities, shipped
from gateway.contract.versions import folder_sha256
from gateway.errors import Problem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inside").mkdir()
    for name, content in {"b.yaml": "bb", "a.yaml": "a", "inside/c.yaml": ""}.items():
        (tmp_path / name).write_text(content, "utf-8")
    return tmp_path


def digest(folder: Path) -> str:
    problems: list[Problem] = []
    found = folder_sha256(folder, problems)
    assert problems == []
    return found


def test_the_definition_by_hand(folder: Path):
    def part(data: bytes) -> bytes:
        return len(data).to_bytes(8, "big") + data

    parts = (b"a.yaml", b"a", b"b.yaml", b"bb", b"inside/c.yaml", b"")
    assert digest(folder) == hashlib.sha256(b"".join(map(part, parts))).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "a.yaml").write_text("A"),
        lambda root: (root / "a.yaml").rename(root / "d.yaml"),
        lambda root: (root / "inside" / "c.yaml").unlink(),
        lambda root: (root / ".hidden").write_text(""),
        lambda root: (root / "inside" / "c.yaml").rename(root / "c.yaml"),
        lambda root: ((root / "a.yaml").write_text("ab"), (root / "b.yaml").write_text("b")),
    ],
    ids=["byte", "name", "missing", "more", "moved", "border"],
)
def test_every_change_changes_it(folder: Path, change: Callable[[Path], object]):
    before = digest(folder)
    change(folder)
    assert digest(folder) != before


def test_where_the_folder_stands_and_when_it_was_written_does_not(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
):
    copy = shutil.copytree(folder, tmp_path_factory.mktemp("other") / "x")
    os.utime(copy / "a.yaml", (0, 0))
    (copy / "empty").mkdir()
    assert digest(copy) == digest(folder)


def test_a_file_that_cannot_be_read_is_a_problem(folder: Path):
    (folder / "inside" / "link").symlink_to("nowhere")
    problems: list[Problem] = []
    folder_sha256(folder, problems)
    link = str(folder / "inside" / "link")
    assert problems == [Problem(link, 1, 1, "cannot be read: No such file or directory")]


def test_a_loaded_folder_has_it():
    for name, loaded in load_authorities(shipped()).items():
        assert loaded.sha256 == digest(shipped() / "authorities" / name)
