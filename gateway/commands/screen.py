"""What a person sees: a table in a terminal, plain text elsewhere, JSON for machines; and how a command ends."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

from rich.console import Console

from gateway.errors import BrokenFiles, GatewayError
from gateway.settings import HOME_VARIABLE


class Exit(IntEnum):
    """Exit codes; of several, the worst."""

    DONE = 0
    NO = 1
    USAGE = 2
    UNDETERMINED = 3


def console() -> Console:
    """Standard output: colours and boxes only where it is a terminal."""
    return Console(soft_wrap=False, highlight=False)


def say(text: str = "") -> None:
    """One line on standard output, at once: a server's first line must not wait in a buffer for its last."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say_json(content: Any) -> None:
    """One JSON document on standard output."""
    say(json.dumps(content, ensure_ascii=False, indent=2))


def _where(error: BrokenFiles) -> str:
    """What is forgotten most: where the installation is."""
    is_missing = any(problem.text.startswith("cannot be read: No such file") for problem in error.problems)
    return f"\nIs this its folder? Name it with --home DIR, or set {HOME_VARIABLE}." if is_missing else ""


@contextmanager
def failures() -> Iterator[None]:
    """Turns what can go wrong before work begins into a message on standard error and exit code 2."""
    try:
        yield
    except BrokenFiles as error:
        count = len(error.problems)
        sys.stderr.write(f"{error}\n{count} problem{'s' if count > 1 else ''}; nothing was started.{_where(error)}\n")
        raise SystemExit(Exit.USAGE) from None
    except OSError as error:
        hint = "; another program has this port: see the ports in gateway.yaml and mocks.yaml"
        sys.stderr.write(f"{error}{hint if error.errno == errno.EADDRINUSE else ''}\n")
        raise SystemExit(Exit.USAGE) from None
    except (GatewayError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(Exit.USAGE) from None
