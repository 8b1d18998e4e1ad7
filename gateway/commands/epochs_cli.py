"""`gateway epochs ...`: the commands and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.commands.options import Home, Json, end, home_of

app = typer.Typer(help="The epochs of the ledger's pseudonyms: begin another, or end the history of one for ever.")


@app.command("list")
def list_all(home: Home = None, as_json: Json = False) -> None:
    """Every epoch: its state, since when, and where its key is."""
    from gateway.commands import epochs

    end(epochs.list_all(home_of(home), as_json))


@app.command("new")
def new(
    name: Annotated[str | None, typer.Option("--id", help="Its name; else the next number.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Begins an epoch: what is written from now on is written under it; the one before it is still looked up."""
    from gateway.commands import epochs

    end(epochs.new(home_of(home), name, as_json))


@app.command("destroy")
def destroy(
    epoch: Annotated[str, typer.Argument(metavar="EPOCH")],
    reason: Annotated[str | None, typer.Option(help="Why; else it is asked for.")] = None,
    is_sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Destroys the key of a former epoch: nobody can tell any more about whom what was written under it is."""
    from gateway.commands import epochs

    end(epochs.destroy(home_of(home), epoch, reason, is_sure=is_sure, as_json=as_json))
