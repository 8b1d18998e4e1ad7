"""What ends a race: a confirmation under the policy of the intent, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from gateway.judging import conclusive, conclusive_by
from gateway.model import Check, Finding, Intent, Status

from .builders import FAULTS, RULES
from .insured import applies, found, months

CHECK = Check("social_insurance", "insurance", {}, date(2018, 5, 2))
ENOUGH, SHORT = found(*months("2017-04..2018-03")), found(*months("2018-01..2018-03"))


def settles(finding: Finding, check: Check = CHECK, materials: tuple[str, ...] | None = None) -> bool:
    return conclusive(RULES, replace(applies(), materials=materials), check, finding)


def test_only_a_confirmation_settles_it() -> None:
    assert settles(ENOUGH)
    assert not settles(SHORT)
    assert not settles(Finding("social_insurance", "query", Status.NO_RECORD, {"insured": None}))


@pytest.mark.parametrize("status", FAULTS)
def test_no_fault_does(status: Status) -> None:
    assert not settles(replace(ENOUGH, status=status))


def test_only_what_was_asked_for_counts() -> None:
    assert settles(ENOUGH, materials=("social_insurance_proof",))
    assert not settles(ENOUGH, materials=("residence_permit",))
    assert not settles(ENOUGH, Check("household_registry", "hukou", {}, CHECK.as_of))


def test_every_material_that_it_may_prove_must_be_confirmed() -> None:
    rule = RULES["social_insurance_proof"]
    assert rule.insurance is not None
    longer = rule.insurance.model_copy(update={"min_months": 24})
    twice = RULES | {"long": rule.model_copy(update={"material": "long", "insurance": longer})}
    assert not conclusive(twice, applies(), CHECK, ENOUGH)
    assert conclusive(twice, applies(), CHECK, found(*months("2016-04..2018-03")))
    assert conclusive(twice, replace(applies(), materials=("social_insurance_proof",)), CHECK, ENOUGH)


def test_by_the_policy_of_the_intent() -> None:
    by = conclusive_by({"jilin-2018-05": RULES, "nation-2019-04": {}})
    intent = Intent("e1", applies(), "jilin-2018-05", 0.0, 1.0)
    assert by(intent, CHECK, ENOUGH)
    assert not by(replace(intent, policy="nation-2019-04"), CHECK, ENOUGH)
