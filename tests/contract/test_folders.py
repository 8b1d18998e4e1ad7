"""Contract folders as a whole: those that are shipped load clean, and every way to break one is said with its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.contract.files import FileModel, load_or_raise
from gateway.contract.folders import load_authorities, load_folder, shipped
from gateway.contract.people import load_cast
from gateway.contract.scenarios import load_scenarios
from gateway.errors import BrokenFiles, Problem

PERMIT, REGISTRY, ARCHIVE = "residence_permit", "household_registry", "guardianship_archive"
INSURANCE = "social_insurance"
INSURANCE = "social_insurance"


def test_the_shipped_contracts_load_clean():
    folders = load_authorities(shipped())
    assert set(folders) == {path.name for path in (shipped() / "authorities").iterdir() if path.is_dir()}
    assert set(folders[INSURANCE].documents["query"]) == {"request", "response"}
    assert folders[INSURANCE].payloads == {"share": {}, "query": {}}
    assert folders[REGISTRY].documents == {"query": {}}
    scenarios = {name: load_scenarios(folder) for name, folder in folders.items()}
    assert load_cast(shipped() / "people.yaml", scenarios).people


class Break(FileModel):
    """One change to a copy of a shipped folder, and the problem that it must be."""

    file: str
    old: str
    new: str
    said: str
    at: str | None = None
    others: int = 0


class Corpus(FileModel):
    changes: list[Break]


CORPUS = load_or_raise(Path(__file__).with_name("broken_folders.yaml"), Corpus).changes


def broken(root: Path, change: Break) -> Path:
    """A copy of the folder with the change made."""
    authority, _, name = change.file.partition("/")
    folder = shutil.copytree(shipped() / "authorities" / authority, root / authority)
    text = (folder / name).read_text("utf-8")
    assert change.old in text
    (folder / name).write_text(text.replace(change.old, change.new, 1), "utf-8")
    return folder


def test_the_corpus_is_not_small():
    assert len(CORPUS) >= 40


@pytest.mark.parametrize("change", CORPUS, ids=lambda change: f"{change.file}-{change.said[:60]}")
def test_one_change_is_said_with_its_place(tmp_path, change):
    problems: list[Problem] = []
    folder = broken(tmp_path, change)
    load_folder(folder, problems)
    said = [f"{Path(problem.file).name}: {problem.text}" for problem in problems]
    (found,) = [problem for problem, text in zip(problems, said, strict=True) if text.startswith(change.said)]
    assert len(problems) == 1 + change.others, said
    if change.at == "":
        assert found.line == 1
    else:
        line = (folder / Path(found.file).name).read_text("utf-8").splitlines()[found.line - 1]
        assert (change.at or change.new.strip("\n").split("\n")[0]) in line
    assert found.column >= 1


def test_a_document_whose_root_the_schema_does_not_have(tmp_path):
    change = Break(file=f"{INSURANCE}/payload.xsd", old='name="request"', new='name="question"', said="")
    problems: list[Problem] = []
    load_folder(broken(tmp_path, change), problems)
    assert {problem.text for problem in problems} == {"unknown root element; did you mean 'question'?"}
    assert len({problem.line for problem in problems}) == 5


@pytest.mark.parametrize("name", ["contract.yaml", "mapping.yaml"])
def test_a_file_that_is_not_there(tmp_path, name):
    folder = shutil.copytree(shipped() / "authorities" / PERMIT, tmp_path / PERMIT)
    (folder / name).unlink()
    problems: list[Problem] = []
    assert load_folder(folder, problems) is None
    assert [problem.text for problem in problems] == ["cannot be read: No such file or directory"]


def test_the_problems_of_several_folders_are_said_at_once(tmp_path):
    for name in (f"{PERMIT}/contract.yaml", f"{REGISTRY}/payload.schema.json"):
        broken(tmp_path / "authorities", next(change for change in CORPUS if change.file == name))
    (tmp_path / "authorities" / ARCHIVE).mkdir()
    with pytest.raises(BrokenFiles) as refused:
        load_authorities(tmp_path)
    assert {Path(problem.file).parent.name for problem in refused.value.problems} == {PERMIT, REGISTRY, ARCHIVE}


def test_no_folder_at_all(tmp_path):
    with pytest.raises(BrokenFiles, match="holds no folder under 'authorities'"):
        load_authorities(tmp_path)


def test_shipped_contracts_stand_in_the_package_or_beside_it():
    assert (shipped() / "authorities").is_dir()
    assert (shipped() / "policies").is_dir()
