"""`gateway ledger prune`, `backup` and `restore`: the commands of an operator, and their options."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from gateway.commands.options import Home, Json, end, home_of

app = typer.Typer(help="The ledger for operators: take out what is too old, copy it, put a copy back.")


@app.command("prune")
def prune(
    before: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="What is older than this day; else than 'audit.retention_months'."),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Takes the bodies of old entries out, also while the gateway runs. Their places in the tree stay, and their proofs."""
    from gateway.commands import upkeep

    end(upkeep.prune(home_of(home), before.date() if before else None, as_json))
