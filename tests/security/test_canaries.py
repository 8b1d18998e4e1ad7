from __future__ import annotations

from pathlib import Path

import pytest

from gateway.contract.epochs import EpochsFile
from gateway.errors import Problem
from gateway.security.canaries import read_canaries
from gateway.security.pseudonyms import PERSON
from tests.ledger.asking import CHILD, FATHER, PSEUDONYMS

BEGAN = "2018-01-01T00:00:00Z"
EPOCHS = EpochsFile.model_validate(
    {
        "epochs": [
            {"epoch": "e0", "state": "destroyed", "key": "file:e0", "since": BEGAN, "destroyed_at": BEGAN},
            {"epoch": "old", "state": "former", "key": "file:old", "since": BEGAN},
            {"epoch": "e1", "state": "active", "key": "file:e1", "since": BEGAN},
        ]
    }
)


def read(path: Path, text: str | bytes) -> tuple[frozenset[str], list[Problem]]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    problems: list[Problem] = []
    return read_canaries(path, EPOCHS, problems), problems


def test_a_pseudonym_a_line_and_remarks_for_people(tmp_path: Path):
    child, father = (PSEUDONYMS.of(PERSON, person.citizen_id) for person in (CHILD, FATHER))
    found, problems = read(tmp_path / "canaries", f"# 蜜罐人员\n\n{child}\n  {father}\r\n{child}\n")
    assert (found, problems) == ({child, father}, [])


@pytest.mark.parametrize("line", ["e2:" + "a" * 32, "e1:" + "A" * 32, "e1:" + "a" * 31, CHILD.citizen_id, CHILD.name])
def test_what_would_never_match_is_a_problem_that_does_not_repeat_it(tmp_path: Path, line: str):
    found, (problem,) = read(tmp_path / "canaries", f"# one\n{line}\n")
    assert (found, problem.line) == (frozenset(), 2)
    assert line not in problem.text
    assert "e1:<32 hex digits>" in problem.text


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path):
    assert read(tmp_path / "canaries", b"\xff")[1][0].text == "cannot be read: not UTF-8"
    problems: list[Problem] = []
    assert read_canaries(tmp_path / "nothing", EPOCHS, problems) == frozenset()
    assert [problem.text for problem in problems] == ["cannot be read: No such file or directory"]


def test_pseudonyms_of_every_epoch_that_is_known_stand(tmp_path: Path):
    lines = [f"{epoch}:{'a' * 32}" for epoch in ("e0", "old", "e1")]
    assert read(tmp_path / "canaries", "\n".join(lines)) == (frozenset(lines), [])
