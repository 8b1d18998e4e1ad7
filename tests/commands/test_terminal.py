"""What a person sees in a terminal: tables, in both languages, as wide as the terminal allows."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from gateway.client import Answer, Material, Message, Source
from gateway.commands import asking
from gateway.commands.cli import app
from gateway.model import Receipt


@pytest.fixture(params=[150, 90])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def in_terminal(width: int, *arguments: str) -> str:
    """A command's output where rich believes that it writes to a terminal of that width."""
    env = {"FORCE_COLOR": "1", "COLUMNS": str(width), "TERM": "xterm-256color"}
    return CliRunner().invoke(app, list(arguments), env=env).stdout


def test_the_demo_is_a_table_with_colours(width: int) -> None:
    shown = in_terminal(width, "demo")
    assert "\x1b[32m" in shown, "confirmed is green"
    for words in (
        "申请人 applicant",
        "属实",
        "confirmed",
        "请提供纸质材料",
        "人工核查",
        "replay",
        "gateway init mygateway",
    ):
        assert words in shown
    assert ("居住证在有效期内。" in shown) == (width >= 120), "why stands in wide terminals"
    assert max(len(line) for line in plain(shown).splitlines()) <= width


def plain(shown: str) -> str:
    return Console(width=1000).render_str(shown).plain if "\x1b" not in shown else _stripped(shown)


def _stripped(shown: str) -> str:
    return "".join(part.split("m", 1)[-1] if at else part for at, part in enumerate(shown.split("\x1b[")))


def test_doctor_marks_what_to_mend(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    CliRunner().invoke(app, ["init", str(folder), "--port", "28610"])
    shown = _stripped(in_terminal(150, "doctor", "--home", str(folder)))
    assert "ok   contracts" in shown
    assert "MEND residence_permit.share" in shown
    assert "-> start it" in shown


def test_an_answer_is_a_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": "150", "TERM": "xterm-256color"}.items():
        monkeypatch.setenv(name, value)
    asking.show(ANSWER)
    shown = _stripped(capsys.readouterr().out)
    for words in (
        "结论 verdict",
        "undetermined",
        "timeout",
        "officer_check",
        "household_registry: timeout (300 ms)",
        "e-2",
    ):
        assert words in shown


SOURCE = Source("household_registry", "query", "timeout", 1, 300, "B", None, ())
MESSAGE = Message("请工作人员人工核实。", "An officer checks.")
MATERIAL = Material("guardianship_proof", "undetermined", "officer_check", "timeout", MESSAGE, 60, (SOURCE,))
ANSWER = Answer(
    "v-1",
    1,
    "partial",
    "jilin-2018-05",
    None,
    None,
    (MATERIAL,),
    Receipt("e-2", "ab" * 32),
    {},  # type: ignore[arg-type]
)
