"""`gateway receipt`: a receipt checked offline, as a table in a terminal, plain lines elsewhere; and its page."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table
from rich.text import Text

from gateway.client import receipts
from gateway.client.receipts import Checked, ReceiptRefused
from gateway.commands.screen import Exit, console, failures, say, say_json
from gateway.web import receipt_page

_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("·", "dim")}


def verify(file: Path, keys: Path, question: Path | None, answer: Path | None, as_json: bool) -> Exit:
    """Checks and prints; sends nothing and needs no installation."""
    with failures():
        given = [None if path is None else path.read_bytes() for path in (question, answer)]
        receipt, document = file.read_bytes(), keys.read_bytes()
    try:
        told = receipts.check(receipt, document, *given)
    except ReceiptRefused as error:
        said = error.sentence
        if as_json:
            say_json({"verified": False, "code": error.code, "message": {"zh": said.zh, "en": said.en}})
        else:
            say(f"✗ {error.code}\n  {said.zh}\n  {said.en}")
        return Exit(receipts.refused_code(error))
    if as_json:
        say_json({"verified": not told.is_wrong, **receipts.document(told)})
    else:
        _show(told)
    return Exit(receipts.exit_code(told))


def page(file: Path) -> Exit:
    """Writes the page; never over a file that is there."""
    with failures(), file.open("xb") as new:
        new.write(receipt_page.content())
    return Exit.DONE


def _show(told: Checked) -> None:
    screen = console()
    if not screen.is_terminal:
        for is_shown, name, said in receipts.lines(told):
            say(f"{_MARKS[is_shown][0]} {name}: {said}")
        return
    table = Table(title=f"回执 receipt  {told.signed_by}", title_justify="left", expand=False)
    for column in ("", "", "内容 content"):
        table.add_column(column, overflow="fold")
    for is_shown, name, said in receipts.lines(told):
        mark, style = _MARKS[is_shown]
        table.add_row(Text(mark, style), name, Text(said, style if is_shown is False else ""))
    screen.print(table)
