"""`gateway store migrate`: brings an installation's ledger to the form that this program needs."""

from __future__ import annotations

from pathlib import Path

from gateway import installation
from gateway.commands.screen import Exit, failures, say, say_json
from gateway.store.sqlite import Store


def migrate(home: Path, as_json: bool) -> Exit:
    """Applies what is missing; nothing, where nothing is. Stop the gateway first: it refuses a form it does not know."""
    with failures():
        done = Store.migrate(installation.read(home).ledger_path)
    if as_json:
        say_json({"applied": done})
    else:
        say("\n".join(f"applied {name}" for name in done) or "nothing to do: the ledger is current")
    return Exit.DONE
