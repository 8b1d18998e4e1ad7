"""The answer to a question that the gateway itself did not see through: an officer checks every material that was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from gateway.model import Decision, Disposition, Judgement, Reason, Verdict
from gateway.policy import Policy
from gateway.web import answers

RETRY_SECONDS: Final = 1
"""Whoever reads this is served again: the question may be put anew at once."""


def interrupted(policies: Sequence[Policy], asked: Mapping[str, Any], now: float) -> bytes:
    """From the content of the question's entry, at that time (Unix seconds). Unnamed, the policy's materials are meant."""
    policy = next((each for each in policies if each.name == asked["policy"]), None)
    # Of a policy that is gone since, nobody knows what it would have asked for.
    materials = asked["materials"] or (policy.rules if policy is not None else ())
    judgements = tuple(
        Judgement(
            material,
            Decision.UNDETERMINED,
            Disposition.OFFICER_CHECK,
            Reason.INTERRUPTED,
            retry_after_seconds=RETRY_SECONDS,
        )
        for material in materials
    )
    as_of = date.fromisoformat(asked["application_date"])
    return answers.render(Verdict(asked["verification_id"], 1, asked["policy"], as_of, now, judgements))
