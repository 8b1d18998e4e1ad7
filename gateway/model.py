"""The nouns, frozen, without I/O; and the two types that make an authority askable: Connector and Stage."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

Facts = Mapping[str, Any]
"""What one record says, in our names and types (str, date, bool, int), as the mapping file lists them."""


class Decision(StrEnum):
    """What the sources together say of one material (DESIGN section 4)."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    NO_RECORD = "no_record"
    UNDETERMINED = "undetermined"
    NOT_APPLICABLE = "not_applicable"


class Disposition(StrEnum):
    """What the counter does with it."""

    WAIVED = "waived"
    PAPER_REQUIRED = "paper_required"
    OFFICER_CHECK = "officer_check"
    NOT_APPLICABLE = "not_applicable"


class Status(StrEnum):
    """What became of one channel: the closed list of DESIGN section 4."""

    ANSWERED = "answered"
    NO_RECORD = "no_record"
    AMBIGUOUS = "ambiguous"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CIRCUIT_OPEN = "circuit_open"
    BUSY = "busy"
    QUOTA_SPENT = "quota_spent"
    CLOSED_WINDOW = "closed_window"
    DRAINED = "drained"
    CONFIG_FAULT = "config_fault"
    BAD_REPLY = "bad_reply"
    BAD_SIGNATURE = "bad_signature"
    NOT_BOUND = "not_bound"
    SUBJECT_MISMATCH = "subject_mismatch"
    LATE = "late"
    NOT_REQUESTED = "not_requested"

    @property
    def is_reply(self) -> bool:
        """The authority said something about this person that its contract lets us believe."""
        return self in (Status.ANSWERED, Status.NO_RECORD)

    @property
    def tells(self) -> bool:
        """Whoever reads it learns something about this person, be it only that the name is another one."""
        return self.is_reply or self in (Status.SUBJECT_MISMATCH, Status.AMBIGUOUS)


class Reason(StrEnum):
    """Why a material got its decision: stable codes. The faults of a channel are reasons under their status's name."""

    PERMIT_VALID = "permit_valid"
    PRIOR_SUBMISSION = "prior_submission"
    REGISTRY_GUARDIAN = "registry_guardian"
    PARENT_HEAD = "parent_head"
    PARENT_OF_HEAD = "parent_of_head"
    SPOUSE_OF_HEAD = "spouse_of_head"
    DIRECT_KIN = "direct_kin"

    INSURANCE_CONTINUOUS = "insurance_continuous"

    RECORD_HOLDS = "record_holds"

    PERMIT_SUSPENDED = "permit_suspended"
    PERMIT_REPLACED = "permit_replaced"
    PERMIT_CANCELLED = "permit_cancelled"
    PERMIT_LOST = "permit_lost"

    INSURANCE_TOO_SHORT = "insurance_too_short"
    INSURANCE_GAP = "insurance_gap"
    INSURANCE_LAPSED = "insurance_lapsed"
    INSURANCE_STOPPED = "insurance_stopped"
    INSURANCE_ELSEWHERE = "insurance_elsewhere"

    RECORD_DOES_NOT_HOLD = "record_does_not_hold"

    NO_INSURANCE_ON_RECORD = "no_insurance_on_record"
    NO_PERMIT_ON_RECORD = "no_permit_on_record"
    NO_GUARDIAN_ON_RECORD = "no_guardian_on_record"
    NO_SUCH_RECORD = "no_such_record"

    OFFICER_CONFIRMED = "officer_confirmed"
    OFFICER_CONTRADICTED = "officer_contradicted"
    OFFICER_NO_RECORD = "officer_no_record"

    NEEDS_OFFICER = "needs_officer"
    CHANNELS_DIVERGE = "channels_diverge"
    LOCALITY_UNKNOWN = "locality_unknown"
    GUARDIAN_NOT_NAMED = "guardian_not_named"

    AMBIGUOUS = "ambiguous"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CIRCUIT_OPEN = "circuit_open"
    BUSY = "busy"
    QUOTA_SPENT = "quota_spent"
    CLOSED_WINDOW = "closed_window"
    DRAINED = "drained"
    CONFIG_FAULT = "config_fault"
    BAD_REPLY = "bad_reply"
    BAD_SIGNATURE = "bad_signature"
    NOT_BOUND = "not_bound"
    SUBJECT_MISMATCH = "subject_mismatch"
    LATE = "late"
    NOT_REQUESTED = "not_requested"
    INTERRUPTED = "interrupted"

    NOT_A_MINOR = "not_a_minor"
    LOCAL_APPLICANT = "local_applicant"
    OTHER_BASIS = "other_basis"
    ITEM_EXEMPT = "item_exempt"


class Grade(StrEnum):
    """What protects a message: A body signed and bound to the question, B body signed, D headers only, C the channel."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the consumer names them: canonical identity number and the name as written."""

    citizen_id: str
    name: str

    def __repr__(self) -> str:
        return "Person(...)"  # A person in a traceback or a log line would be a leak.


@dataclass(frozen=True, slots=True)
class Operator:
    """Who asks, as each authority demands to know: operator id, name and the unit's 12-digit code."""

    id: str
    name: str
    unit_code: str

    def __repr__(self) -> str:
        return "Operator(...)"


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """A law or an agreement, by its name in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Ground:
    """By what right something is asked, as the grants say that allowed it, and when the person may learn of it."""

    legal_basis: tuple[LegalBasis, ...] = ()
    """Each once. Empty: no grant names one."""
    disclose_after_days: int = 0
    """Days from the question on; 0: at once."""


@dataclass(frozen=True, slots=True)
class Verification:
    """One consumer's question about one applicant."""

    verification_id: str
    consumer: str
    case_number: str = field(repr=False)
    application_date: date
    business_items: tuple[str, ...]
    purpose: str
    residence_basis: str | None
    operator: Operator
    subject: Person
    guardian: Person | None
    materials: tuple[str, ...] | None
    deadline_ms: int
    ground: Ground = Ground()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a consumer may ask: requests in the long run and at once, and different people within a day."""

    per_minute: int = 600
    burst: int = 600
    subjects_per_day: int = 500


USUAL_LIMITS = Limits()
"""Of a consumer about whom neither its file nor the settings say anything."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What proved the question: whose key, which nonce, from when until when, over which bytes; and what its sender may."""

    keyid: str
    nonce: str
    created: int
    expires: int
    sha256: bytes
    """Of the body's exact bytes."""
    signature: str
    """Base64, as it came."""
    limits: Limits = USUAL_LIMITS
    idempotency_key: str | None = field(default=None, repr=False)
    """Without its quotes."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A question that is durable in the ledger. Only the ledger makes one; a connector asks nothing without it."""

    entry_id: str
    verification: Verification
    policy: str
    asked_at: float
    """Unix seconds."""
    deadline: float
    """On the clock's monotonic scale: when the answer must leave, less what judging and the ledger keep for themselves."""
    entry_hash: str = ""
    """The RFC 6962 leaf hash of its entry, lower-case hex."""
    epoch: str = ""
    """Whose pseudonyms its entry has; the digests of its calls are blinded under the same."""
    late_seconds: float = 0.0
    """How long after the deadline a check may go on, for a later revision of the answer."""

    @property
    def ends(self) -> float:
        """On the same scale as `deadline`: from then on nobody is asked any more."""
        return self.deadline + self.late_seconds

    def room_until(self, now: float) -> float:
        """Until when a further attempt may last. Nobody at the counter is kept waiting for one that can only come late."""
        return self.deadline if now < self.deadline else self.ends


@dataclass(frozen=True, slots=True)
class Written:
    """A call that the ledger holds, by the id of its entry: all that an answer names of it."""

    evidence_id: str


@dataclass(frozen=True, slots=True)
class Evidence(Written):
    """One exchange on the wire, by the SHA-256 (lower-case hex) of the exact bytes both ways; nothing personal."""

    authority: str
    channel: str
    operation: str
    attempt: int
    """Of its check, from 1."""
    status: Status
    request_grade: Grade
    reply_grade: Grade | None
    """None where there was no reply that could be believed."""
    request_sha256: str
    reply_sha256: str | None
    elapsed_ms: int
    ended_at: float
    """Unix seconds."""


class WhyNot(StrEnum):
    """Why something that might have helped was not done."""

    NO_TIME_TO_RETRY = "no_time_to_retry"
    RETRY_IS_NO_USE = "retry_is_no_use"
    RETRY_BUDGET_SPENT = "retry_budget_spent"
    TRIED_ENOUGH = "tried_enough"
    HEDGE_NOT_NEEDED = "hedge_not_needed"
    HEDGE_BUDGET_SPENT = "hedge_budget_spent"


def _nothing() -> Finding:
    raise LookupError("the connector has not begun")


@dataclass(slots=True)
class Trail:
    """What one check did on the wire. The stages below `settle` add to it; nothing else reads it before they are done."""

    attempts: int = 0
    evidence: list[Evidence] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    """Where its time went, by part (`queue`, `sign`, `wire`, `decode`); calls side by side add up."""
    why_not: list[WhyNot] = field(default_factory=list)
    is_closed: bool = False
    """The last answer was taken from it: what is on the wire may end, but no further attempt begins."""
    within: Trail | None = None
    """Of one channel: the trail of the check that joins several."""
    below: list[Trail] = field(default_factory=list)
    """Of a check that joins several channels: the trail of each that was asked."""
    so_far: Callable[[], Finding] = _nothing
    """What is known while the check goes on. A connector says how before it waits for anything."""

    def spent(self, part: str, seconds: float) -> None:
        """So much more of its time went there."""
        self.seconds[part] = self.seconds.get(part, 0.0) + seconds

    @property
    def is_over(self) -> bool:
        """Whether it is closed, by itself or with the whole check."""
        return self.is_closed or (self.within is not None and self.within.is_closed)


@dataclass(frozen=True, slots=True)
class Join:
    """How several channels of one authority are asked: `race`, `after_delay` or `both_and_compare`, in this order."""

    mode: str
    channels: tuple[str, ...]
    delay_seconds: float = 0.0
    on_divergence: str = "officer"
    """Whose answer counts where they disagree (docs/policies.md)."""


@dataclass(frozen=True, slots=True)
class Check:
    """The part of a verification that one authority can answer: a question of its contract, about one or two people.

    `step` is empty above the walk; below it, it names the one call to make, and `about` holds that call's people.
    """

    authority: str
    question: str
    about: Mapping[str, Person]
    """By role: `subject` and `guardian` above the walk, `person` and `other` below it."""
    as_of: date
    join: Join | None = None
    """How the authority's channels are asked together; None where there is one."""
    step: str | None = None
    operation: str | None = None
    year: int | None = None
    """Below a walk `per_year`: the calendar year that this call asks about."""
    page: str | None = field(default=None, repr=False)
    """Below a walk `pages`: the token of the page to ask for, as the authority gave it; None for the first."""
    trail: Trail = field(default_factory=Trail)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one authority said on one channel. `records` holds a step's facts, or None where it said that it has none."""

    authority: str
    channel: str
    status: Status
    records: Mapping[str, Facts | None] = field(default_factory=dict, repr=False)
    attempts: int = 0
    elapsed_ms: int = 0
    request_grade: Grade | None = None
    reply_grade: Grade | None = None
    evidence: tuple[Written, ...] = ()
    retry_after_seconds: int | None = None
    others: tuple[Finding, ...] = ()
    """What the authority's other channels said of the same check, or why they were not asked."""
    next_page: str | None = field(default=None, repr=False)
    """Below a walk `pages`: the token of the page that follows, if one does."""
    diverges_on: tuple[str, ...] = ()
    """The facts in which two channels that answered disagree, by name."""


class Seen(StrEnum):
    """What an officer who looked can say of one material."""

    RECORD_CONFIRMS = "record_confirms"
    RECORD_CONTRADICTS = "record_contradicts"
    NO_RECORD_FOUND = "no_record_found"


@dataclass(frozen=True, slots=True)
class ManualFinding:
    """What an officer found of one material, and where the ledger has it. Nobody in clear."""

    entry_id: str
    entry_hash: str
    """The RFC 6962 leaf hash of its entry, lower-case hex."""
    operator: str
    """By pseudonym."""
    seen: Seen
    where: str
    """An authority of ours by name, or `paper`."""
    seen_at: float
    """Unix seconds."""
    screenshot_sha256: str


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the machine made of its findings, before an officer spoke."""

    decision: Decision
    reason: Reason


@dataclass(frozen=True, slots=True)
class Overruling:
    """An officer's finding, and the machine's ruling that it stands above. Both stay visible."""

    finding: ManualFinding
    machine: Ruled


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the findings mean for one material, under the policy, on that day."""

    material: str
    decision: Decision
    disposition: Disposition
    reason: Reason
    sources: tuple[Finding, ...] = ()
    retry_after_seconds: int | None = None
    overruling: Overruling | None = None
    """Set where an officer spoke, and nowhere else. `sources` stay the machine's."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All judgements of a verification, with a revision number that counts from 1."""

    verification_id: str
    revision: int
    policy: str
    as_of: date
    answered_at: float
    """Unix seconds."""
    judgements: tuple[Judgement, ...]
    is_pending: bool = False
    """Some check has not ended: another revision follows."""

    @property
    def outcome(self) -> str:
        """`pending` while findings may still come; then `complete` when every source asked gave a reply, else `partial`."""
        if self.is_pending:
            return "pending"
        if any(judgement.reason is Reason.INTERRUPTED for judgement in self.judgements):
            return "partial"
        asked = [source for judgement in self.judgements for source in judgement.sources]
        answered = all(source.status.is_reply or source.status is Status.NOT_REQUESTED for source in asked)
        return "complete" if answered else "partial"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where the answer stands in the ledger: `entry_hash` is the RFC 6962 leaf hash of the entry, lower-case hex."""

    entry_id: str
    entry_hash: str


Connector = Callable[[Intent, Check], Awaitable[Finding]]
"""Asks one authority. Above `settle` it never raises anything but cancellation; below it raises `errors.Trouble`."""

Stage = Callable[[Connector], Connector]
"""Wraps a connector in one concern: deadline, retry, attempt limit ..."""
