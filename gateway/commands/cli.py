"""The commands and their options."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway import __version__
from gateway.commands import (
    channels_cli,
    cli_faults,
    cli_receipt,
    cli_signature,
    contracts_cli,
    epochs_cli,
    keys_cli,
    ledger_cli,
    rehearse_cli,
)
from gateway.commands.options import Counter, Home, Json, end, home_of
from gateway.commands.screen import failures, say, say_json

app = typer.Typer(
    name="gateway",
    help="One signed question about one applicant, real government dialects, one decision per material, with proof.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

policy_app = typer.Typer(help="The dated policies: which are there, and the path of one question through the rules.")
app.add_typer(policy_app, name="policy", no_args_is_help=True)
consumers_app = typer.Typer(help="Who may ask: their keys, their grants, and which of these allows one question.")
app.add_typer(consumers_app, name="consumers", no_args_is_help=True)
app.add_typer(cli_faults.app, name="faults", no_args_is_help=True)
app.add_typer(cli_signature.app, name="signature", no_args_is_help=True)
app.command()(cli_signature.sign)
app.command()(rehearse_cli.rehearse)
app.add_typer(cli_receipt.app, name="receipt", no_args_is_help=True)
app.add_typer(contracts_cli.app, name="contracts", no_args_is_help=True)
app.add_typer(channels_cli.app, name="channels", no_args_is_help=True)
app.add_typer(keys_cli.app, name="keys", no_args_is_help=True)
app.add_typer(ledger_cli.app, name="ledger", no_args_is_help=True)
app.add_typer(epochs_cli.app, name="epochs", no_args_is_help=True)
store_app = typer.Typer(help="The file of the ledger.")
app.add_typer(store_app, name="store", no_args_is_help=True)


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)] = False,
) -> None:
    """Options of the program itself."""
    if show:
        say(__version__)
        raise typer.Exit


@app.command()
def demo(as_json: Json = False) -> None:
    """Mocks, a gateway and a counter on free loopback ports; the cast asks; nothing is left running."""
    from gateway.commands import loops
    from gateway.commands.demo import play
    from gateway.commands.demo_table import document, show

    with failures():
        played = loops.run(play())
    say_json(document(played)) if as_json else show(played)


@app.command()
def init(
    folder: Path,
    port: Annotated[int, typer.Option(help="The gateway's port; operators and mocks get the ports after it.")] = 8650,
    days_back: Annotated[int, typer.Option(help="How old an application may be, in days.")] = 36500,
    as_json: Json = False,
) -> None:
    """Writes a configuration, test keys for every party, an example question and an empty ledger into a new folder."""
    from gateway.commands.starting import init as begin

    end(begin(folder, port, days_back, as_json))


@app.command()
def serve(home: Home = None, as_json: Json = False) -> None:
    """Runs the gateway of an installation until SIGINT or SIGTERM."""
    from gateway.commands import serving

    end(serving.serve(home_of(home), as_json))


@app.command()
def mocks(
    authority: Annotated[list[str] | None, typer.Argument()] = None, home: Home = None, as_json: Json = False
) -> None:
    """Runs the authorities as mocks, all of them or those named, until SIGINT or SIGTERM."""
    from gateway.commands import serving

    end(serving.mocks(home_of(home), authority or [], as_json))


@app.command()
def verify(
    question: Path,
    home: Home = None,
    counter: Counter = "counter.yaml",
    receipt: Annotated[Path | None, typer.Option(help="Where to save the receipt; never over a file.")] = None,
    as_json: Json = False,
) -> None:
    """Signs and sends one question (JSON), checks the answer's signature and prints the decision."""
    from gateway.commands import asking

    end(asking.verify(home_of(home), counter, question, as_json, receipt))


@app.command()
def doctor(home: Home = None, as_json: Json = False) -> None:
    """Checks everything an installation needs and says how to mend what is wrong."""
    from gateway.commands.doctor import doctor as examine

    end(examine(home_of(home), as_json))


@app.command()
def canaries(home: Home = None, as_json: Json = False) -> None:
    """Reads identity numbers from standard input, one a line, and prints the lines of the file of canaries."""
    from gateway.commands import canaries as watched

    end(watched.canaries(home_of(home), sys.stdin, as_json))


@store_app.command("migrate")
def store_migrate(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only says what would be applied.")] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Brings the ledger to the form that this version needs. Stop the gateway first."""
    from gateway.commands import migrating

    end(migrating.migrate(home_of(home), dry_run, as_json))


@policy_app.command("explain")
def policy_explain(request: Path, home: Home = None, as_json: Json = False) -> None:
    """Which policy a question (JSON) falls under, what is owed by which rule, and who would be asked. Asks nobody."""
    from gateway.commands import policy

    end(policy.explain_request(home, request, as_json))


@policy_app.command("list")
def policy_list(home: Home = None, as_json: Json = False) -> None:
    """Every policy: from when until when, where, and its materials."""
    from gateway.commands import policy

    end(policy.list_all(home, as_json))


@policy_app.command("fields")
def policy_fields(
    policy: Annotated[str | None, typer.Option(help="One policy alone.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Per material: which fields are asked, fetched, kept and released, and what is offered and never read."""
    from gateway.commands import policy as policies

    end(policies.fields(home, policy, as_json))


@consumers_app.command("explain")
def consumers_explain(
    request: Path,
    consumer: Annotated[str | None, typer.Option(help="Only this one; else all, and done (0) if any may ask.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Which grant of which consumer allows a question (JSON), or what forbids it and which grant almost does."""
    from gateway.commands import consumers

    end(consumers.explain_request(home_of(home), request, consumer, as_json))


@consumers_app.command("list")
def consumers_list(home: Home = None, as_json: Json = False) -> None:
    """Every consumer: its keys with their states, and its grants."""
    from gateway.commands import consumers

    end(consumers.list_all(home_of(home), as_json))
