"""The rehearsal's matrix is the committed one: no fault becomes a "no", and nothing breaks unhandled.

To write it anew: `gateway rehearse --json > tests/rehearsal/expected.json`, and `--markdown` for docs/rehearsal.md.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from gateway.commands import rehearse, rehearse_table
from gateway.commands.cli import app
from gateway.commands.rehearsed import ACCEPTED, WITHOUT, Cell, Rehearsed
from gateway.contract.folders import load_authorities, shipped
from mocks.faults import FAULTS

EXPECTED: dict[str, Any] = json.loads(Path(__file__).with_name("expected.json").read_text("utf-8"))
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "rehearsal.md"
PERMIT = "residence_permit.share"


def expected(**changes: Any) -> Rehearsed:
    rows = {
        fault: {case: Cell(verdict, told, statuses, True) for case, (verdict, told, statuses) in cells.items()}
        for fault, cells in EXPECTED["rows"].items()
    }
    return Rehearsed(tuple(rows[WITHOUT]), rows, **changes)


def changed(fault: str, **changes: Any) -> Rehearsed:
    """The expected matrix with one cell of the permits another."""
    rehearsed = expected()
    cells = rehearsed.rows[fault]
    return Rehearsed(
        rehearsed.cases,
        {**rehearsed.rows, fault: {**cells, PERMIT: replace(cells[PERMIT], **changes)}},
    )


def test_the_matrix_is_the_committed_one() -> None:
    result = CliRunner().invoke(app, ["rehearse", "--json"])
    assert json.loads(result.stdout) == EXPECTED
    assert result.exit_code == 0


def test_the_committed_one_is_passed_and_has_one_accepted_no() -> None:
    assert expected().document() == EXPECTED
    assert EXPECTED["passed"]
    noes = {
        (case, fault)
        for fault, cells in EXPECTED["rows"].items()
        for case, (verdict, _, _) in cells.items()
        if verdict in ("no_record", "contradicted")
    }
    assert noes == ACCEPTED


def test_every_fault_meets_every_channel_alone_and_all_of_an_authority_s_together() -> None:
    contracts = {name: folder.contract for name, folder in load_authorities(shipped()).items()}
    cases = rehearse.cases(contracts)
    assert {case.name for case in cases} == set(EXPECTED["rows"][WITHOUT])
    for authority, contract in contracts.items():
        ill = [case.channels for case in cases if case.authority == authority]
        together = [tuple(contract.channels)] if len(contract.channels) > 1 else []
        assert ill == [*((name,) for name in contract.channels), *together]
    for round_ in rehearse.rounds(cases):
        assert len({case.authority for case in round_}) == len(round_)
    assert set(FAULTS) - {"status_<NNN>"} < set(rehearse.faults()) == set(EXPECTED["rows"])


@pytest.mark.parametrize(
    ("fault", "changes", "flaw"),
    [
        ("hang", {"verdict": "no_record"}, "no_record, although the record would have confirmed"),
        ("hang", {"verdict": "contradicted"}, "contradicted, although the record would have confirmed"),
        ("hang", {"verdict": "refused", "disposition": "ledger"}, "refused ledger"),
        ("hang", {"has_struck": False}, "the fault did not strike"),
        (WITHOUT, {"verdict": "undetermined"}, "the record does not confirm, so its rows show nothing"),
        ("stale_data", {"verdict": "no_record"}, None),
        ("hang", {"verdict": "undetermined"}, None),
    ],
)
def test_what_is_a_flaw(fault: str, changes: dict[str, Any], flaw: str | None) -> None:
    flaws = changed(fault, **changes).flaws
    assert len(flaws) == (flaw is not None)
    assert all(str(flaw) in each for each in flaws)


def test_what_broke_is_a_flaw_and_ends_the_command_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = expected(broken=("check.broke residence_permit KeyError",))
    assert broken.flaws == ("unhandled: check.broke residence_permit KeyError",)

    async def play(_: Any) -> Rehearsed:
        return broken

    monkeypatch.setattr(rehearse_table, "play", play)
    result = CliRunner().invoke(app, ["rehearse"])
    assert result.exit_code == 1
    assert "unhandled: check.broke" in result.stdout


@pytest.mark.parametrize("width", [120, 160])
def test_the_table_fits_a_terminal_and_says_every_fault_once(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": str(width), "TERM": "xterm-256color"}.items():
        monkeypatch.setenv(name, value)
    rehearse_table.show(expected())
    table = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).partition("每格")[0]
    first_column = [line.split("│")[1].strip() for line in table.splitlines() if line.startswith("│")]
    for fault in rehearse.faults()[1:]:
        assert first_column.count(fault) == 1, fault
    assert max(cell_len(line) for line in table.splitlines()) <= width
    assert "paper*" in table.replace("纸质 ", "")


def test_a_terminal_that_is_too_narrow_for_the_table_gets_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": "80", "TERM": "xterm-256color"}.items():
        monkeypatch.setenv(name, value)
    rehearse_table.show(expected())
    assert "hang, status_504\n" in capsys.readouterr().out


def test_a_pipe_gets_lines(capsys: pytest.CaptureFixture[str]) -> None:
    rehearse_table.show(expected())
    said = capsys.readouterr().out
    assert "\x1b[" not in said
    assert "hang, status_504\n" in said
    assert f"{PERMIT:<30} contradicted  paper_required*  share=answered" in said


def test_the_document_has_the_same_matrix() -> None:
    made = "\n".join(rehearse_table.in_markdown(expected()))
    assert f"<!-- made: rehearsal -->\n{made}\n<!-- end -->" in DOCUMENT.read_text("utf-8")
