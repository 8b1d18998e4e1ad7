"""How long the certificates in use still last, and whether newer ones were refused: read when the metrics are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from gateway.clock import Clock
from gateway.security.reloading import Reloaded


class Certificates(Collector):
    """Two gauges for Prometheus. Reading them looks at the files, so a bad one is told even if nobody asks us anything."""

    def __init__(self, reloaded: Sequence[Reloaded], clock: Clock) -> None:
        self._reloaded = reloaded
        self._clock = clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        expires = GaugeMetricFamily(
            "gateway_certificate_expires_seconds", "Until the certificate in use ends.", labels=("where",)
        )
        refused = GaugeMetricFamily(
            "gateway_certificate_refused", "1 while the files hold what TLS cannot use.", labels=("where",)
        )
        for each in self._reloaded:
            for where, ends in each.ends(self._clock.monotonic()).items():
                expires.add_metric([where], ends - self._clock.unix())
            refused.add_metric([each.where], float(each.is_refused))
        yield expires
        yield refused
