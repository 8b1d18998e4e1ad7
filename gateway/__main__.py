"""`gateway` and `python -m gateway`."""

from __future__ import annotations

import sys

_HINT = "the command line needs the server's libraries: install run-once-gateway[server] (with mocks: [mocks])"


def main() -> None:
    """Runs the command line; says what to install where only the consumer's client is."""
    try:
        from gateway.commands.cli import app
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("gateway"):
            raise
        sys.stderr.write(f"gateway: {error.name} is missing; {_HINT}\n")
        raise SystemExit(2) from None
    app()


if __name__ == "__main__":
    main()
