"""`gateway ledger ...`: the commands of auditors and of operators, and their options."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands import witness_cli
from gateway.commands.options import Home, Json, end, home_of

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


@app.command("backup")
def backup(file: Path, home: Home = None, as_json: Json = False) -> None:
    """Copies the ledger as it is at one moment, also while the gateway runs, and checks the copy. Overwrites nothing."""
    from gateway.commands import upkeep

    end(upkeep.backup(home_of(home), file, as_json))


@app.command("restore")
def restore(
    backup: Path,
    why: Annotated[str, typer.Option(help="Goes into the ledger, for those who ask later.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Puts a backup in the ledger's place, with the gateway stopped. Its shards are closed; the replaced file is kept."""
    from gateway.commands import upkeep

    end(upkeep.restore(home_of(home), backup, why, as_json))
