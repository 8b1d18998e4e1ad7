"""Who may ask what: consumers by key id, and their grants. Deny by default; a request is allowed whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from gateway.clock import Clock
from gateway.contract.consumers import NO_OWN_LIMITS, ConsumerFile, FindingsTerm, Grant, LimitsGiven, Term
from gateway.contract.files import Document
from gateway.errors import Problem
from gateway.model import Ground, LegalBasis, Limits
from gateway.security.keys import Verifier, verifier

Lack = Literal["purpose", "material", "region", "not_yet", "over"]
"""What one grant lacks for one question: it names another purpose, material or region; or its first day is still to come,
or its last one is past."""

_FAR: Mapping[Lack, int] = {"purpose": 8, "material": 4, "region": 2, "not_yet": 1, "over": 1}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must be granted: one material, for a purpose and an operator's unit. `today` is the wall clock's."""

    purpose: str
    material: str
    unit_code: str
    today: date


def lacks(grant: Grant, wanted: Wanted) -> Iterator[Lack]:
    """Why this grant does not allow it; nothing when it does. Lazy: every question asks for the first one only."""
    if grant.purpose != wanted.purpose:
        yield "purpose"
    if wanted.material not in grant.materials:
        yield "material"
    if not wanted.unit_code.startswith(tuple(grant.regions)):
        yield "region"
    if grant.since is not None and wanted.today < grant.since:
        yield "not_yet"
    if grant.until is not None and grant.until < wanted.today:
        yield "over"


@dataclass(frozen=True, slots=True)
class Nearest:
    """The grant that allows something, or lacks least for it."""

    number: int
    """In the order of the file, from 0."""
    grant: Grant
    lacks: tuple[Lack, ...]
    """Empty: it allows."""


def nearest(grants: Sequence[Grant], wanted: Wanted) -> Nearest | None:
    """Of several that lack equally many things, the one that has the right purpose, else material, else region.

    Of several that allow it, the one that is disclosed soonest, then the first: it is the one used.
    """
    found = [Nearest(number, grant, tuple(lacks(grant, wanted))) for number, grant in enumerate(grants)]
    return min(found, key=_distance, default=None)


def _distance(each: Nearest) -> tuple[int, int, int]:
    return len(each.lacks), sum(_FAR[lack] for lack in each.lacks), each.grant.disclose_after_days


@dataclass(frozen=True, slots=True)
class Consumer:
    """One system that may ask."""

    name: str
    grants: tuple[Grant, ...]
    own_limits: LimitsGiven = NO_OWN_LIMITS
    accesses: Term | None = None
    findings: FindingsTerm | None = None
    lane: Literal["counter", "bulk"] = "counter"

    def limits(self, usual: Limits) -> Limits:
        """How much it may ask: what its file gives, and the installation's `usual` for the rest."""
        own = self.own_limits
        burst = own.burst or own.per_minute or usual.burst
        return Limits(own.per_minute or usual.per_minute, burst, own.subjects_per_day or usual.subjects_per_day)

    def has_a_grant(self, today: date) -> bool:
        """Whether any grant is in force. `today` is the wall clock's."""
        return any(grant.holds_on(today) for grant in self.grants)

    def ground(self, purpose: str, materials: Iterable[str], unit_code: str, today: date) -> Ground | None:
        """The ground, where for each material some grant, and one alone, names all of this; else None.

        Of several for one material the one that is disclosed soonest is used, then the first; of those used for
        several materials the latest disclosure counts. `today` is the wall clock's.
        """
        used: dict[int, Grant] = {}
        for material in materials:
            wanted = Wanted(purpose, material, unit_code, today)
            allow = [each for each in enumerate(self.grants) if next(lacks(each[1], wanted), None) is None]
            if not allow:
                return None
            number, grant = min(allow, key=lambda each: each[1].disclose_after_days)
            used[number] = grant
        terms = [used[number] for number in sorted(used)]
        return Ground(_legal_basis(terms), max((term.disclose_after_days for term in terms), default=0))

    def ground_for_accesses(self, today: date) -> Ground | None:
        """The ground on which it may show people who asked about them; None where it may not."""
        term = self.accesses
        return Ground(_legal_basis([term])) if term is not None and term.holds_on(today) else None

    def ground_for_findings(self, unit_code: str, today: date) -> Ground | None:
        """The ground on which an officer of that unit may add what they found; None where nobody there may."""
        term = self.findings
        if term is None or not term.holds_on(today) or not unit_code.startswith(tuple(term.regions)):
            return None
        return Ground(_legal_basis([term]))


def _legal_basis(terms: Iterable[Term]) -> tuple[LegalBasis, ...]:
    titles = (term.legal_basis for term in terms if term.legal_basis is not None)
    return tuple(dict.fromkeys(LegalBasis(title.zh, title.en) for title in titles))


@dataclass(frozen=True, slots=True)
class Known:
    """What a key id stands for."""

    consumer: Consumer
    verifier: Verifier
    until: float | None = None
    """The Unix second from which on it may not sign any more, for a key that is retiring."""


class Directory(Protocol):
    """Whose key this is, at this moment. A plain mapping is one, too."""

    def get(self, keyid: str, /) -> Known | None:
        """None for an unknown key id, and just so for one that may not sign (now): nothing tells them apart."""
        ...


@dataclass(frozen=True, slots=True)
class Loaded:
    """One consumer's file, and where its lines stand."""

    file: ConsumerFile
    document: Document


class Consumers:
    """All consumers, as their files say."""

    def __init__(self, loaded: Iterable[Loaded], problems: Iterable[Problem] = ()) -> None:
        """Raises UnusableKey, a public key that cannot be read; ValueError, a key id that stands twice."""
        self.loaded: Mapping[str, Loaded] = {each.file.consumer: each for each in loaded}
        self.problems = tuple(problems)
        """Of files that are broken now. Of each, the last good version is what stands here, if there was one."""
        self.regions = frozenset(
            region for each in self.loaded.values() for grant in each.file.grants for region in grant.regions
        )
        """All prefixes of unit codes that some grant names."""
        self._may_sign = _may_sign(each.file for each in self.loaded.values())

    def get(self, keyid: str, now: float) -> Known | None:
        """Whose key this is, if it may sign at `now` (Unix seconds)."""
        known = self._may_sign.get(keyid)
        return None if known is None or (known.until is not None and known.until <= now) else known


class Newest:
    """The directory by the newest reading of the files and by the clock."""

    def __init__(self, consumers: Callable[[], Consumers], clock: Clock) -> None:
        self._consumers = consumers
        self._clock = clock

    def get(self, keyid: str, /) -> Known | None:
        """As `Directory` promises."""
        return self._consumers().get(keyid, self._clock.unix())


def _may_sign(files: Iterable[ConsumerFile]) -> Mapping[str, Known]:
    """Keys that are pending or revoked, and all keys of a suspended consumer, are read and then left out.

    So a request that names one goes the way of one that names a key which never was: the same text, and the same time.
    """
    may_sign: dict[str, Known] = {}
    seen: set[str] = set()
    for file in files:
        consumer = Consumer(file.consumer, tuple(file.grants), file.limits, file.accesses, file.findings, file.lane)
        for key in file.keys:
            if key.id in seen:
                raise ValueError(f"the key id {key.id!r} stands twice among the consumers")
            seen.add(key.id)
            until = key.until.timestamp() if key.until is not None else None
            known = Known(consumer, verifier(key.id, key.public_key.encode()), until)
            if file.state == "active" and key.state in ("active", "retiring"):
                may_sign[key.id] = known
    return may_sign
