"""What has to be asked: checks made from the proofs of materials, each question once."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.contract.policies import LocalityRule, MaterialRule, Proof
from gateway.model import Check, Join, Verification


def who_is_local(rule: LocalityRule, verification: Verification) -> Check:
    """The question that decides locality: about the applicant alone."""
    return Check(rule.authority, rule.question, {"subject": verification.subject}, verification.application_date)


def proofs(rule: MaterialRule, verification: Verification) -> list[Check]:
    """The checks that may prove one material; none for a guardianship whose guardian was not named.

    Only a guardianship is asked about two people: no other authority learns who the guardian is.
    """
    about = {"subject": verification.subject}
    if rule.guardianship is not None:
        if verification.guardian is None:
            return []
        about["guardian"] = verification.guardian
    day = verification.application_date
    return [Check(proof.authority, proof.question, about, day, join(proof)) for proof in rule.proven_by]


def join(proof: Proof) -> Join | None:
    """How the proof's channels are asked together, in seconds; None where there is one."""
    if proof.join is None:
        return None
    joined = proof.join
    return Join(joined.mode, tuple(joined.channels), (joined.delay_ms or 0) / 1000, joined.on_divergence)


def each_once(checks: Iterable[Check], asked: Iterable[tuple[str, str]] = ()) -> tuple[Check, ...]:
    """The checks in their order, without repeats and without questions that were asked before."""
    known = set(asked)
    kept: list[Check] = []
    for check in checks:
        key = (check.authority, check.question)
        if key not in known:
            known.add(key)
            kept.append(check)
    return tuple(kept)
