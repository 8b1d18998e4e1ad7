"""What the environment says: the only place that reads it."""

from __future__ import annotations

import os

HOME_VARIABLE = "GATEWAY_HOME"
COMMAND_VARIABLE = "GATEWAY_COMMAND"
CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"
"""Where systemd puts what `LoadCredential=` names."""


def command_name() -> str:
    """How this program was called, for the commands that it suggests: `dev.py` says so in a checkout."""
    return os.environ.get(COMMAND_VARIABLE) or "gateway"


def home_from_environment() -> str | None:
    """The installation's folder as `GATEWAY_HOME` names it."""
    return os.environ.get(HOME_VARIABLE)


def environment(name: str) -> str | None:
    """The variable that `env:NAME` means."""
    return os.environ.get(name)


def credentials_folder() -> str | None:
    """The folder that systemd made for this service's credentials."""
    return os.environ.get(CREDENTIALS_VARIABLE)
