"""How long the certificates in use still last, whether newer ones were refused, and who could not shake hands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.clock import Clock
from gateway.security.reloading import Reloaded


class Certificates(Collector):
    """For Prometheus. Reading them looks at the files, so a bad one is told even if nobody asks us anything."""

    def __init__(self, reloaded: Sequence[Reloaded], clock: Clock) -> None:
        self._reloaded = reloaded
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        expires = GaugeMetricFamily(
            "gateway_certificate_expires_seconds", "Until the certificate in use ends.", labels=("where",)
        )
        refused = GaugeMetricFamily(
            "gateway_certificate_refused", "1 while the files hold what TLS cannot use.", labels=("where",)
        )
        failed = CounterMetricFamily(
            "gateway_handshakes_failed", "Handshakes that ended in an error.", labels=("where", "why")
        )
        for each in self._reloaded:
            for where, ends in each.ends(self._clock.monotonic()).items():
                expires.add_metric([where], ends - self._clock.unix())
            refused.add_metric([each.where], float(each.is_refused))
            for why, count in each.failed.items():
                failed.add_metric([each.where, why], count)
        yield expires
        yield refused
        yield failed
