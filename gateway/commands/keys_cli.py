"""`gateway keys ...`: the commands and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.options import LIFE_DAYS, OVERLAP_DAYS, Home, Json, end, home_of
from gateway.commands.screen import failures

app = typer.Typer(
    help="The gateway's own keys: make one, take turns, revoke, show what others need. Never a private one."
)


Use = Annotated[str, typer.Argument(metavar="USE", help="answers, receipts, checkpoints or outbound.")]


@app.command("new")
def new(
    use: Use,
    alg: Annotated[str, typer.Option(help="ed25519, ecdsa-p256-sha256 or sm2-sm3.")] = "ed25519",
    days: Annotated[int, typer.Option(min=0, max=3650, help="Until it expires; 0 for never.")] = LIFE_DAYS,
    keyid: Annotated[str | None, typer.Option("--id", help="Its id; else made from use and day.")] = None,
    key: Annotated[
        str | None,
        typer.Option(
            help="Where a private half is that is there already: file:, env:, credential: or unix:/SOCKET#KEY."
        ),
    ] = None,
    public_key: Annotated[Path | None, typer.Option(help="With --key: the file of the public half (PEM).")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Makes a pending key: published from now on, and not signing yet."""
    from gateway.commands import keys

    with failures():
        wanted = keys.Wanted(keys.use_of(use), keys.alg_of(alg), days, keyid, key, public_key)
    end(keys.new(home_of(home), wanted, as_json))


@app.command("list")
def list_all(home: Home = None, as_json: Json = False) -> None:
    """Every key: use, id, algorithm, state, and where its private half is."""
    from gateway.commands import keys

    end(keys.list_all(home_of(home), as_json))


@app.command("rotate")
def rotate(
    use: Use,
    keyid: Annotated[str | None, typer.Option("--id", help="Which, where several are pending.")] = None,
    overlap_days: Annotated[
        int, typer.Option(min=0, max=3650, help="How long the old one still counts.")
    ] = OVERLAP_DAYS,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """The pending key signs; the active one signs no longer, and counts until the overlap ends."""
    from gateway.commands import keys

    with failures():
        meant = keys.use_of(use)
    end(keys.rotate(home_of(home), meant, keyid, overlap_days, as_json))


@app.command("revoke")
def revoke(
    keyid: Annotated[str, typer.Argument(metavar="ID")],
    reason: Annotated[str | None, typer.Option(help="Why; else it is asked for.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Nothing that the key signed counts any more; if it was active, the pending one signs at once."""
    from gateway.commands import keys

    end(keys.revoke(home_of(home), keyid, reason, as_json))


@app.command("export")
def export(
    use: Annotated[str | None, typer.Option(help="Only these; 'outbound' is for authorities.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Prints the public document, as /.well-known/gateway-keys shows it. It is JSON with --json and without."""
    from gateway.commands import keys

    with failures():
        meant = keys.use_of(use) if use is not None else None
    end(keys.export(home_of(home), meant))


@app.command("signer")
def signer(
    key: Annotated[list[str], typer.Argument(metavar="NAME=REFERENCE", help="gateway-answers=file:answers.pem")],
    socket: Annotated[Path, typer.Option(help="The Unix socket; for its owner and group.")],
    as_json: Json = False,
) -> None:
    """Holds private keys and signs for others over a Unix socket, until SIGINT or SIGTERM. Needs no installation."""
    from gateway.commands import signer as process

    end(process.serve(socket, key, as_json))
