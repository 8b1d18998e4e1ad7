"""Metrics and health: labels from closed lists, and the state of a channel as its last findings show it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.model import Check, Decision, Disposition, Finding, Judgement, Person, Reason, Status, Verdict
from gateway.store.commits import Counts
from gateway.web.metrics import REMEMBERED, Metrics
from tests.still import StillClock
from tests.system import CHANNELS, System

CHECK = Check("residence_permit", "residence", {"subject": Person("229901201206011035", "测试子")}, date(2018, 5, 2))


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def metrics(clock: StillClock) -> Metrics:
    metrics = Metrics(clock)
    metrics.expect("residence_permit", "share")
    return metrics


def found(metrics: Metrics, *statuses: Status, seconds: float = 0.01) -> None:
    for status in statuses:
        metrics.observe(CHECK, Finding("residence_permit", "share", status, attempts=1), seconds)


def row(metrics: Metrics) -> dict[str, Any]:
    (only,) = metrics.authorities()
    return only


def samples(metrics: Metrics, entries: int = 0) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = metrics.exposition(Counts(entries)).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_channel_has_its_row_before_anything_was_asked(metrics: Metrics):
    assert row(metrics) == {
        "authority": "residence_permit", "channel": "share", "state": "unknown", "breaker": "closed",
        "recent": 0, "recent_good": 0, "median_ms": None, "last_success_at": None,
        "last_failure_at": None, "last_failure": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        ((Status.ANSWERED,), "works"),
        ((Status.NO_RECORD,), "works"),
        ((Status.TIMEOUT,), "failing"),
        ((Status.ANSWERED,) * 9 + (Status.TIMEOUT,), "degraded"),
        ((Status.ANSWERED,) * 9 + (Status.TIMEOUT,) * 5, "failing"),
        ((Status.TIMEOUT,) * 9 + (Status.ANSWERED,) * 5, "works"),
        ((Status.TIMEOUT, Status.ANSWERED), "degraded"),
    ],
)
def test_the_last_five_findings_are_the_state(metrics: Metrics, statuses: tuple[Status, ...], state: str):
    found(metrics, *statuses)
    assert row(metrics)["state"] == state


def test_a_row_says_since_when_and_why(metrics: Metrics, clock: StillClock):
    found(metrics, Status.ANSWERED, seconds=0.02)
    clock.move(60)
    found(metrics, Status.BAD_SIGNATURE, seconds=0.5)
    found(metrics, Status.ANSWERED, seconds=0.03)
    shown = row(metrics)
    assert (shown["last_failure_at"], shown["last_failure"]) == ("2018-05-02T00:01:00.000Z", "bad_signature")
    assert shown["last_success_at"] == "2018-05-02T00:01:00.000Z"
    assert (shown["recent"], shown["recent_good"], shown["median_ms"]) == (3, 2, 30)


def test_what_was_never_sent_says_nothing_about_the_authority(metrics: Metrics):
    metrics.observe(CHECK, Finding("residence_permit", "share", Status.NOT_REQUESTED), 0.0)
    assert row(metrics)["state"] == "unknown"
    labels = (("authority", "residence_permit"), ("channel", "share"), ("status", "not_requested"))
    assert samples(metrics)["gateway_check_seconds_count", labels] == 1


def test_only_so_many_findings_are_remembered(metrics: Metrics):
    found(metrics, *[Status.TIMEOUT] * 50, *[Status.ANSWERED] * REMEMBERED)
    assert (row(metrics)["recent"], row(metrics)["recent_good"]) == (REMEMBERED, REMEMBERED)


def test_the_exposition_counts_checks_decisions_refusals_and_entries(metrics: Metrics):
    found(metrics, Status.ANSWERED, Status.ANSWERED, Status.TIMEOUT, seconds=0.03)
    judgement = Judgement("residence_permit", Decision.CONFIRMED, Disposition.WAIVED, Reason.PERMIT_VALID)
    metrics.decided(Verdict("v-1", 1, "jilin-2018-05", date(2018, 5, 2), 0.0, (judgement, judgement)))
    metrics.refused("replay")
    shown = samples(metrics, entries=7)
    channel = (("authority", "residence_permit"), ("channel", "share"))
    assert shown["gateway_check_seconds_count", (*channel, ("status", "answered"))] == 2
    assert shown["gateway_check_seconds_count", (*channel, ("status", "timeout"))] == 1
    assert shown["gateway_check_seconds_bucket", (*channel, ("le", "0.05"), ("status", "answered"))] == 2
    assert shown["gateway_decisions_total", (("decision", "confirmed"), ("material", "residence_permit"))] == 2
    assert shown["gateway_refusals_total", (("code", "replay"),)] == 1
    assert shown["gateway_ledger_entries", ()] == 7


@pytest.mark.asyncio(loop_scope="module")
async def test_the_admin_listener_serves_both_and_the_public_one_neither(system: System):
    await system.ask("P12")
    exposed = await system.get("/metrics", admin=True)
    assert exposed.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = {family.name for family in text_string_to_metric_families(exposed.text)}
    assert {"gateway_check_seconds", "gateway_decisions", "gateway_refusals", "gateway_ledger_entries"} <= families
    assert "gateway_ledger_entries 5.0" in exposed.text  # started; intent, two calls, outcome
    health = await system.get("/health/authorities", admin=True)
    rows = {(each["authority"], each["channel"]): each["state"] for each in health.json()["authorities"]}
    assert health.json()["divergences"] == []
    asked = {("household_registry", "query"), ("residence_permit", "share")}
    assert rows == {key: "works" if key in asked else "unknown" for key in CHANNELS}
    for path in ("/metrics", "/health/authorities"):
        assert (await system.get(path)).status_code == 404
        assert (await system.get("/v1/verifications", admin=True)).status_code == 404


def test_refreshes_are_counted_by_what_came_of_them() -> None:
    metrics = Metrics(StillClock())
    metrics.refreshed("social_insurance", "share", True)
    metrics.refreshed("social_insurance", "share", False)
    for result in ("renewed", "failed"):
        labels = f'authority="social_insurance",channel="share",result="{result}"'
        assert f"gateway_secret_refreshes_total{{{labels}}} 1.0" in metrics.exposition(Counts(0)).decode().splitlines()


def test_limits_and_canaries_are_counted_by_consumer() -> None:
    metrics = Metrics(StillClock())
    metrics.limited("counter", "rate_limited")
    metrics.limited("counter", "subject_budget")
    metrics.limited("counter", "subject_budget")
    metrics.canary_sighted("counter")
    shown = samples(metrics)
    assert shown["gateway_limited_total", (("consumer", "counter"), ("limit", "rate_limited"))] == 1
    assert shown["gateway_limited_total", (("consumer", "counter"), ("limit", "subject_budget"))] == 2
    assert shown["gateway_canary_questions_total", (("consumer", "counter"),)] == 1
