"""`gateway channels ...`: takes channels in hand and gives them back, while a gateway runs or before it does."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.commands.options import Home, Json, end, home_of

app = typer.Typer(help="Channels to authorities: which are asked, and taking one out of use until a moment you name.")

Authority = Annotated[str, typer.Argument(metavar="AUTHORITY")]
Channel = Annotated[str, typer.Argument(metavar="CHANNEL")]
Why = Annotated[str | None, typer.Option(help="Why; else it is asked for.")]
Who = Annotated[str | None, typer.Option(help="Who decided it; else the account that runs this.")]
Until = Annotated[
    str | None, typer.Option(help="Its end: 30m, 2h, 1d, or 2026-10-01T18:00:00+08:00. At most 30 days ahead.")
]


@app.command("list")
def list_all(home: Home = None, as_json: Json = False) -> None:
    """Every channel: in use, held (by whom, why, until when), or outside its hours; and what its contract allows."""
    from gateway.commands import channels

    end(channels.list_all(home_of(home), as_json))


@app.command("drain")
def drain(
    authority: Authority,
    channel: Channel,
    until: Until = None,
    why: Why = None,
    who: Who = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Takes a channel out of use: it is not asked, and its authority's other channels are."""
    from gateway.commands import channels

    end(channels.take(home_of(home), channels.Wanted(authority, channel, "drained", until, why, who), as_json))


@app.command("open")
def force_open(
    authority: Authority,
    channel: Channel,
    until: Until = None,
    why: Why = None,
    who: Who = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Forces a channel's breaker open: it is not asked, as if it had failed again and again."""
    from gateway.commands import channels

    end(channels.take(home_of(home), channels.Wanted(authority, channel, "open", until, why, who), as_json))


@app.command("resume")
def resume(
    authority: Authority,
    channel: Channel,
    why: Why = None,
    who: Who = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Gives a held channel back before the end of its hold."""
    from gateway.commands import channels

    end(channels.give_back(home_of(home), authority, channel, why, who, as_json=as_json))
