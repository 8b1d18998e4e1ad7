"""Every failure the gateway knows, as one tree. Inside the stack they are raised; `settle` turns them into values.

    GatewayError
    ├── Trouble              an authority did not answer our question     -> a Finding's status
    │   ├── Unreachable  TimedOut  Busy  QuotaSpent  ClosedWindow  Drained  Tripped
    │   ├── ConfigFault      they refuse our rights or our signature
    │   │   └── TurnedAway   in a reply that nobody signed
    │   ├── BadReply         not what their own contract promises
    │   ├── BadSignature  NotBound  SubjectMismatch  Ambiguous
    ├── Refused              we do not take this request                  -> a problem document
    ├── Unwritable           the ledger cannot be written                 -> 503, nothing is asked
    │   └── Unanswered       nor the outcome of what was asked            -> 503, nothing is answered
    ├── SignerDown           the holder of our own key does not sign       -> 503, unsigned; nothing is asked
    ├── Replayed             this nonce was used before                   -> 409
    ├── Limited              a consumer asks for more than it may         -> 429 or 409, nothing is asked
    │   └── OverRate  OverBudget  CaseBound
    └── BrokenFiles          files that do not say what they must          -> the process does not start

Texts are for operators and integrators: they never carry an identity number, a name or any other input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class GatewayError(Exception):
    """The root: nothing else is raised on purpose."""


class Trouble(GatewayError):
    """One authority, on one channel, did not answer. `status` is the word of the closed list (DESIGN section 4)."""

    status: ClassVar[str]
    retryable: ClassVar[bool] = False
    is_ours: bool = False
    """We did not ask: nothing was sent, and it says nothing about the authority. Never asked again within the check."""

    def __init__(self, why: str, *, retry_after_seconds: float | None = None, is_ours: bool | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after_seconds = retry_after_seconds
        if is_ours is not None:
            self.is_ours = is_ours


class Unreachable(Trouble):
    """No connection, or a status that the contract declares to mean that they are down."""

    status = "unreachable"
    retryable = True


class TimedOut(Trouble):
    """The attempt limit or the deadline of the question passed first."""

    status = "timeout"
    retryable = True


class Busy(Trouble):
    """They, or our own places towards them, have no room."""

    status = "busy"
    retryable = True


class QuotaSpent(Trouble):
    """The contract's calls per hour are used up."""

    status = "quota_spent"


class ClosedWindow(Trouble):
    """Outside the hours in which they answer."""

    status = "closed_window"


class Drained(Trouble):
    """An operator took the channel out of use."""

    status = "drained"
    is_ours = True


class Tripped(Trouble):
    """The breaker is open."""

    status = "circuit_open"
    is_ours = True


class ConfigFault(Trouble):
    """They refuse our rights, our account or our signature: asking again changes nothing."""

    status = "config_fault"


class TurnedAway(ConfigFault):
    """They refuse us in a reply that nobody signed: so it looks too where the platform has rotated our secret away."""


class BadReply(Trouble):
    """The reply is not what their contract promises; nothing in it is believed."""

    status = "bad_reply"


class BadSignature(Trouble):
    """The reply's signature is missing, malformed, stale or wrong."""

    status = "bad_signature"


class NotBound(Trouble):
    """A rightly signed reply to another question."""

    status = "not_bound"


class SubjectMismatch(Trouble):
    """The reply is about somebody else than the person asked about."""

    status = "subject_mismatch"


class Ambiguous(Trouble):
    """Several records match, or a name came back damaged, or a list may have been cut: a person must look."""

    status = "ambiguous"


TROUBLES: tuple[type[Trouble], ...] = (
    Unreachable, TimedOut, Busy, QuotaSpent, ClosedWindow, Drained, Tripped, ConfigFault, BadReply,
    BadSignature, NotBound, SubjectMismatch, Ambiguous,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: a stable code, where it stands, and what would have been right. Never the input.

    `pointer` is an RFC 6901 JSON Pointer made of our own names only; `line` and `column` count from 1.
    """

    code: str
    pointer: str = ""
    line: int | None = None
    column: int | None = None
    expected: str | None = None
    nearest: str | None = None


class Refused(GatewayError):
    """We do not take this request. `code` is stable and is the last part of the problem's `type` (RFC 9457)."""

    def __init__(
        self,
        http_status: int,
        code: str,
        detail: str = "",
        *,
        faults: tuple[Fault, ...] = (),
        signature_base: tuple[tuple[str, str], ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.http_status = http_status
        self.code = code
        self.detail = detail
        self.faults = faults
        self.signature_base = signature_base
        """Of each line that a signature should have been over: the component, and the SHA-256 of the line in hex."""
        self.headers = headers or {}


class Unwritable(GatewayError):
    """The ledger cannot be written, so nothing may be asked and nothing answered."""


class Unanswered(Unwritable):
    """The outcome cannot be written: authorities were asked, and nothing may be answered."""


class SignerDown(GatewayError):
    """Whoever holds one of our private keys does not sign now. What it was to sign must not be given without it."""


class Replayed(GatewayError):
    """A nonce that was used before."""


class Limited(GatewayError):
    """A consumer asks for more than it may, and nothing was asked. Each kind has its problem's stable `code`."""

    code = ""

    def __init__(self, retry_after_seconds: int | None = None) -> None:
        super().__init__(self.code)
        self.retry_after_seconds = retry_after_seconds
        """When asking again is worth it; None where it never is."""


class OverRate(Limited):
    """More requests than its rate allows. `arrival` is where the rate stands (`security.rates`)."""

    code = "rate_limited"

    def __init__(self, retry_after_seconds: int, arrival: int) -> None:
        super().__init__(retry_after_seconds)
        self.arrival = arrival


class OverBudget(Limited):
    """More different people within a day than its budget allows."""

    code = "subject_budget"


class CaseBound(Limited):
    """A case number that was answered for another person before."""

    code = "case_bound"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with one file, where a person can find it."""

    file: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.text}"


class BrokenFiles(GatewayError):
    """Files that do not say what they must: all problems at once, sorted by place."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))
