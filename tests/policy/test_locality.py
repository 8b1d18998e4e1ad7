"""Who is local: only the registry says, and a registry that is silent says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.model import Finding, Grade, Status
from gateway.policy.locality import locality

from .builders import JILIN, hukou, registry

RULE = JILIN.who_is_local


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
    assert locality(RULE, finding) == where


@pytest.mark.parametrize("where", ["local", "non_local"])
def test_the_policy_says_what_no_record_means(where: Any) -> None:
    rule = RULE.model_copy(update={"when_no_record": where, "local_prefixes": ["99", "2299"]})
    assert locality(rule, bound(Status.NO_RECORD)) == where
    assert locality(rule, hukou("229901")) == "local"
    assert locality(rule, hukou("220184")) == "non_local"
