"""Every line of the list has a test, here under its id or elsewhere under its name."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from tests.hostile.lines import ELSEWHERE, LINES

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_line_has_a_test_and_every_test_a_line() -> None:
    named = {name for path in HERE.glob("test_*.py") for name in names_in(path)}
    here = {int(found[1]) for name in named if (found := re.match(r"test_h(\d\d)_", name))}
    assert here <= LINES
    assert here | set(ELSEWHERE) == LINES


def test_what_is_held_elsewhere_is_there() -> None:
    for held in (each for tests in ELSEWHERE.values() for each in tests):
        path, _, name = held.partition("::")
        assert name in names_in(ROOT / path), held


def test_the_faults_that_stand_for_lines_are_in_the_table() -> None:
    """Line 53 is another person's reply or another request's, 54 is what is no answer, 55 a swapped person."""
    table = json.loads((ROOT / "tests/rehearsal/expected.json").read_text("utf-8"))["rows"]
    for fault in ("other_reply", "garbage", "wrong_charset", "html_login", "empty", "swapped_person"):
        assert fault in table
