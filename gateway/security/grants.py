"""Who may ask what: consumers by key id, and their grants. Deny by default; a request is allowed whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from gateway.contract.consumers import ConsumerFile, Grant, LimitsGiven
from gateway.model import USUAL_LIMITS, Limits
from gateway.security.keys import Verifier, verifier


@dataclass(frozen=True, slots=True)
class Consumer:
    """One system that may ask."""

    name: str
    grants: tuple[Grant, ...]
    limits: Limits = USUAL_LIMITS

    def may_ask(self, purpose: str, material: str, unit_code: str, today: date) -> bool:
        """Whether some grant names this purpose, material and region and has not run out. `today` is the wall clock's."""
        return any(
            grant.purpose == purpose
            and material in grant.materials
            and unit_code.startswith(tuple(grant.regions))
            and (grant.until is None or today <= grant.until)
            for grant in self.grants
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What a key id stands for."""

    consumer: Consumer
    verifier: Verifier


def limits(given: LimitsGiven, usual: Limits) -> Limits:
    """What a consumer may ask: what its file gives, and the installation's `usual` for the rest."""
    per_minute = given.per_minute or usual.per_minute
    burst = given.burst or (given.per_minute or usual.burst)
    return Limits(per_minute, burst, given.subjects_per_day or usual.subjects_per_day)


def directory(files: Iterable[ConsumerFile], usual: Limits = USUAL_LIMITS) -> Mapping[str, Known]:
    """Every consumer by each of its key ids.

    Raises:
        UnusableKey: a public key that cannot be read.
        ValueError: a key id that stands twice.
    """
    known: dict[str, Known] = {}
    for file in files:
        consumer = Consumer(file.consumer, tuple(file.grants), limits(file.limits, usual))
        for key in file.keys:
            if key.id in known:
                raise ValueError(f"the key id {key.id!r} stands twice among the consumers")
            known[key.id] = Known(consumer, verifier(key.id, key.public_key.encode()))
    return known
