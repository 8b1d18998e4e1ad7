"""`gateway faults ...`: the commands and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.commands.options import Home, Json, end, home_of

app = typer.Typer(
    help="Lets running mocks misbehave for one person: arm, list, clear; and why they answered as they did."
)


@app.command("arm")
def faults_arm(
    person: Annotated[str, typer.Argument(help="A key of the cast (P12), or * for everybody.")],
    authority: str,
    fault: Annotated[str, typer.Argument(help="One of 'gateway faults known'.")],
    channel: Annotated[str | None, typer.Option(help="Only on this channel.")] = None,
    operation: Annotated[
        str | None, typer.Option(help="Only for this operation; 'refresh' for a platform's secret.")
    ] = None,
    times: Annotated[int | None, typer.Option(help="For so many calls; else until cleared.")] = None,
    lasting: Annotated[float | None, typer.Option(help="For so many seconds of the mocks' clock.")] = None,
    seconds: Annotated[float | None, typer.Option(help="How slow, for the faults that take time.")] = None,
    then: Annotated[str | None, typer.Option(help="The fault after that, until cleared.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Arms one fault in the running mocks of an installation."""
    from gateway.commands import faults

    order = {
        "person": person, "authority": authority, "fault": fault, "channel": channel, "operation": operation,
        "times": times, "lasting": lasting, "seconds": seconds, "then": then,
    }  # fmt: skip
    end(faults.arm(home_of(home), order, as_json))


@app.command("list")
def faults_list(home: Home = None, as_json: Json = False) -> None:
    """Everything that is armed, and how often it struck."""
    from gateway.commands import faults

    end(faults.listed(home_of(home), as_json))


@app.command("clear")
def faults_clear(
    number: Annotated[int | None, typer.Argument(help="As 'list' shows it; else all of them.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Disarms one fault, or all."""
    from gateway.commands import faults

    end(faults.clear(home_of(home), number, as_json))


@app.command("known")
def faults_known(as_json: Json = False) -> None:
    """The vocabulary."""
    from gateway.commands import faults

    end(faults.known(as_json))


@app.command("journal")
def faults_journal(
    person: Annotated[str | None, typer.Option(help="Only about this key of the cast.")] = None,
    authority: Annotated[str | None, typer.Option(help="Only of this authority.")] = None,
    last: Annotated[int, typer.Option(help="How many, newest last.")] = 20,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """What the running mocks were asked, what they answered, and why."""
    from gateway.commands import faults

    end(faults.journal(home_of(home), person, authority, last, as_json))
