"""`witness.yaml`: what a witness of a second department is called, its key, and whose logs it cosigns."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.contract.files import FileModel
from gateway.settings import FileName, Port, SecretReference


class WitnessedLog(FileModel):
    """A log with all its shards: `<origin>/<number>`."""

    origin: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.\-]+(/[a-z0-9.\-]+)*$", max_length=120)]
    keys: FileName
    """The gateway's keys document, as it was handed over: `gateway keys export`."""


class WitnessFile(FileModel):
    """`witness.yaml`."""

    name: Annotated[str, StringConstraints(pattern=r"^[!-*,-~]{1,128}$")]
    key: SecretReference
    """Ed25519, PEM."""
    port: Port
    """On loopback; a front server with TLS stands before it where the log is elsewhere."""
    logs: list[WitnessedLog] = Field(min_length=1)
