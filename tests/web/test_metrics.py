"""What operators measure: labels from closed lists alone, and counters that say what they count."""

from __future__ import annotations

from gateway.store.commits import Counts
from gateway.web.metrics import Metrics
from tests.still import StillClock


def lines(metrics: Metrics) -> list[str]:
    return metrics.exposition(Counts()).decode().splitlines()


def test_divergences_are_counted_by_fact() -> None:
    metrics = Metrics(StillClock())
    metrics.diverged("social_insurance", ("months", "kinds"))
    metrics.diverged("social_insurance", ("months",))
    assert 'gateway_divergences_total{authority="social_insurance",fact="months"} 2.0' in lines(metrics)
    assert 'gateway_divergences_total{authority="social_insurance",fact="kinds"} 1.0' in lines(metrics)


def test_refreshes_are_counted_by_what_came_of_them() -> None:
    metrics = Metrics(StillClock())
    metrics.refreshed("social_insurance", "share", True)
    metrics.refreshed("social_insurance", "share", False)
    for result in ("renewed", "failed"):
        labels = f'authority="social_insurance",channel="share",result="{result}"'
        assert f"gateway_secret_refreshes_total{{{labels}}} 1.0" in lines(metrics)
