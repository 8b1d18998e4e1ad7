"""Secrets by reference: configuration says where one is, and only here is it read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.contract.files import Document
from gateway.contract.folders import AuthorityFolder
from gateway.errors import GatewayError, Problem
from gateway.settings import CREDENTIALS_VARIABLE, Settings, credentials_folder, environment, is_reference

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


def bare(settings: Settings, document: Document, authorities: Mapping[str, AuthorityFolder]) -> Iterator[Problem]:
    """Secrets that stand in the settings themselves."""
    for authority, channels in settings.authorities.items():
        if authority not in authorities:
            continue
        rules = [r for op in authorities[authority].mapping.operations.values() for r in op.request.values()]
        secret = {rule.account for rule in rules if rule.secret}
        for channel, endpoint in channels.items():
            for name in sorted(name for name in endpoint.account if name in secret):
                if not is_reference(endpoint.account[name]):
                    place = ("authorities", authority, channel, "account", name)
                    yield document.problem(
                        place, "is a secret: say where it is (file:, env: or credential:), not what it is"
                    )


def _file(path: Path, reference: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnusableReference(f"{reference}: {path} cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise UnusableReference(f"{reference}: longer than any key")
    return content
