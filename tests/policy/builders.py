"""What the tests of this room are made of: the shipped policy, odd ones, and verifications of fictitious people."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from gateway.contract.authority import Contract, Mapping
from gateway.contract.files import load_or_raise
from gateway.contract.policies import PolicyFile
from gateway.model import Finding, Operator, Person, Status, Verification
from gateway.policy import Policy

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
AUTHORITIES = tuple(sorted(path.name for path in (CONTRACTS / "authorities").iterdir() if path.is_dir()))

CHILD = Person("229901201206011035", "测试子")
FATHER = Person("229901198805121012", "测试父")
ADULT = Person("119901197501061137", "样例壬")
SIXTEEN_TODAY = Person("229901200205021050", "样例乙")
SIXTEEN_TOMORROW = Person("229901200205031064", "样例丙")
DAY = date(2018, 5, 2)
HUKOU = ("household_registry", "hukou")
RESIDENCE = ("residence_permit", "residence")
INSURANCE = ("social_insurance", "insurance")
ARCHIVE = ("guardianship_archive", "prior_proof")
GUARDIANSHIP = ("household_registry", "guardianship")

VERSION = "5e" * 32
JILIN = load_or_raise(CONTRACTS / "policies" / "jilin-2018-05.yaml", PolicyFile)
POLICY = Policy(JILIN, VERSION)
SHIPPED = {path.stem: load_or_raise(path, PolicyFile) for path in sorted((CONTRACTS / "policies").glob("*.yaml"))}
REAL = tuple(name for name, shipped in SHIPPED.items() if shipped.regions != ["99"])
"""Those that a source stands behind; the others are of a province that does not exist."""
POLICIES = [Policy(file, VERSION) for file in SHIPPED.values()]


def contracts() -> dict[str, Contract]:
    return {name: load_or_raise(CONTRACTS / "authorities" / name / "contract.yaml", Contract) for name in AUTHORITIES}


def mappings() -> dict[str, Mapping]:
    return {name: load_or_raise(CONTRACTS / "authorities" / name / "mapping.yaml", Mapping) for name in AUTHORITIES}


def file(**changes: Any) -> PolicyFile:
    """The shipped policy with some of its parts exchanged."""
    return PolicyFile.model_validate(JILIN.model_dump(by_alias=True, exclude_none=True) | changes)


def verification(
    subject: Person = CHILD,
    guardian: Person | None = FATHER,
    basis: str | None = None,
    materials: tuple[str, ...] | None = None,
    day: date = DAY,
    items: tuple[str, ...] = ("passport",),
    unit_code: str = "229901000000",
) -> Verification:
    operator = Operator("op-0117", "测试员", unit_code)
    return Verification(
        "v1",
        "counter",
        "JL1",
        day,
        items,
        "exit_entry_application",
        basis,
        operator,
        subject,
        guardian,
        materials,
        8000,
    )


def hukou(region: Any) -> Finding:
    return Finding("household_registry", "query", Status.ANSWERED, {"subject": {"hukou_region": region}})


def registry(status: Status) -> Finding:
    return Finding("household_registry", "query", status)
