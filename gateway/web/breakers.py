"""Every channel's breaker as operators see it: how it stands now, and how often it tripped."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.calling.breaker import Breaker, State


class Breakers(Collector):
    """Read at each scrape from the breakers themselves: nothing is told on the way of a call."""

    def __init__(self) -> None:
        self._watched: dict[tuple[str, str], Breaker] = {}

    def watch(self, authority: str, channel: str, breaker: Breaker) -> None:
        """From here on this one has its rows."""
        self._watched[authority, channel] = breaker

    def state(self, authority: str, channel: str) -> State:
        """How it stands; closed, too, where none is watched."""
        breaker = self._watched.get((authority, channel))
        return State.CLOSED if breaker is None else breaker.state

    def collect(self) -> Iterator[Metric]:
        """A row of the state for each word, 1 for the one that holds."""
        states = GaugeMetricFamily(
            "gateway_breaker_state", "1 for the state that it is in.", labels=("authority", "channel", "state")
        )
        trips = CounterMetricFamily("gateway_breaker_trips", "How often it tripped.", labels=("authority", "channel"))
        for where, breaker in sorted(self._watched.items()):
            trips.add_metric(where, breaker.trips)
            for state in State:
                states.add_metric((*where, state.value), float(breaker.state is state))
        yield states
        yield trips
