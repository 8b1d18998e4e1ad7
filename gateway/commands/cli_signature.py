"""The commands about one signature, `sign` and `signature explain`, and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.options import Counter, Home, Json, end, home_of

app = typer.Typer(help="Why a signature does not verify: a captured request, replayed offline.")


@app.callback()
def _group() -> None:
    """Keeps `explain` a word of its own, though it is the only one."""


def sign(
    question: Path,
    curl: Annotated[bool, typer.Option("--curl", help="A whole curl command, to be pasted within a minute.")] = False,
    home: Home = None,
    counter: Counter = "counter.yaml",
    as_json: Json = False,
) -> None:
    """Signs one question (JSON) and prints the headers, or the curl command that sends it. Sends nothing."""
    from gateway.commands import signing

    end(signing.sign(home_of(home), counter, question, curl, as_json))


@app.command("explain")
def explain(
    capture: Annotated[Path, typer.Argument(help="The request as raw bytes, or what 'curl --trace FILE' wrote.")],
    home: Home = None,
    public_key: Annotated[
        Path | None, typer.Option(help="Your public key (PEM), where the files are not yours.")
    ] = None,
    answer: Annotated[Path | None, typer.Option(help="The refusal that came back: its lines are compared.")] = None,
    served_as: Annotated[list[str] | None, typer.Option(help="With --public-key: a name of the gateway.")] = None,
    now: Annotated[
        int | None, typer.Option(help="When it arrived (Unix seconds); else the answer's Date, else now.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Which check fails, which line of the signature base differs and why. Sends nothing; 0 it verifies, 1 it does not."""
    from gateway.commands import signature

    given = signature.Given(capture, home_of(home), public_key, answer, tuple(served_as or ()), now)
    end(signature.explain(given, as_json))
