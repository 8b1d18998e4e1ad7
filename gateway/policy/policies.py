"""The policy in force, compiled: what to ask in each round, and what is owed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from gateway.contract.policies import MaterialRule, PolicyFile
from gateway.contract.words import nearest
from gateway.errors import Fault, Refused
from gateway.model import Check, Finding, Verification
from gateway.policy import planning
from gateway.policy.locality import locality
from gateway.policy.naming import named_facts
from gateway.policy.owing import Owing, exempt, owing

Findings = Mapping[tuple[str, str], Finding]
"""By authority and question."""


class Policy:
    """One policy file, ready to be asked about verifications.

    Every method that takes a verification raises `Refused(422, "unknown_material")` when that names a material which this
    policy does not have. Without names, the policy's own materials are meant.
    """

    def __init__(self, file: PolicyFile, sha256: str) -> None:
        self.file = file
        self.name = file.policy
        self.sha256 = sha256
        """The version: of the policy file's exact bytes, lower-case hex."""
        self.rules: Mapping[str, MaterialRule] = {rule.material: rule for rule in file.materials}
        """By material, in the order of the file."""
        self.named = named_facts(file)
        """The facts that are read of each reply, and no others."""

    def covers(self, day: date, unit_code: str) -> int:
        """How many digits of the unit's code this policy names, being in force on that day; 0 when it is not for it."""
        effective = self.file.effective
        if day < effective.since or (effective.until is not None and day >= effective.until):
            return 0
        return max((len(prefix) for prefix in self.file.regions if unit_code.startswith(prefix)), default=0)

    def asked(self, verification: Verification) -> tuple[MaterialRule, ...]:
        """The rules of the materials asked about, each once, in the order asked."""
        if verification.materials is None:
            return tuple(self.rules.values())
        faults = tuple(
            Fault(
                "unknown_material",
                f"/materials/{at}",
                expected=", ".join(self.rules),
                nearest=nearest(name, self.rules),
            )
            for at, name in enumerate(verification.materials)
            if name not in self.rules
        )
        if faults:
            raise Refused(422, "unknown_material", f"the policy {self.name!r} has no such material", faults=faults)
        return tuple(self.rules[name] for name in dict.fromkeys(verification.materials))

    def certain(self, verification: Verification) -> tuple[Check, ...]:
        """The checks of every material that is owed whoever the applicant is: nothing need be known before them."""
        rules = (rule for rule in self._owed_perhaps(verification) if rule.owed.locality is None)
        return planning.each_once(check for rule in rules for check in planning.proofs(rule, verification))

    def who_is_local(self, verification: Verification) -> tuple[Check, ...]:
        """The check that decides locality, if some material hangs on that alone."""
        if all(rule.owed.locality is None for rule in self._owed_perhaps(verification)):
            return ()
        return (planning.who_is_local(self.file.who_is_local, verification),)

    def what_follows(self, verification: Verification, findings: Findings) -> tuple[Check, ...]:
        """The checks of materials that hang on locality: left out only for an applicant known to be exempt."""
        owings = self.owing(verification, findings)
        rules = [rule for rule in self.asked(verification) if owings[rule.material].owed is not False]
        checks = [check for rule in rules if rule.owed.locality for check in planning.proofs(rule, verification)]
        before = [(check.authority, check.question) for check in self.certain(verification)]
        return planning.each_once(checks, (*findings, *before))

    def _owed_perhaps(self, verification: Verification) -> list[MaterialRule]:
        return [rule for rule in self.asked(verification) if exempt(rule.owed, verification) is None]

    def owing(self, verification: Verification, findings: Findings) -> dict[str, Owing]:
        """Whether each material asked about is owed, in the order asked."""
        rule = self.file.who_is_local
        finding = findings.get((rule.authority, rule.question))
        where = locality(rule, finding, verification.operator.unit_code)
        return {
            material.material: owing(material.owed, verification, where, finding)
            for material in self.asked(verification)
        }


def choose(policies: Iterable[Policy], application_date: date, unit_code: str) -> Policy:
    """The policy in force on that day for that unit; where several are, the one that names the smallest region.

    Raises:
        Refused: 422 `no_policy`, none is.
    """
    known = list(policies)
    best = max(known, key=lambda policy: policy.covers(application_date, unit_code), default=None)
    if best is None or best.covers(application_date, unit_code) == 0:
        raise Refused(422, "no_policy", faults=tuple(_offer(policy) for policy in known))
    return best


def _offer(policy: Policy) -> Fault:
    """When and where a policy is in force, for somebody who asked about another day or place."""
    effective, regions = policy.file.effective, ", ".join(policy.file.regions)
    until = f" and before {effective.until}" if effective.until is not None else ""
    days = f"{policy.name}: from {effective.since} on{until}"
    return Fault("no_policy", "/application_date", expected=f"{days}, for units whose code begins with {regions}")
