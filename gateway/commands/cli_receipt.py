"""The commands about receipts, `receipt verify` and `receipt page`, and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.options import Json, end

app = typer.Typer(help="What a receipt proves, offline and from public keys alone.")


@app.command("verify")
def verify(
    file: Path,
    keys: Annotated[Path, typer.Option(help="The gateway's keys document ('gateway keys export').")],
    question: Annotated[Path | None, typer.Option(help="The question, as it was sent.")] = None,
    answer: Annotated[Path | None, typer.Option(help="The answer, as it came.")] = None,
    as_json: Json = False,
) -> None:
    """This question, this answer, these sources, this time, in the ledger? 0 yes, 1 altered or wrong, 2 usage, 3 not yet."""
    from gateway.commands import receipt

    end(receipt.verify(file, keys, question, answer, as_json))


@app.command("page")
def page(file: Path) -> None:
    """Writes the page that checks receipts in a browser, without any server: open the file, drop the receipt."""
    from gateway.commands import receipt

    end(receipt.page(file))
