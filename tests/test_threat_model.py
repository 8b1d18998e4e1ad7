"""The threat model names controls that are held by tests: each test it names exists, and each threat names one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "threat-model.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROWS = [
    line
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("| ") and line.count("|") == 4 and not re.match(r"\| (?:threat|A\d|B\d| *\|)", line)
]


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_there_are_threats_at_every_border():
    assert len(ROWS) > 30
    assert PAGE.read_text("utf-8").count("\n## Threats") == 4


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:50])
def test_each_threat_names_tests_that_exist(row: str):
    named = NAMED.findall(row.split("|")[3])
    assert named, "no test holds this control"
    for file, name in named:
        assert name in functions(ROOT / file), f"{file} has no {name}"
