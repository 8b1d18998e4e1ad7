"""The path through the rules for one verification, without asking anybody: which policy, what is owed, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.contract.authority import Contract
from gateway.contract.policies import MaterialRule
from gateway.errors import Refused
from gateway.mapping import citizen_ids
from gateway.model import Check, Reason, Verification
from gateway.policy import planning
from gateway.policy.owing import exempt, exempt_there
from gateway.policy.policies import Policy, choose
from gateway.policy.problems import able

Why = Literal["not_yet", "over", "elsewhere", "larger_region"]
Term = Literal["age_below", "residence_basis", "business_items_other_than", "locality"]


@dataclass(frozen=True, slots=True)
class Passed:
    """A policy that is not the one, and why: not in force yet, or over; not for this region, or for a larger one."""

    policy: Policy
    why: Why


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule: what it asks, what the question says, and whether it holds."""

    term: Term
    asks: tuple[str, ...]
    has: tuple[str, ...]
    """Empty where the question leaves it open, and for locality, which only the registry says."""
    holds: bool | None
    """None: it hangs on who is local."""


@dataclass(frozen=True, slots=True)
class Step:
    """One question that would be asked, on which channels; the round says when."""

    check: Check
    channels: tuple[str, ...]
    round: int


@dataclass(frozen=True, slots=True)
class MaterialPath:
    """One material: whether it is owed, by which conditions, and what would be asked to spare it."""

    rule: MaterialRule
    conditions: tuple[Condition, ...]
    owed: bool | None
    """None: it hangs on who is local; `branches` then says how."""
    reason: Reason | None
    """Why it is not owed."""
    branches: tuple[tuple[str, Reason | None], ...]
    """For `local` and `non_local`: why it is not owed there, or None where it is. Empty unless `owed` is None."""
    steps: tuple[Step, ...]
    guardian_missing: bool
    """Nobody can be asked, because the question names no guardian."""


@dataclass(frozen=True, slots=True)
class Path:
    """The whole way. Without a policy in force there are no materials."""

    policy: Policy | None
    region: str
    """The prefix of the unit's code by which the policy is the one; empty without a policy."""
    others: tuple[Passed, ...]
    who_is_local: Step | None
    """The question that is asked first, if any material hangs on it."""
    materials: tuple[MaterialPath, ...]
    absent: tuple[str, ...]
    """Materials that other policies of this place know and this one does not: nobody owes them now."""


def explain(policies: Sequence[Policy], contracts: Mapping[str, Contract], verification: Verification) -> Path:
    """The path of one verification under the policies of one installation.

    Raises:
        Refused: 422 `unknown_material`, the policy does not know a material that is named.
    """
    day, unit_code = verification.application_date, verification.operator.unit_code
    try:
        chosen = choose(policies, day, unit_code)
    except Refused:
        return Path(None, "", tuple(Passed(each, _why(each, verification)) for each in policies), None, (), ())
    others = tuple(Passed(each, _why(each, verification)) for each in policies if each is not chosen)
    materials = tuple(_material(rule, verification, contracts) for rule in chosen.asked(verification))
    first = None
    if any(material.owed is None for material in materials):
        check = planning.who_is_local(chosen.file.who_is_local, verification)
        first = Step(check, able(check.authority, check.question, contracts), 1)
    here = [each for each in policies if any(unit_code.startswith(prefix) for prefix in each.file.regions)]
    known = dict.fromkeys(name for each in here for name in each.rules if name not in chosen.rules)
    return Path(chosen, unit_code[: chosen.covers(day, unit_code)], others, first, materials, tuple(known))


def _why(policy: Policy, verification: Verification) -> Why:
    """Why a policy is not the one. The dates come first: they are what changes from day to day."""
    effective, day = policy.file.effective, verification.application_date
    if day < effective.since:
        return "not_yet"
    if effective.until is not None and day >= effective.until:
        return "over"
    return "larger_region" if policy.covers(day, verification.operator.unit_code) else "elsewhere"


def _material(rule: MaterialRule, verification: Verification, contracts: Mapping[str, Contract]) -> MaterialPath:
    conditions, reason = tuple(_conditions(rule, verification)), exempt(rule.owed, verification)
    if reason is not None:
        return MaterialPath(rule, conditions, False, reason, (), (), False)
    hangs = rule.owed.locality is not None
    branches = (("local", exempt_there(rule.owed, "local")), ("non_local", exempt_there(rule.owed, "non_local")))
    steps = tuple(
        Step(check, _channels(check, contracts), 2 if hangs else 1) for check in planning.proofs(rule, verification)
    )
    return MaterialPath(
        rule, conditions, None if hangs else True, None, branches if hangs else (), steps, guardian_missing=not steps
    )


def _channels(check: Check, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    return check.join.channels if check.join is not None else able(check.authority, check.question, contracts)


def _conditions(rule: MaterialRule, verification: Verification) -> Iterator[Condition]:
    """Every condition of the rule, in the order in which `owing` looks at them."""
    owed = rule.owed
    if owed.age_below is not None:
        age = citizen_ids.age_on(verification.subject.citizen_id, verification.application_date)
        yield Condition("age_below", (str(owed.age_below),), (str(age),), age < owed.age_below)
    if owed.residence_basis is not None:
        basis = () if verification.residence_basis is None else (verification.residence_basis,)
        yield Condition("residence_basis", tuple(owed.residence_basis), basis, set(basis) <= set(owed.residence_basis))
    if owed.business_items_other_than is not None:
        items, freed = verification.business_items, owed.business_items_other_than
        yield Condition("business_items_other_than", tuple(freed), items, not set(items) <= set(freed))
    if owed.locality is not None:
        yield Condition("locality", (owed.locality,), (), None)
