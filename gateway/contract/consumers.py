"""A consumer file: one system that may ask, its public keys, and what it may ask for. Nothing that is not granted."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.contract.authority import Name, Title
from gateway.contract.files import FileModel
from gateway.contract.policies import RegionPrefix

KeyId = Annotated[str, StringConstraints(pattern=r"^[!#-\[\]-~]{1,128}$")]


class ConsumerKey(FileModel):
    """A public key (PEM, SPKI) under the id that signatures name."""

    id: KeyId
    public_key: str


class Grant(FileModel):
    """Materials for one purpose, for operators of units in these regions, until a day (included)."""

    purpose: Name
    materials: list[Name] = Field(min_length=1)
    regions: list[RegionPrefix] = Field(min_length=1)
    until: date | None = None


class ConsumerFile(FileModel):
    """`consumers/<consumer>.yaml`."""

    consumer: Name
    title: Title
    keys: list[ConsumerKey] = Field(min_length=1)
    grants: list[Grant]
