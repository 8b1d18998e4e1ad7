"""Who is inside, who waits, and who was refused at the entrance, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.web.entrance import Entrance


class Occupancy(Collector):
    """Reading it changes nothing."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    def collect(self) -> Iterator[Metric]:
        known = self._entrance.admission
        inside = GaugeMetricFamily("gateway_requests_in_flight", "Requests that were let in.", labels=["lane"])
        turned_away = CounterMetricFamily(
            "gateway_requests_turned_away", "Requests for which there was no place.", labels=["lane"]
        )
        for lane, count in known.inside.items():
            inside.add_metric([lane], count)
            turned_away.add_metric([lane], known.refused[lane])
        yield inside
        yield turned_away
        yield GaugeMetricFamily("gateway_requests_cap", "How many may be in flight.", value=known.cap)
        yield GaugeMetricFamily("gateway_requests_waiting", "Counters that wait for a place.", value=known.waiting)
        yield GaugeMetricFamily(
            "gateway_request_cost_seconds", "The loop's CPU for one request.", value=known.cost.seconds
        )
        yield GaugeMetricFamily("gateway_draining", "1 while it ends.", value=float(known.is_closed))
