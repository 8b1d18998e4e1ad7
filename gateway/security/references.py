"""Secrets by reference: configuration says where one is, and only here is it read."""

from __future__ import annotations

from pathlib import Path

from gateway.errors import GatewayError
from gateway.settings import CREDENTIALS_VARIABLE, credentials_folder, environment

MAX_BYTES = 64 * 1024
"""Of a secret: keys have a few hundred; a reference to something else must not fill the memory."""


class UnusableReference(GatewayError):
    """The secret is not where the reference says. The text names the reference, never what was found."""


def read(home: Path, reference: str) -> bytes:
    """What a `settings.SecretReference` stands for; files are relative to `home`. Raises UnusableReference."""
    kind, _, name = reference.partition(":")
    if kind == "env":
        value = environment(name)
        if value is None:
            raise UnusableReference(f"{reference}: the environment has no such variable")
        return value.encode("utf-8", "surrogateescape")
    if kind == "credential":
        folder = credentials_folder()
        if folder is None:
            raise UnusableReference(f"{reference}: systemd gave no credentials ({CREDENTIALS_VARIABLE} is not set)")
        return _file(Path(folder) / name, reference)
    if kind == "file":
        return _file(home / name, reference)
    raise UnusableReference("a secret is named by file:NAME, env:NAME or credential:NAME")


def line(home: Path, reference: str) -> str:
    """The same, where the secret is one line of text without space around it. Raises UnusableReference."""
    try:
        text = read(home, reference).decode("utf-8").strip()
    except UnicodeDecodeError:
        text = ""
    if not text or len(text.splitlines()) != 1:
        raise UnusableReference(f"{reference}: must hold one line of text and nothing else")
    return text


def _file(path: Path, reference: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnusableReference(f"{reference}: {path} cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise UnusableReference(f"{reference}: longer than any key")
    return content
