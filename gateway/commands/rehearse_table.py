"""What `gateway rehearse` prints: a table in a terminal, plain lines elsewhere, Markdown, or one document for machines."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from gateway.commands import loops
from gateway.commands.rehearse import play
from gateway.commands.rehearsed import ACCEPTED, WITHOUT, Cell, Rehearsed
from gateway.commands.screen import Exit, console, say, say_json

_TOLD: Final[Mapping[str, tuple[str, str, str]]] = {
    "waived": ("免交", "waived", "green"),
    "officer_check": ("人工", "officer", "yellow"),
    "paper_required": ("纸质", "paper", "bold red"),
}
_LEGEND: Final = (
    "每格：窗口得到的处理；下面是出故障渠道的状态。a+b 表示两个渠道同时故障。同样结果的故障并为一行。",
    "免交：仍可免交（无故障，或另一渠道已证实）；人工：由工作人员核查；纸质：要求纸质材料。",
    "Each cell: what the counter was told, and below it the status of the ill channel; a+b: both ill at once.",
    "Faults with the same result share a row. waived: still waived (no harm, or the other channel confirmed);",
    "officer: an officer checks; paper: the applicant was asked for paper.",
)
_ACCEPTED: Final = (
    "* 已知风险：一年前的数据，签名正确，线路上看不出来；契约没有截至时间字段（docs/mocks.md）。",
    "* accepted risk: a rightly signed truth of a year ago shows on no wire; no contract has an as-of field (docs/mocks.md).",
)
_COLUMN: Final = 12


def rehearse(*, as_json: bool, markdown: bool) -> Exit:
    """Plays and prints."""
    with _progress() as began, _without_library_noise():
        rehearsed = loops.run(play(began))
    show(rehearsed, as_json=as_json, markdown=markdown)
    return Exit.NO if rehearsed.flaws else Exit.DONE


def show(rehearsed: Rehearsed, *, as_json: bool = False, markdown: bool = False) -> None:
    """Prints in the form asked for, or in the one that fits where it is read."""
    if as_json:
        say_json(rehearsed.document())
        return
    if markdown:
        for line in in_markdown(rehearsed):
            say(line)
        return
    screen = console()
    table = _table(rehearsed)
    if (
        screen.is_terminal
        and screen.measure(table, options=screen.options.update(max_width=1000)).maximum <= screen.width
    ):
        screen.print(table)
    else:
        for line in _lines(rehearsed):
            say(line)
    for line in ("", *_LEGEND, *_ACCEPTED):
        say(line)
    asked = len(rehearsed.rows) * len(rehearsed.cases)
    say(f"\n{asked} 个问题，{len(rehearsed.flaws)} 处不符 / {asked} questions, {len(rehearsed.flaws)} flaws")
    for flaw in rehearsed.flaws:
        say(f"  {flaw}")


@contextmanager
def _progress() -> Iterator[Callable[[int], Callable[[], None]]]:
    """A bar on standard error where that is a terminal, and nothing elsewhere."""
    screen = Console(stderr=True)
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as bar:

        def began(total: int) -> Callable[[], None]:
            task = bar.add_task("演练 rehearsing", total=total)
            return lambda: bar.advance(task)

        yield began


@contextmanager
def _without_library_noise() -> Iterator[None]:
    """GmSSL writes two lines to the process's standard error for each signature that does not verify, and here many do not.

    Python's own standard error goes on to the terminal, for the bar.
    """
    if sys.stderr is not sys.__stderr__:  # somebody listens already
        yield
        return
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    shown = sys.stderr
    try:
        with os.fdopen(os.dup(kept), "w", encoding="utf-8") as sys.stderr:
            os.dup2(nowhere, 2)
            yield
    finally:
        sys.stderr = shown
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _name(fault: str) -> str:
    return "(无故障 none)" if fault == WITHOUT else fault


def _mark(case: str, faults: Sequence[str], cell: Cell) -> str:
    return "*" if cell.disposition == "paper_required" and any((case, fault) in ACCEPTED for fault in faults) else ""


def _table(rehearsed: Rehearsed) -> Table:
    table = Table(
        title="故障演练 / rehearsal: every channel through every fault",
        title_justify="left",
        show_lines=True,
        padding=0,
    )
    table.add_column("故障 fault", no_wrap=True)
    for case in rehearsed.cases:
        table.add_column(case.replace("_", "_\n").replace(".", "\n").replace("+", "+\n"), no_wrap=True)
    for faults, cells in rehearsed.groups():
        shown = [_cell(case, faults, cell) for case, cell in cells.items()]
        table.add_row("\n".join(_name(fault) for fault in faults), *shown)
    return table


def _cell(case: str, faults: Sequence[str], cell: Cell) -> Text:
    zh, en, colour = _TOLD.get(cell.disposition, (cell.verdict, cell.disposition, "bold red"))
    statuses = dict.fromkeys(cell.statuses.values())
    return Text.assemble(
        (f"{zh} {en}{_mark(case, faults, cell)}", colour), *((f"\n{_fitting(status)}", "dim") for status in statuses)
    )


def _fitting(status: str) -> str:
    """Broken at a seam where it would not fit: so that a column for each case stands beside the faults."""
    return status if len(status) <= _COLUMN else status.replace("_", "_\n", 1)


def _lines(rehearsed: Rehearsed) -> Iterator[str]:
    for faults, cells in rehearsed.groups():
        yield ", ".join(_name(fault) for fault in faults)
        for case, cell in cells.items():
            statuses = " ".join(f"{channel}={status}" for channel, status in cell.statuses.items())
            yield f"  {case:<30} {cell.verdict:<13} {cell.disposition + _mark(case, faults, cell):<16} {statuses}"


def in_markdown(rehearsed: Rehearsed) -> Iterator[str]:
    """A table: a row for each fault or group of them."""
    yield "| fault | " + " | ".join(f"`{case}`" for case in rehearsed.cases) + " |"
    yield "|---" * (len(rehearsed.cases) + 1) + "|"
    for faults, cells in rehearsed.groups():
        shown = (
            f"{_TOLD.get(cell.disposition, ('', cell.disposition, ''))[1]}{_mark(case, faults, cell)}: "
            + ", ".join(dict.fromkeys(cell.statuses.values()))
            for case, cell in cells.items()
        )
        names = " ".join(f"`{fault}`" if fault != WITHOUT else "none" for fault in faults)
        yield f"| {names} | {' | '.join(shown)} |"
