"""A case: one captured request with all that is known about it, and what a doctor says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from gateway.security import signatures
from gateway.security.doctor.captures import Message
from gateway.security.inspection import Believed, Disbelieved, Line, Received, inspect
from gateway.security.presented import Code, Presented, SignatureRefused
from gateway.security.profiles import Profile
from gateway.security.signatures import Verifier

Word = Literal[
    "host_not_served",
    "query",
    "encoding",
    "media_type",
    "idempotency_key",
    "method_not_served",
    "unsigned",
    "header_form",
    "label",
    "signature_form",
    "order",
    "coverage",
    "tag",
    "clock_milliseconds",
    "clock_time_zone",
    "clock_ahead",
    "clock_expired",
    "clock_span",
    "key",
    "key_state",
    "key_id",
    "algorithm",
    "capture_short",
    "digest_missing",
    "digest_form",
    "digest_of_nothing",
    "body_reserialised",
    "body_other_bytes",
    "authority",
    "path",
    "method",
    "content_type",
    "content_digest",
    "order_of_lines",
    "parameters",
    "base_form",
    "sm2_id",
    "wrong_key",
    "body_changed",
    "key_refused",
    "registered_key",
    "unexplained",
]
"""The causes there are. A word never changes its meaning."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason why the request is refused. `component` is the line of the signature base that it concerns, if one."""

    word: Word
    component: str | None = None
    signed: str | None = None
    """What was signed in that line, where it is known."""
    arrived: str | None = None
    """What came at the gateway in its place."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the sentence about it needs: our own words and numbers."""
    is_proved: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """`keys` by id are all that may sign; `names` those that the gateway is served as."""

    message: Message
    request: Received
    now: float
    keys: Mapping[str, Verifier]
    names: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    """Of keys that are known and may not sign: why, in a word."""
    profile: Profile | None = None
    """Another one than the request's, once a doctor has mended it."""
    forgiving: frozenset[Code] = frozenset()

    @property
    def wanted(self) -> Profile:
        return self.profile or self.request.profile

    def inspected(self) -> Believed | Disbelieved:
        return inspect(self.request, self.now, self.keys.get, profile=self.profile, forgiving=self.forgiving)

    def forgive(self, code: Code) -> Case:
        return replace(self, forgiving=self.forgiving | {code})

    def with_request(self, **changes: object) -> Case:
        return replace(self, request=replace(self.request, **changes))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Treated:
    """What a doctor gives: the cause, and the case as it would be without it, where more can be looked at."""

    cause: Cause
    mended: Case | None = None
    is_end: bool = False
    """The signature verified over what the cause says: nothing else is wrong."""


Doctor = Callable[[Case, Disbelieved], Treated]


def verifies(key: Verifier, presented: Presented, data: bytes) -> bool:
    """Whether the signature is this key's over these bytes."""
    try:
        key.verify(presented.signature, data)
    except SignatureRefused:
        return False
    return True


def base_of(lines: Iterable[Line]) -> bytes | None:
    """The signature base of these lines, or None where one is absent."""
    present = [line for _, line in lines]
    if None in present:
        return None
    try:
        return signatures.signature_base([line for line in present if line is not None])
    except SignatureRefused:
        return None
