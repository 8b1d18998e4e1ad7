"""`mocks.yaml`: where each mock listens and which keys it holds. `gateway init` writes it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from gateway.contract.authority import Name
from gateway.contract.files import FileModel, load_or_raise
from gateway.errors import BrokenFiles, Problem
from mocks.keys import Identity, SecretTimes

FILE = "mocks.yaml"
Port = Annotated[int, Field(ge=0, le=65535)]


class Secrets(FileModel):
    """How the platform's secrets live and die here, in seconds on the mocks' clock (mocks/keys.py)."""

    life_seconds: float | None = Field(default=None, gt=0)
    rotate_seconds: float | None = Field(default=None, gt=0)
    grace_seconds: float = Field(default=0, ge=0)
    skew_seconds: float = Field(default=300, gt=0)


class ChannelSettings(FileModel):
    """One channel's mock. Files are relative to the folder of `mocks.yaml`; port 0 takes any free port.

    A channel has either a key pair and its caller's, or (behind the sharing platform) a requester and its app key.
    """

    port: Port
    key_id: str = ""
    private_key: str | None = None
    certificate: str | None = None
    caller_key_id: str = ""
    caller_public_key: str | None = None
    caller_certificate: str | None = None
    requester: str | None = None
    app_key: str | None = None
    """A file with the app key in its only line."""
    secrets: Secrets = Secrets()

    @model_validator(mode="after")
    def _one_kind_of_keys(self) -> Self:
        pair = (self.key_id, self.private_key, self.caller_key_id, self.caller_public_key)
        platform = (self.requester, self.app_key)
        if all(pair) == all(platform) or (any(pair) and any(platform)):
            raise ValueError(
                "needs either 'key_id', 'private_key', 'caller_key_id' and 'caller_public_key', or 'requester' and 'app_key'"
            )
        return self

    def files(self) -> Iterator[str]:
        """Every file named here."""
        named = (
            self.private_key, self.certificate, self.caller_public_key, self.caller_certificate, self.app_key,
        )  # fmt: skip
        return (file for file in named if file is not None)


class AdminSettings(FileModel):
    """The testers' own door, on loopback."""

    port: Port
    token: str
    """A file with the token in its only line."""


class TlsSettings(FileModel):
    """With it every channel speaks TLS; with `client_ca` only to callers who show a certificate of that CA."""

    certificate: str
    private_key: str
    client_ca: str | None = None

    def files(self) -> list[str]:
        """Every file named here."""
        return [file for file in (self.certificate, self.private_key, self.client_ca) if file is not None]


class MocksFile(FileModel):
    """`mocks.yaml`."""

    host: str = "127.0.0.1"
    tls: TlsSettings | None = None
    contracts: str | None = None
    """A folder of contracts; without it the shipped ones."""
    admin: AdminSettings | None = None
    """Without it, no fault can be armed from outside."""
    authorities: dict[Name, dict[Name, ChannelSettings]] = Field(min_length=1)


def load_settings(folder: Path) -> MocksFile:
    """The file of a configuration folder, all the files that it names being there.

    Raises:
        BrokenFiles: with every problem.
    """
    settings = load_or_raise(folder / FILE, MocksFile)
    named = [
        (f"{authority}.{name}", file)
        for authority, channels in settings.authorities.items()
        for name, channel in channels.items()
        for file in channel.files()
    ]
    named += [("admin", settings.admin.token)] if settings.admin is not None else []
    named += [("tls", file) for file in settings.tls.files()] if settings.tls is not None else []
    missing = [
        Problem(str(folder / FILE), 1, 1, f"{place} names a file that is not there: {file}")
        for place, file in named
        if not (folder / file).is_file()
    ]
    if missing:
        raise BrokenFiles(missing)
    return settings


def identity(folder: Path, channel: ChannelSettings) -> Identity:
    """The channel's keys, read."""

    def read(file: str | None) -> bytes | None:
        return (folder / file).read_bytes() if file is not None else None

    app_key, secrets = read(channel.app_key), channel.secrets
    return Identity(
        keyid=channel.key_id,
        private_pem=read(channel.private_key) or b"",
        certificate_pem=read(channel.certificate),
        caller_keyid=channel.caller_key_id,
        caller_public_pem=read(channel.caller_public_key) or b"",
        caller_certificate_pem=read(channel.caller_certificate),
        requester=channel.requester,
        app_key=app_key.strip() if app_key is not None else None,
        secrets=SecretTimes(secrets.life_seconds, secrets.rotate_seconds, secrets.grace_seconds, secrets.skew_seconds),
    )


def tls(folder: Path, settings: MocksFile) -> ssl.SSLContext | None:
    """What every channel listens with, or None for plain HTTP. Raises OSError: a file holds no such thing."""
    if settings.tls is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / settings.tls.certificate, folder / settings.tls.private_key, password="")
    if settings.tls.client_ca is not None:
        context.load_verify_locations(folder / settings.tls.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def token(folder: Path, admin: AdminSettings) -> str:
    """The admin API's token, read."""
    return (folder / admin.token).read_text("utf-8").strip()
