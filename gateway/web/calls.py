"""The calls of the contracts' quotas as operators see them, and the checks that shared another one's call."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.calling.quota import Accounts
from gateway.calling.single_flight import Flights


class Calls(Collector):
    """Read at each scrape from the accounts and flights themselves: nothing is told on the way of a call."""

    def __init__(self, accounts: Accounts, flights: Flights) -> None:
        self._accounts = accounts
        self._flights = flights

    def collect(self) -> Iterator[Metric]:
        """What is left now and what was refused since the start, by channel; what was shared, by authority."""
        labels = ("authority", "channel")
        left = GaugeMetricFamily("gateway_quota_left", "Calls that may still be made in this hour.", labels=labels)
        refused = CounterMetricFamily("gateway_quota_refused", "Calls not made for want of quota.", labels=labels)
        for account in self._accounts.all:
            left.add_metric((account.authority, account.channel), account.left)
            refused.add_metric((account.authority, account.channel), account.refused)
        shared = CounterMetricFamily(
            "gateway_checks_shared", "Checks that made no call of their own.", labels=labels[:1]
        )
        for authority, count in sorted(self._flights.shared.items()):
            shared.add_metric((authority,), count)
        yield from (left, refused, shared)
