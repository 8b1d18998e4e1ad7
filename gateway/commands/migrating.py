"""`gateway store migrate`: brings an installation's ledger to the form that this program needs."""

from __future__ import annotations

from pathlib import Path

from gateway import installation
from gateway.commands.screen import Exit, failures, say, say_json
from gateway.store.sqlite import Store


def migrate(home: Path, is_dry: bool, as_json: bool) -> Exit:
    """Applies what is missing; nothing, where nothing is. Stop the gateway first: it refuses a form it does not know."""
    with failures():
        path = installation.read(home).ledger_path
        names = Store.missing(path) if is_dry else Store.migrate(path)
    if as_json:
        say_json({"would_apply" if is_dry else "applied": names})
        return Exit.DONE
    told = "would apply" if is_dry else "applied"
    say("\n".join(f"{told} {name}" for name in names) or "nothing to do: the ledger is current")
    return Exit.DONE
