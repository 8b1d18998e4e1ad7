"""When one channel's finding settles a race: only a confirmation does; a "no" waits for the other channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.contract.policies import MaterialRule
from gateway.judging.verdicts import ruling
from gateway.model import Check, Decision, Finding, Intent, Verification

Rules = Mapping[str, MaterialRule]
"""One policy's rules, by material."""


def conclusive(rules: Rules, verification: Verification, check: Check, finding: Finding) -> bool:
    """Whether the finding confirms every material asked about that this check may prove; False where it proves none."""
    named = verification.materials
    proven = [rule for rule in rules.values() if (named is None or rule.material in named) and _proves(check, rule)]
    rulings = [ruling(rule, check.question, finding, verification) for rule in proven]
    return bool(rulings) and all(ruled.decision is Decision.CONFIRMED for ruled in rulings)


def conclusive_by(policies: Mapping[str, Rules]) -> Callable[[Intent, Check, Finding], bool]:
    """`conclusive` under the policy that the intent names. `policies` are the rules of each, by the policy's name."""

    def settles(intent: Intent, check: Check, finding: Finding) -> bool:
        return conclusive(policies[intent.policy], intent.verification, check, finding)

    return settles


def _proves(check: Check, rule: MaterialRule) -> bool:
    return any((proof.authority, proof.question) == (check.authority, check.question) for proof in rule.proven_by)
