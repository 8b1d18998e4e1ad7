"""A policy file: which materials an applicant owes between two dates, what may prove each, and what the counter then does."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.contract.authority import Name, Title
from gateway.contract.files import FileModel
from gateway.model import Disposition

RegionPrefix = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,6}$")]
Locality = Literal["local", "non_local"]
Fallback = Literal[Disposition.PAPER_REQUIRED, Disposition.OFFICER_CHECK]


class Effective(FileModel):
    """From the first day on, up to but without the last."""

    since: date = Field(alias="from")
    until: date | None = None


class LocalityRule(FileModel):
    """Who says where the applicant is registered, and which regions count as local. Never the identity number."""

    authority: Name
    question: Name
    step: Name
    fact: Name
    local_prefixes: list[RegionPrefix] = Field(min_length=1)
    when_no_record: Locality


class Owed(FileModel):
    """Every condition given must hold. A condition about something that the request leaves open is taken to hold."""

    age_below: int | None = Field(default=None, ge=1, le=150)
    locality: Locality | None = None
    residence_basis: list[Name] | None = None


class Proof(FileModel):
    """One source that may stand in for the paper."""

    authority: Name
    question: Name


class GuardianshipParameters(FileModel):
    """The switches of the guardian table (domain 3.5)."""

    spouse_of_head_without_parent_data: Literal["confirmed", "officer"]
    """G5: the minor is the head's child, the adult the head's spouse, and the registry names no parents."""
    direct_kin: Literal["confirmed", "officer"]
    """G11: different households, and the direct-kin service says parent and child."""


class ResidenceParameters(FileModel):
    """Residence permits have no switches yet."""


class Fallbacks(FileModel):
    """What the counter does when the record does not stand in. `undetermined` is always an officer's check."""

    contradicted: Fallback
    no_record: Fallback


class MaterialRule(FileModel):
    """One material of the policy."""

    material: Name
    owed: Owed
    proven_by: list[Proof] = Field(min_length=1)
    guardianship: GuardianshipParameters | None = None
    residence: ResidenceParameters | None = None
    otherwise: Fallbacks
    source: Title
    """The rule's phrase in its source, and what it says in English."""

    @model_validator(mode="after")
    def _one_judge(self) -> Self:
        if (self.guardianship is None) == (self.residence is None):
            raise ValueError("needs exactly one of 'guardianship' and 'residence': it names the judge")
        return self


class PolicyFile(FileModel):
    """`contracts/policies/<policy>.yaml`."""

    policy: Annotated[str, StringConstraints(pattern=r"^[a-z]+-[0-9]{4}(-[0-9]{2})?$")]
    title: Title
    effective: Effective
    regions: list[RegionPrefix] = Field(min_length=1)
    """Prefixes of the operator's unit code for which this policy is in force."""
    who_is_local: LocalityRule
    accompany_age: int
    materials: list[MaterialRule] = Field(min_length=1)
