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


class LimitsGiven(FileModel):
    """How much this consumer may ask; what is left out is the installation's `limits`."""

    per_minute: int | None = Field(default=None, ge=1, le=1_000_000)
    burst: int | None = Field(default=None, ge=1, le=1_000_000)
    """At once, after a pause. Left out: as many as `per_minute`."""
    subjects_per_day: int | None = Field(default=None, ge=1, le=100_000_000)
    """Different people within 24 hours; asking again about the same one costs nothing."""


NO_OWN_LIMITS = LimitsGiven()


class ConsumerFile(FileModel):
    """`consumers/<consumer>.yaml`."""

    consumer: Name
    title: Title
    keys: list[ConsumerKey] = Field(min_length=1)
    grants: list[Grant]
    limits: LimitsGiven = NO_OWN_LIMITS
