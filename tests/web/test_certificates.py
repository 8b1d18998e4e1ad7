"""What the metrics say of certificates."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from gateway.clock import SystemClock
from gateway.security import tls
from gateway.security.reloading import Reloaded
from gateway.web.certificates import Certificates
from tests.private_ca import PrivateCa
from tests.still import StillClock


def test_how_long_each_certificate_still_lasts_and_whether_the_next_was_refused(tmp_path: Path) -> None:
    ca = PrivateCa(tmp_path)
    pair = ca.issue("served", days=2)
    files = {"listen": pair.certificate, "listen.private_key": pair.private_key, "listen.client_ca": ca.file}
    clock, registry = StillClock(unix_seconds=SystemClock().unix()), CollectorRegistry()
    registry.register(Certificates([Reloaded("listen", lambda: tls.served(*pair, ca.file, True), files)], clock))

    def value(name: str, where: str) -> float | None:
        return registry.get_sample_value(f"gateway_certificate_{name}", {"where": where})

    assert value("expires_seconds", "listen") == pytest.approx(2 * 86_400, abs=60)
    assert value("expires_seconds", "listen.client_ca") == pytest.approx(3650 * 86_400, abs=60)
    assert value("expires_seconds", "listen.private_key") is None
    assert value("refused", "listen") == 0
    clock.move(86_400)
    pair.private_key.write_bytes(b"")
    assert value("expires_seconds", "listen") == pytest.approx(86_400, abs=60)
    assert value("refused", "listen") == 1
