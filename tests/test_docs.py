"""The documents say what the code does: every code, status, command and example in them is held against it."""

from __future__ import annotations

import re
from pathlib import Path

from typer.testing import CliRunner

from gateway.commands.cli import app
from gateway.model import Decision, Disposition, Status
from gateway.web.problems import KINDS

ROOT = Path(__file__).parents[1]


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def rows(text: str) -> set[str]:
    return set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE))


def test_every_code_and_status_has_its_row_and_no_row_is_left_over() -> None:
    assert rows(read("docs/errors.md")) == set(KINDS) | {str(status) for status in Status}


def test_the_glossary_has_every_decision_and_disposition() -> None:
    text = read("docs/glossary.md")
    assert [word for word in (*Decision, *Disposition) if f"`{word}`" not in text] == []


def test_every_command_of_the_readmes_is_there() -> None:
    known = CliRunner().invoke(app, ["--help"]).stdout
    for name in ("README.md", "README.zh.md"):
        named = set(re.findall(r"gateway (demo|init|serve|mocks|verify|doctor|[a-z]+) +(?:--|my)", read(name)))
        assert named
        assert [command for command in named if command not in known] == []


def test_links_inside_the_repository_lead_somewhere() -> None:
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_decisions_fit_on_a_page() -> None:
    assert [p.name for p in (ROOT / "docs" / "decisions").glob("*.md") if len(p.read_text().splitlines()) > 40] == []
