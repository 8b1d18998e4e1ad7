"""`gateway contracts ...`: the commands about contract folders, and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.options import Home, Json, end

app = typer.Typer(help="The authorities' contract folders: what each promises, and whether it holds.")

Root = Annotated[Path | None, typer.Option("--contracts", help="A contracts folder; else the installation's, or ours.")]


@app.command("list")
def contracts_list(home: Home = None, root: Root = None, as_json: Json = False) -> None:
    """Every authority: its channels, how each is signed, its operations, and the version of its folder."""
    from gateway.commands import contracts

    end(contracts.list_all(home, root, as_json))
