"""Who may ask what: consumers by key id, and their grants. Deny by default; a request is allowed whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from gateway.contract.consumers import NO_OWN_LIMITS, ConsumerFile, Grant, LimitsGiven
from gateway.model import Limits
from gateway.security.keys import Verifier, verifier


@dataclass(frozen=True, slots=True)
class Consumer:
    """One system that may ask."""

    name: str
    grants: tuple[Grant, ...]
    own_limits: LimitsGiven = NO_OWN_LIMITS

    def limits(self, usual: Limits) -> Limits:
        """How much it may ask: what its file gives, and the installation's `usual` for the rest."""
        own = self.own_limits
        burst = own.burst or own.per_minute or usual.burst
        return Limits(own.per_minute or usual.per_minute, burst, own.subjects_per_day or usual.subjects_per_day)

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


def directory(files: Iterable[ConsumerFile]) -> Mapping[str, Known]:
    """Every consumer by each of its key ids.

    Raises:
        UnusableKey: a public key that cannot be read.
        ValueError: a key id that stands twice.
    """
    known: dict[str, Known] = {}
    for file in files:
        consumer = Consumer(file.consumer, tuple(file.grants), file.limits)
        for key in file.keys:
            if key.id in known:
                raise ValueError(f"the key id {key.id!r} stands twice among the consumers")
            known[key.id] = Known(consumer, verifier(key.id, key.public_key.encode()))
    return known
