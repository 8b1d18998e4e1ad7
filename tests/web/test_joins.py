"""What joins do is counted under closed labels."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from gateway.model import WhyNot
from gateway.web.joins import JoinMetrics

REGIONS = {"22", "2299", "11"}


def test_a_divergence_is_counted_by_fact_and_by_the_smallest_region_that_a_grant_names() -> None:
    registry = CollectorRegistry()
    joins = JoinMetrics(registry, lambda: REGIONS)
    joins.diverged("social_insurance", ("kinds", "months"), "229901000000")
    joins.diverged("social_insurance", ("months",), "229912000000")
    joins.diverged("social_insurance", ("months",), "220100000000")
    joins.diverged("social_insurance", ("months",), "440100000000")
    counted = {
        ("kinds", "2299"): 1,
        ("months", "22"): 1,
        ("months", "2299"): 2,
        ("months", "other"): 1,
    }
    assert joins.divergences() == [
        {"authority": "social_insurance", "fact": fact, "region": region, "count": count}
        for (fact, region), count in counted.items()
    ]
    for (fact, region), count in counted.items():
        labels = {"authority": "social_insurance", "fact": fact, "region": region}
        assert registry.get_sample_value("gateway_divergences_total", labels) == count


def test_hedges_are_counted_by_what_became_of_them() -> None:
    registry = CollectorRegistry()
    joins = JoinMetrics(registry, lambda: REGIONS)
    for why_not in (None, None, WhyNot.HEDGE_NOT_NEEDED, WhyNot.HEDGE_BUDGET_SPENT):
        joins.hedged("social_insurance", why_not)
    found = {
        result: registry.get_sample_value("gateway_hedges_total", {"authority": "social_insurance", "result": result})
        for result in ("made", "not_needed", "budget_spent")
    }
    assert found == {"made": 2, "not_needed": 1, "budget_spent": 1}
