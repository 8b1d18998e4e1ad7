"""Is this adult the minor's guardian? The table of domain 3.5, one row after the other; the first that holds rules.

There are two sources: the bureau's archive of proofs accepted earlier, and the household registry. Each has its table.
Row ids are those of the domain document. "Manual" there is `needs_officer` here; what no row knows needs an officer too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from gateway.contract.policies import GuardianshipParameters
from gateway.judging import household
from gateway.judging.household import Household
from gateway.judging.rulings import NEEDS_OFFICER, Ruling, silence
from gateway.model import Decision, Facts, Finding, Reason, Status, Verification

Outcome = Callable[[Household, GuardianshipParameters], Ruling]


STEP: Final = "proof"
READS: Final = {STEP: frozenset({"state", "accepted_on"})}


class Row(NamedTuple):
    """One line of the registry's table."""

    id: str
    holds: Callable[[Household], bool]
    outcome: Outcome


_PRIOR: Final = Ruling(Decision.CONFIRMED, Reason.PRIOR_SUBMISSION)
_NO_GUARDIAN: Final = Ruling(Decision.NO_RECORD, Reason.NO_GUARDIAN_ON_RECORD)


def _confirmed(reason: Reason) -> Outcome:
    return lambda home, rules: Ruling(Decision.CONFIRMED, reason)


def _officer(home: Household, rules: GuardianshipParameters) -> Ruling:
    return NEEDS_OFFICER


def _not_evidence(home: Household, rules: GuardianshipParameters) -> Ruling:
    # Alone it is "nothing on record"; beside an archive that is silent or holds a withdrawn proof, `merge` lifts it.
    return _NO_GUARDIAN


def _spouse_of_head(home: Household, rules: GuardianshipParameters) -> Ruling:
    switched_on = rules.spouse_of_head_without_parent_data == "confirmed"
    if switched_on and not home.names_parents:
        return Ruling(Decision.CONFIRMED, Reason.SPOUSE_OF_HEAD)
    return NEEDS_OFFICER  # The registry names other parents: this may be a step-parent.


def _direct_kin(home: Household, rules: GuardianshipParameters) -> Ruling:
    return Ruling(Decision.CONFIRMED, Reason.DIRECT_KIN) if rules.direct_kin == "confirmed" else NEEDS_OFFICER


# The order matters: who is dead or has left guards nobody, whatever else is written (G10 before all); a number that
# agrees beats every doubt about the household (G2 before G9); and "not evidence" speaks only when nothing else does.
TABLE: Final[tuple[Row, ...]] = (
    Row("minor", lambda home: not home.minor_is_current, _officer),
    Row("G10", lambda home: home.adult_is_gone, _not_evidence),
    Row("G2", lambda home: home.adult_is_named, _confirmed(Reason.REGISTRY_GUARDIAN)),
    Row("G3", lambda home: home.are(household.CHILD, household.HEAD), _confirmed(Reason.PARENT_HEAD)),
    Row("G4", lambda home: home.are(household.HEAD, household.PARENT), _confirmed(Reason.PARENT_OF_HEAD)),
    Row("G5", lambda home: home.are(household.CHILD, household.SPOUSE), _spouse_of_head),
    Row("G6", lambda home: home.are(household.GRANDCHILD, household.HEAD | household.SPOUSE), _officer),
    Row("G7", lambda home: home.are(household.GRANDCHILD, household.CHILD_GENERATION), _officer),
    Row("G8", lambda home: home.only_the_name_agrees, _officer),
    Row("G11", lambda home: home.is_direct_kin, _direct_kin),
    Row("G9", lambda home: home.proves_nothing, _not_evidence),
    Row("else", lambda home: True, _officer),
)


def rule_archive(finding: Finding, verification: Verification) -> Ruling:
    """What the bureau's archive says: G1, G12, or that it holds no proof.

    Mapping has held both people of the proof against the question. A proof that was withdrawn, or accepted only after the
    application, is a reason to look and never a reason to say that there is none.
    """
    if (silent := silence(finding)) is not None:
        return silent
    if finding.status is Status.NO_RECORD:
        return _NO_GUARDIAN
    if STEP not in finding.records:
        return NEEDS_OFFICER
    facts = finding.records[STEP]
    if facts is None:
        return _NO_GUARDIAN
    return _PRIOR if _was_accepted(facts, verification) else NEEDS_OFFICER


def _was_accepted(facts: Facts, verification: Verification) -> bool:
    return bool(facts["state"] == "accepted" and facts["accepted_on"] <= verification.application_date)


def rule_registry(finding: Finding, verification: Verification, rules: GuardianshipParameters) -> Ruling:
    """What the household registry says: the first row of `TABLE` that holds, or G12."""
    if (silent := silence(finding)) is not None:
        return silent
    home = household.of(finding, verification)
    if home is None:
        return NEEDS_OFFICER
    return row(home).outcome(home, rules)


def row(home: Household) -> Row:
    """The row that decides."""
    return next(row for row in TABLE if row.holds(home))
