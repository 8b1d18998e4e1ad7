"""What the tests of this room are made of: a fictitious family, its records, and findings about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from gateway.contract.files import load_or_raise
from gateway.contract.policies import GuardianshipParameters, MaterialRule, PolicyFile
from gateway.model import Facts, Finding, Operator, Person, Reason, Status, Verification

CHILD = Person("229901201206011035", "测试子")
FATHER = Person("229901198805121012", "测试父")
MOTHER = Person("229901199008231029", "测试母")
DAY = date(2018, 5, 2)
OPERATOR = Operator("op-0117", "测试员", "229901000000")

POLICY_FILE = Path(__file__).resolve().parents[2] / "contracts" / "policies" / "jilin-2018-05.yaml"
POLICY = load_or_raise(POLICY_FILE, PolicyFile)
RULES: dict[str, MaterialRule] = {rule.material: rule for rule in POLICY.materials}

ON = GuardianshipParameters(spouse_of_head_without_parent_data="confirmed", direct_kin="confirmed")
OFF = GuardianshipParameters(spouse_of_head_without_parent_data="officer", direct_kin="officer")


@dataclass
class Owed:
    """What the policy said before anything was judged."""

    owed: bool | None = True
    reason: Reason | None = None
    decided_by: Finding | None = None


FAULTS = tuple(status for status in Status if not status.is_reply)


def verification(guardian: Person | None = FATHER, subject: Person = CHILD, basis: str | None = None) -> Verification:
    return Verification(
        "v1",
        "counter",
        "JL1",
        DAY,
        ("passport",),
        "exit_entry_application",
        basis,
        OPERATOR,
        subject,
        guardian,
        None,
        8000,
    )


def finding(authority: str, status: Status, records: dict[str, Facts | None] | None = None, **more: Any) -> Finding:
    return Finding(authority, "query", status, records or {}, **more)


def permit(status: str, valid_until: date, last_endorsed_on: date | None = None) -> Finding:
    facts = {"status": status, "valid_until": valid_until, "last_endorsed_on": last_endorsed_on}
    return finding("residence_permit", Status.ANSWERED, {"permit": facts})


def proof(state: str = "accepted", accepted_on: date = date(2016, 3, 1)) -> Finding:
    facts = {"state": state, "accepted_on": accepted_on}
    return finding("guardianship_archive", Status.ANSWERED, {"proof": facts})


NO_PROOF = finding("guardianship_archive", Status.NO_RECORD, {"proof": None})
NO_PERMIT = finding("residence_permit", Status.NO_RECORD, {"permit": None})


def person(record: str = "current", state: str = "normal", reversal: str = "standing", **named: str) -> dict[str, Any]:
    blank = {
        f"{who}_{what}": None
        for who in ("guardian1", "guardian2", "father", "mother")
        for what in ("name", "citizen_id")
    }
    return {"record": record, "state": state, "reversal": reversal} | blank | named


def together(minor: str, adult: str, household_type: str = "family") -> dict[str, Any]:
    return {"relation_to_head": minor, "other_relation_to_head": adult, "household_type": household_type}


def registry(
    minor: Facts | None, adult: Facts | None, household: Facts | None = None, kin: str | None = None
) -> Finding:
    records: dict[str, Facts | None] = {"minor": minor, "adult": adult, "household": household}
    if kin is not None:
        records["kin"] = {"relation_of_other": kin}
    return finding("household_registry", Status.ANSWERED, records)
