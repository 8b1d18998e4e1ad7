"""`mocks.yaml`: where each mock listens and which keys it holds. `gateway init` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from gateway.contract.authority import Name
from gateway.contract.files import FileModel, load_or_raise
from gateway.errors import BrokenFiles, Problem
from mocks.keys import Identity

FILE = "mocks.yaml"


class ChannelSettings(FileModel):
    """One channel's mock. Files are relative to the folder of `mocks.yaml`; port 0 takes any free port."""

    port: Annotated[int, Field(ge=0, le=65535)]
    key_id: str
    private_key: str
    certificate: str | None = None
    caller_key_id: str
    caller_public_key: str
    caller_certificate: str | None = None

    def files(self) -> Iterator[str]:
        """Every file named here."""
        named = (self.private_key, self.certificate, self.caller_public_key, self.caller_certificate)
        return (file for file in named if file is not None)


class MocksFile(FileModel):
    """`mocks.yaml`."""

    host: str = "127.0.0.1"
    contracts: str | None = None
    """A folder of contracts; without it the shipped ones."""
    authorities: dict[Name, dict[Name, ChannelSettings]] = Field(min_length=1)


def load_settings(folder: Path) -> MocksFile:
    """The file of a configuration folder, all the files that it names being there.

    Raises:
        BrokenFiles: with every problem.
    """
    settings = load_or_raise(folder / FILE, MocksFile)
    missing = [
        Problem(str(folder / FILE), 1, 1, f"{authority}.{name} names a file that is not there: {file}")
        for authority, channels in settings.authorities.items()
        for name, channel in channels.items()
        for file in channel.files()
        if not (folder / file).is_file()
    ]
    if missing:
        raise BrokenFiles(missing)
    return settings


def identity(folder: Path, channel: ChannelSettings) -> Identity:
    """The channel's keys, read."""

    def pem(file: str | None) -> bytes | None:
        return (folder / file).read_bytes() if file is not None else None

    return Identity(
        keyid=channel.key_id,
        private_pem=(folder / channel.private_key).read_bytes(),
        certificate_pem=pem(channel.certificate),
        caller_keyid=channel.caller_key_id,
        caller_public_pem=(folder / channel.caller_public_key).read_bytes(),
        caller_certificate_pem=pem(channel.caller_certificate),
    )
