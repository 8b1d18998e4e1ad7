"""`gateway ledger witness ...`: the commands and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.options import Home, Json, end, home_of

app = typer.Typer(help="For a second department: cosigns a gateway's checkpoints, and refuses a ledger that forks.")


@app.callback(invoke_without_command=True)
def serve(context: typer.Context, home: Home = None, as_json: Json = False) -> None:
    """Runs the witness of a folder until SIGINT or SIGTERM."""
    from gateway.commands import witness

    if context.invoked_subcommand is None:
        end(witness.serve(home_of(home), as_json))


@app.command("init")
def init(
    folder: Path,
    log: Annotated[list[str], typer.Option(help="ORIGIN=KEYS.json: a log, and its gateway's keys document.")],
    name: Annotated[str, typer.Option(help="What it signs as, for ever.")] = "witness.example/w1",
    port: Annotated[int, typer.Option(help="On loopback.")] = 8690,
    as_json: Json = False,
) -> None:
    """Writes a new folder with its key and configuration."""
    from gateway.commands import witness

    end(witness.init(folder, name, port, log, as_json))


@app.command("show")
def show(home: Home = None, as_json: Json = False) -> None:
    """Of each log the newest checkpoint that it cosigned, and the file to hand to an auditor."""
    from gateway.commands import witness

    end(witness.show(home_of(home), as_json))
