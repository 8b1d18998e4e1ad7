"""`gateway receipt verify`: a file, a keys document, and a plain answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.commands.cli import app
from gateway.web import receipt_page
from tests.proofs.receipted import ANSWER, QUESTION, Receipted

MADE = Receipted()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in {"r": MADE.file(), "k": MADE.document(), "q": QUESTION, "a": ANSWER}.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def run(folder: Path, *more: str, receipt: str = "r") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["receipt", "verify", str(folder / receipt), "--keys", str(folder / "k"), *more])
    return done.exit_code, done.output


def test_a_receipt_with_its_question_and_answer(folder: Path):
    code, shown = run(folder, "--question", str(folder / "q"), "--answer", str(folder / "a"))
    assert code == 0
    assert "✓ 问题 question: 已证实 proved" in shown
    assert "✓ 账本 ledger: 已入账 in the ledger；gw.example/audit/0 #2，检查点 checkpoint 5" in shown


def test_as_a_document(folder: Path):
    code, shown = run(folder, "--json")
    told = json.loads(shown)
    assert (code, told["verified"], told["question"]["match"]) == (0, True, "not_given")
    assert told["materials"][0]["sources"][0]["reply_grade"] == "A"
    assert told["ledger"] == {
        "size": 5,
        "witnessed": [{"name": "witness.example/w1", "at": "2026-11-23T00:00:04.000Z"}],
    }


def test_its_exit_codes(folder: Path):
    assert run(folder, "--question", str(folder / "a"))[0] == 1
    assert run(folder, receipt="q")[0] == 1
    assert run(folder, "--answer", str(folder / "nowhere"))[0] == 2
    (folder / "r").write_bytes(MADE.file(proved=False))
    code, shown = run(folder)
    assert (code, "· 账本 ledger: 尚未入账 not in the ledger yet" in shown) == (3, True)
    (folder / "k").write_text("{}")
    code, shown = run(folder, "--json")
    assert (code, json.loads(shown)["code"]) == (2, "keys_malformed")


def test_the_page_is_written_once(tmp_path: Path):
    file = tmp_path / "receipt.html"
    assert CliRunner().invoke(app, ["receipt", "page", str(file)]).exit_code == 0
    assert file.read_bytes() == receipt_page.content()
    assert CliRunner().invoke(app, ["receipt", "page", str(file)]).exit_code == 2
