"""Who is local: only the registry says, and a registry that is silent says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.contract.policies import LocalityRule
from gateway.model import Finding, Grade, Status
from gateway.policy.locality import locality

from .builders import JILIN, hukou, registry

RULE = JILIN.who_is_local
UNIT = "229901000000"


def bound(status: Status, records: Any = None) -> Finding:
    """A reply that its signature binds to our question: only such a one counts where it names nobody."""
    return Finding("household_registry", "query", status, records or {}, reply_grade=Grade.A)


FAULTS = [registry(status) for status in Status if not status.is_reply]


@pytest.mark.parametrize(
    ("finding", "where"),
    [
        (hukou("229901"), "local"),
        (hukou("220184"), "local"),
        (hukou("219901"), "non_local"),
        (hukou("122999"), "non_local"),
        (hukou(None), None),
        (Finding("household_registry", "query", Status.ANSWERED, {"subject": {}}), None),
        (Finding("household_registry", "query", Status.ANSWERED), None),
        (Finding("household_registry", "query", Status.ANSWERED, {"subject": None}), None),
        (bound(Status.ANSWERED, {"subject": None}), "non_local"),
        (registry(Status.NO_RECORD), None),
        (bound(Status.NO_RECORD), "non_local"),
        (None, None),
        *((fault, None) for fault in FAULTS),
    ],
)
def test_where(finding: Finding | None, where: str | None) -> None:
    assert locality(RULE, finding, UNIT) == where


@pytest.mark.parametrize("where", ["local", "non_local"])
def test_the_policy_says_what_no_record_means(where: Any) -> None:
    rule = RULE.model_copy(update={"when_no_record": where, "local_prefixes": ["99", "2299"]})
    assert locality(rule, bound(Status.NO_RECORD), UNIT) == where
    assert locality(rule, hukou("229901"), UNIT) == "local"
    assert locality(rule, hukou("220184"), UNIT) == "non_local"


@pytest.mark.parametrize(
    ("digits", "unit_code", "region", "where"),
    [
        (2, "229901000000", "220184", "local"),
        (2, "440100000000", "220184", "non_local"),
        (2, "440100000000", "440300", "local"),
        (4, "440100000000", "440300", "non_local"),
        (4, "440100000000", "440199", "local"),
    ],
)
def test_a_nationwide_policy_measures_from_where_the_unit_is(
    digits: int, unit_code: str, region: str, where: str
) -> None:
    rule = LocalityRule.model_validate(RULE.model_dump() | {"local_prefixes": None, "local_digits": digits})
    assert locality(rule, hukou(region), unit_code) == where


@pytest.mark.parametrize("changes", [{"local_digits": 2}, {"local_prefixes": None}])
def test_one_measure_of_the_two(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="exactly one of 'local_prefixes' and 'local_digits'"):
        LocalityRule.model_validate(RULE.model_dump() | changes)
