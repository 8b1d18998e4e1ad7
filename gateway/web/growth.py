"""The ledger's size and lag, as metrics: looked at in every round of the watch, so that a scrape costs no question anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from gateway.clock import Clock
from gateway.ledger.ledger import Ledger
from gateway.ledger.retention import Daily, Pruned
from gateway.settings import Audit
from gateway.store import growth
from gateway.store.sqlite import Store


class LedgerGrowth(Collector):
    """Of one store; nothing before the first look."""

    def __init__(self, store: Store, path: Path, clock: Clock) -> None:
        self._store = store
        self._path = path
        self._clock = clock
        self._seen: growth.Growth | None = None

    async def look(self) -> None:
        """Looks now. Raises Unwritable where the ledger cannot be read: what was seen before stands."""
        self._seen = await self._store.read(partial(growth.look, path=self._path))

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What was seen last."""
        seen = self._seen
        if seen is None:
            return
        now = self._clock.unix()
        rows = {
            ("gateway_ledger_bytes", "Size of the ledger's file."): seen.file_bytes,
            ("gateway_ledger_log_bytes", "Size of its write-ahead log."): seen.log_bytes,
            ("gateway_ledger_disk_free_bytes", "What is free where the ledger is."): seen.free_bytes,
            ("gateway_ledger_open_intents", "Questions that have no end yet."): seen.open_intents,
            ("gateway_ledger_checkpoint_age_seconds", "Since the newest checkpoint; it rests while nothing comes."): (
                now - seen.signed_at if seen.signed_at else 0
            ),
            ("gateway_ledger_oldest_body_seconds", "Age of the oldest entry that was not pruned."): (
                now - seen.oldest_at if seen.oldest_at else 0
            ),
        }
        for (name, text), value in rows.items():
            yield GaugeMetricFamily(name, text, value=value)
        uncovered = GaugeMetricFamily(
            "gateway_ledger_uncovered_entries", "Not under a checkpoint yet.", labels=["shard"]
        )
        for number, count in seen.uncovered.items():
            uncovered.add_metric([str(number)], count)
        yield uncovered
        waiting = GaugeMetricFamily("gateway_officer_checks_open", "Officers are still to look.", labels=["material"])
        for material, count in seen.officer_checks.items():
            waiting.add_metric([material], count)
        yield waiting


def upkeep_of(
    stack: AsyncExitStack,
    path: Path,
    audit: Audit,
    store: Store,
    ledger: Ledger,
    clock: Clock,
    registry: CollectorRegistry,
) -> Sequence[Callable[[], Awaitable[None]]]:
    """What a ledger needs every second beside its signature: a bite of what is too old, and a look at its size."""
    retention = Daily(Pruned(path, store, ledger, "gateway"), clock, audit.retention_months)
    stack.push_async_callback(retention.close)
    growth = LedgerGrowth(store, path, clock)
    registry.register(growth)
    return retention.step, growth.look
