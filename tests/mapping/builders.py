"""What the tests of this room are made of: fictitious people, one check, and the shipped files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from gateway.contract.authority import Contract, Mapping
from gateway.contract.files import load_or_raise
from gateway.model import Check, Intent, Operator, Person, Verification

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
CHILD = Person("229901201206011035", "测试子")
FATHER = Person("229901198805121012", "测试父")
DAY = date(2018, 5, 2)
NOW = 1525219205.0
"""2018-05-02 08:00:05 in China."""

OPERATOR = Operator("op-0117", "测试员", "229901000000")
VERIFICATION = Verification(
    "v1", "counter", "JL1", DAY, ("passport",), "exit_entry_application", None, OPERATOR, CHILD, FATHER, None, 8000
)
INTENT = Intent("e1", VERIFICATION, "jilin-2018-05", NOW, 100.0)


def check(*people: Person, year: int | None = None, page: str | None = None) -> Check:
    return Check("any", "any", dict(zip(("person", "other"), people, strict=False)), DAY, year=year, page=page)


def mapping(authority: str) -> Mapping:
    return load_or_raise(CONTRACTS / "authorities" / authority / "mapping.yaml", Mapping)


def contract(authority: str) -> Contract:
    return load_or_raise(CONTRACTS / "authorities" / authority / "contract.yaml", Contract)
