"""A policy file: which materials an applicant owes between two dates, what may prove each, and what the counter then does."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.contract.authority import Name, Title
from gateway.contract.files import FileModel
from gateway.model import Decision, Disposition

RegionPrefix = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,6}$")]
Locality = Literal["local", "non_local"]
BusinessItem = Literal[
    "passport", "passport_renewal", "passport_replacement",
    "hkm_permit", "hkm_permit_renewal", "hkm_permit_replacement", "hkm_group_endorsement",
    "tw_permit", "tw_permit_renewal", "tw_permit_replacement", "tw_group_endorsement",
    "exit_entry_pass",
]  # fmt: skip
"""What is applied for. A bare document is its first issue; `replacement` is for a lost or damaged one (docs/policies.md)."""
ResidenceBasis = Literal["employment", "residence_permit", "study", "dependant"]
"""The ground on which somebody from elsewhere applies here."""
Overrulable = Literal[Decision.UNDETERMINED, Decision.NO_RECORD, Decision.CONTRADICTED, Decision.CONFIRMED]
"""What an officer may be allowed to overrule. `not_applicable` is none of it: what was never owed is not looked for."""
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
    """The one fact that is read of the reply."""
    local_prefixes: list[RegionPrefix] | None = Field(default=None, min_length=1)
    """The regions that count as local, for a policy of one place; or:"""
    local_digits: int | None = Field(default=None, ge=2, le=6)
    """Local is who is registered where the operator's unit is, by so many digits (its province: 2). For a nationwide policy."""
    when_no_record: Locality

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.local_prefixes is None) == (self.local_digits is None):
            raise ValueError("needs exactly one of 'local_prefixes' and 'local_digits'")
        return self


class Owed(FileModel):
    """Every condition given must hold. A condition about something that the request leaves open is taken to hold."""

    age_below: int | None = Field(default=None, ge=1, le=150)
    locality: Locality | None = None
    residence_basis: list[ResidenceBasis] | None = None
    business_items_other_than: list[BusinessItem] | None = Field(default=None, min_length=1)
    """Owed only where some business item is none of these (renewals that a later policy freed)."""


OnDivergence = Literal["officer", "first", "best"]
"""Nobody's, an officer looks; the first one's, in the order of preference; the one that is best for the applicant."""


class Join(FileModel):
    """How an authority's channels are asked together. Calls on the wire are never cancelled."""

    mode: Literal["race", "after_delay", "both_and_compare"]
    channels: list[Name] = Field(min_length=2)
    """In the order of preference."""
    delay_ms: int | None = Field(default=None, ge=1, le=10000)
    """For `after_delay`: when the next channel is asked although the first has not answered."""
    on_divergence: OnDivergence = "officer"
    """Whose answer counts when channels that answered disagree in facts, and so mean different things."""

    @model_validator(mode="after")
    def _delay_where_it_belongs(self) -> Self:
        if (self.delay_ms is not None) != (self.mode == "after_delay"):
            raise ValueError("'delay_ms' belongs to 'mode: after_delay', and to it alone")
        return self


FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)?$", max_length=120)]
"""A fact as the mapping names it; `rows/fact` is a fact of every row."""


class Proof(FileModel):
    """One source that may stand in for the paper."""

    authority: Name
    question: Name
    facts: dict[Name, list[FactName]] = Field(min_length=1)
    """By step: what is read of the reply. Of everything else in it nothing gets past the mapping (docs/minimisation.md)."""
    join: Join | None = None
    """For an authority with several channels: how they are asked."""


class GuardianshipParameters(FileModel):
    """The switches of the guardian table (domain 3.5)."""

    spouse_of_head_without_parent_data: Literal["confirmed", "officer"]
    """G5: the minor is the head's child, the adult the head's spouse, and the registry names no parents."""
    direct_kin: Literal["confirmed", "officer"]
    """G11: different households, and the direct-kin service says parent and child."""


class ResidenceParameters(FileModel):
    """Residence permits have no switches yet."""


class InsuranceParameters(FileModel):
    """When months of social insurance are enough (domain 2.4). All of it is the policy's; nothing is in code."""

    min_months: int = Field(ge=1, le=120)
    """Consecutive fee months of one kind of insurance alone."""
    reporting_lag_months: int = Field(ge=0, le=12)
    """The run must reach at least the application's month less this: newer months may not be posted yet."""
    allowed_gap_months: int = Field(ge=0, le=12)
    """How many months in all may be missing inside the run; they do not count as paid."""
    kinds_any_of: list[Name] = Field(min_length=1)
    """Any one of these kinds is enough, each alone."""
    count_back_payment: bool
    """A month paid afterwards: counted as a month, or neither a month nor a gap: it bridges."""
    bridge_months: int = Field(default=0, ge=0, le=24)
    """How many months that bridge the authorities are asked far enough back for. With more of them in it, a run that seems too
    short may have begun before what was asked about: an officer looks."""
    place: Literal["same_city", "same_province", "anywhere"]
    """Where the months must have been paid, measured by the operator's unit code."""
    province_pools: list[Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]] = []
    """The last four digits of regions that stand for a province's own pool (省本级): no city can be read from them."""


class RecordCondition(FileModel):
    """One thing that must be so of the record on the application's day."""

    fact: FactName
    any_of: list[str] | None = Field(default=None, min_length=1)
    """The fact is one of these words."""
    not_before: Literal["application_date"] | None = None
    """The fact, a date, is that day or later: valid until."""
    not_after: Literal["application_date"] | None = None
    """The fact, a date, is that day or earlier: valid from."""
    missing: Literal["officer", "holds"] = "officer"
    """What a fact that the record leaves empty means: only a person can tell, or it holds (an end that is not set)."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(given is not None for given in (self.any_of, self.not_before, self.not_after)) != 1:
            raise ValueError("needs exactly one of 'any_of', 'not_before' and 'not_after'")
        return self


class RecordParameters(FileModel):
    """When a record stands in for the paper: every condition holds; those on facts of rows hold of one and the same row."""

    holds: list[RecordCondition] = Field(min_length=1)


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
    insurance: InsuranceParameters | None = None
    record: RecordParameters | None = None
    """For any other authority: does a record hold on that day?"""
    otherwise: Fallbacks
    officer_may: list[Overrulable] = [Decision.UNDETERMINED]
    """The decisions that an officer's own finding may overrule, as the machine made them."""
    source: Title
    """The rule's phrase in its source, and what it says in English."""

    @model_validator(mode="after")
    def _one_judge(self) -> Self:
        judges = (self.guardianship, self.residence, self.insurance, self.record)
        if sum(given is not None for given in judges) != 1:
            raise ValueError(
                "needs exactly one of 'guardianship', 'residence', 'insurance' and 'record': it names the judge"
            )
        return self


class PolicyFile(FileModel):
    """`contracts/policies/<policy>.yaml`."""

    policy: Annotated[str, StringConstraints(pattern=r"^[a-z]+-[0-9]{4}(-[0-9]{2})?$")]
    title: Title
    effective: Effective
    purposes: list[Name] = Field(min_length=1)
    """What may be asked under it, and for nothing else: the purposes that a consumer's grant can name."""
    regions: list[RegionPrefix] = Field(min_length=1)
    """Prefixes of the operator's unit code for which this policy is in force."""
    who_is_local: LocalityRule
    accompany_age: int
    """Below it a guardian comes along."""
    minor_age: int = 18
    """Below it the sources say 未成年人 (minor). For wording only: no rule is decided by it."""
    materials: list[MaterialRule] = Field(min_length=1)
