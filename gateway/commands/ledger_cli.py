"""`gateway ledger ...`: the commands of an auditor and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands import witness_cli
from gateway.commands.options import Home, Json, end

app = typer.Typer(
    help="The ledger for auditors: verify it, prove an entry, write it out as tiles. None of these writes to it."
)
app.add_typer(witness_cli.app, name="witness")

Ledger = Annotated[Path | None, typer.Option("--ledger", help="A ledger's file or a copy of it, instead of --home.")]
Keys = Annotated[Path | None, typer.Option("--keys", help="With --ledger: the document of `gateway keys export`.")]
Origin = Annotated[
    str | None, typer.Option("--origin", help="The ledger's name, where the document of the keys does not say it.")
]


@app.command("verify")
def verify(
    checkpoint: Annotated[
        list[Path] | None, typer.Option("--checkpoint", help="A checkpoint of a former day, or a folder of such.")
    ] = None,
    ledger: Ledger = None,
    keys: Keys = None,
    origin: Origin = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Looks at every entry, hash, signature and end, by public keys alone; says everything that is wrong."""
    from gateway.commands import ledger as audits
    from gateway.commands.ledger_files import Named

    end(audits.verify(Named(home, ledger, keys, origin), checkpoint or [], as_json))


@app.command("proof")
def proof(
    entry_id: str,
    ledger: Ledger = None,
    keys: Keys = None,
    origin: Origin = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Prints the C2SP tlog-proof of one entry under the newest checkpoint."""
    from gateway.commands import ledger as audits
    from gateway.commands.ledger_files import Named

    end(audits.proof(Named(home, ledger, keys, origin), entry_id, as_json))


@app.command("export")
def export(
    folder: Path,
    ledger: Ledger = None,
    keys: Keys = None,
    origin: Origin = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Writes checkpoints, tiles and entries as C2SP tlog-tiles, a folder a shard; the next time only what is new."""
    from gateway.commands import ledger as audits
    from gateway.commands.ledger_files import Named

    end(audits.export(Named(home, ledger, keys, origin), folder, as_json))
