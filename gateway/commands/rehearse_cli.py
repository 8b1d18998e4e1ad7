"""`gateway rehearse`: the command and its options."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.commands.options import Json, end
from gateway.commands.screen import failures


def rehearse(
    as_json: Json = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="A table in Markdown on standard output.")] = False,
) -> None:
    """Every channel through every fault, mocks and gateway on free loopback ports: what a counter would have been told.

    Ends with 1 where a fault became a "no" that the record does not bear out, or where something broke unhandled.
    """
    from gateway.commands import rehearse_table

    with failures():
        code = rehearse_table.rehearse(as_json=as_json, markdown=markdown)
    end(code)
