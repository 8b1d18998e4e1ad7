"""Months of social insurance, written short: `2017-04..2018-03`, `~2017-08` paid afterwards, `2018-01@2102` elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from gateway.contract.policies import InsuranceParameters
from gateway.model import Finding, Operator, Person, Status, Verification

PENSION, MEDICAL = "pension_employee", "medical_employee"
HERE, SAME_PROVINCE, ELSEWHERE = "229901", "229902", "219901"
RULES = InsuranceParameters(
    min_months=12, reporting_lag_months=2, allowed_gap_months=0, kinds_any_of=[PENSION, MEDICAL],
    count_back_payment=False, bridge_months=2, place="same_city",
)  # fmt: skip
_WRITTEN = re.compile(r"(~?)(\d{4}-\d{2})(?:\.\.(\d{4}-\d{2}))?(?:@(\d{4}))?")


def rules(**changes: Any) -> InsuranceParameters:
    return InsuranceParameters.model_validate(RULES.model_dump() | changes)


def months(written: str, kind: str = PENSION) -> list[dict[str, Any]]:
    """One row per month."""
    rows = []
    for part in written.replace(",", " ").split():
        found = _WRITTEN.fullmatch(part)
        assert found is not None, part
        afterwards, first, last, city = found.groups()
        for month in _between(first, last or first):
            payment, region = "back_payment" if afterwards else "normal", f"{city}01" if city else HERE
            rows.append({"month": month, "kind": kind, "payment": payment, "region": region})
    return rows


def _between(first: str, last: str) -> Iterator[date]:
    begin, end = (int(text[:4]) * 12 + int(text[5:]) - 1 for text in (first, last))
    assert begin <= end
    return (date(number // 12, number % 12 + 1, 1) for number in range(begin, end + 1))


def kind(name: str = PENSION, participation: str = "normal", paying: str | None = "paying") -> dict[str, Any]:
    return {"kind": name, "participation": participation, "paying": paying}


def found(
    *rows: dict[str, Any], kinds: tuple[dict[str, Any], ...] = (), channel: str = "share", **more: Any
) -> Finding:
    facts = {"months": list(rows), "kinds": list(kinds)}
    return Finding("social_insurance", channel, Status.ANSWERED, {"insured": facts}, **more)


def applies(day: date = date(2018, 5, 2), unit_code: str = "229901000000") -> Verification:
    return Verification(
        "v1", "counter", "JL1", day, ("passport",), "exit_entry_application", "employment",
        Operator("op-0117", "测试员", unit_code), Person("219901199103151084", "样例戊"), None, None, 8000,
    )  # fmt: skip
