"""The options that most commands have, and how a command ends."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from gateway.commands.screen import Exit
from gateway.settings import HOME_VARIABLE, home_from_environment

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Home = Annotated[
    Path | None, typer.Option("--home", help=f"The installation's folder; else {HOME_VARIABLE}, else this folder.")
]
Counter = Annotated[str, typer.Option(help="The consumer's file in that folder.")]

LIFE_DAYS: Final = 365
"""Of a key of ours, where nothing else is said."""
OVERLAP_DAYS: Final = 30
"""How long a key of ours still counts after its successor took over."""


def end(code: Exit) -> None:
    """Ends the command with this exit code."""
    raise typer.Exit(int(code))


def home_of(given: Path | None) -> Path:
    """The folder that was named, or the environment's, or this one."""
    return given or Path(home_from_environment() or ".")
