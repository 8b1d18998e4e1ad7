"""A consumer file: one system that may ask, its public keys and their states, and what it may ask for. Nothing else."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints, model_validator

from gateway.contract.authority import Name, Title
from gateway.contract.files import FileModel
from gateway.contract.policies import RegionPrefix
from gateway.settings import KeyId

KeyState = Literal["pending", "active", "retiring", "revoked"]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})", re.ASCII)


def _day(value: Any) -> Any:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("must be a day, written YYYY-MM-DD")
    return value


def _moment(value: Any) -> Any:
    if isinstance(value, str) and not _MOMENT.fullmatch(value):
        raise ValueError("must be a moment with its zone, written 2018-05-02T08:00:00+08:00")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
"""Neither is ever a number of seconds, which pydantic would take for one."""
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]


class ConsumerKey(FileModel):
    """A public key (PEM, SPKI) under the id that signatures name, and whether it may sign.

    `pending` may not yet; `retiring` may until a moment; `revoked` may not any more, whatever stands beside it. When and
    why a key was revoked may be left out: a revocation in a hurry must not fail for want of a date.
    """

    id: KeyId
    public_key: str
    state: KeyState = "active"
    until: Moment | None = None
    revoked_at: Moment | None = None
    reason: Line | None = None

    @model_validator(mode="after")
    def _said_where_it_belongs(self) -> Self:
        if (self.until is not None) != (self.state == "retiring"):
            raise ValueError("'until' belongs to 'state: retiring', and to it alone")
        if self.state != "revoked" and (self.revoked_at is not None or self.reason is not None):
            raise ValueError("'revoked_at' and 'reason' belong to 'state: revoked', and to it alone")
        return self


class Term(FileModel):
    """Something granted from a day until a day (both included), and on what ground."""

    since: Day | None = Field(default=None, alias="from")
    until: Day | None = None
    legal_basis: Title | None = None
    """On what ground it may be asked: the law or the agreement."""

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.since is not None and self.until is not None and self.until < self.since:
            raise ValueError("'until' is before 'from', so this grant never holds")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether it is in force."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Grant(Term):
    """Materials for one purpose, for operators of units in these regions."""

    purpose: Name
    materials: list[Name] = Field(min_length=1)
    regions: list[RegionPrefix] = Field(min_length=1)
    disclose_after_days: int = Field(default=0, ge=0, le=3650)
    """The person is told of a question under this grant only so many days after it; 0: at once."""


class FindingsTerm(Term):
    """Manual findings, and the list of what is still to be looked at, by operators of units in these regions."""

    regions: list[RegionPrefix] = Field(min_length=1)


class LimitsGiven(FileModel):
    """How much this consumer may ask; what is left out is the installation's `limits`."""

    per_minute: int | None = Field(default=None, ge=1, le=1_000_000)
    burst: int | None = Field(default=None, ge=1, le=1_000_000)
    """At once, after a pause. Left out: as many as `per_minute`."""
    subjects_per_day: int | None = Field(default=None, ge=2, le=100_000_000)
    """Different people within 24 hours, guardians and each name for a number too; asking again about the same one costs
    nothing. One question may name two."""


NO_OWN_LIMITS = LimitsGiven()


class ConsumerFile(FileModel):
    """`consumers/<consumer>.yaml`."""

    consumer: Name
    title: Title
    state: Literal["active", "suspended"] = "active"
    """Suspended: none of its keys may sign, and nothing else of the file need be touched."""
    reason: Line | None = None
    lane: Literal["counter", "bulk"] = "counter"
    """Whether somebody stands at a counter while it asks. Bulk gets in after counters, and never all the places."""
    keys: list[ConsumerKey] = Field(min_length=1)
    grants: list[Grant]
    accesses: Term | None = None
    """It may show a person who asked about them (`POST /v1/subjects/accesses`); nothing else allows that."""
    findings: FindingsTerm | None = None
    """Its officers may add what they found to its own answers (`POST /v1/verifications/{id}/findings`)."""
    limits: LimitsGiven = NO_OWN_LIMITS

    @model_validator(mode="after")
    def _reason_where_it_belongs(self) -> Self:
        if self.reason is not None and self.state != "suspended":
            raise ValueError("'reason' belongs to 'state: suspended', and to it alone")
        return self
