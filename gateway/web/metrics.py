"""What operators measure: Prometheus metrics, and the health of every authority as the last findings show it.

Labels come from closed lists (authority, channel, status, code, consumer), never from a request, so nothing personal can get in
and no caller can grow them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from gateway.calling.breaker import State
from gateway.clock import Clock, rfc3339
from gateway.logs import lost
from gateway.model import Check, Finding, Verdict
from gateway.store.commits import Counts
from gateway.web.breakers import Breakers
from gateway.web.joins import JoinMetrics

REMEMBERED = 100
"""How many of a channel's last findings its health is judged by."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


@dataclass(slots=True)
class _Health:
    """One channel's recent past."""

    last: deque[tuple[bool, float]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    success_at: float | None = None
    failure_at: float | None = None
    failure_status: str | None = None


class WitnessMetrics:
    """Of each witness what became of the checkpoints that it was shown, and when it last cosigned one."""

    def __init__(self, registry: CollectorRegistry, clock: Clock) -> None:
        self._clock = clock
        self._shown = Counter(
            "gateway_ledger_witness_submissions",
            "Checkpoints that a witness was shown.",
            ("witness", "result"),
            registry=registry,
        )
        self._cosigned = Gauge(
            "gateway_ledger_witness_cosigned_timestamp_seconds",
            "Unix time of a witness's last line; 0 before the first.",
            ("witness",),
            registry=registry,
        )

    def expect(self, name: str) -> None:
        """Gives a witness its rows before it was asked."""
        self._cosigned.labels(name)
        for result in ("cosigned", "absent", "refused", "false"):
            self._shown.labels(name, result)

    def told(self, name: str, result: str) -> None:
        """Called for every checkpoint that a witness was shown."""
        self._shown.labels(name, result).inc()
        if result == "cosigned":
            self._cosigned.labels(name).set(self._clock.unix())


class Metrics:
    """One process's measurements. Reading them changes nothing."""

    def __init__(self, clock: Clock, regions: Callable[[], Iterable[str]] = tuple) -> None:
        """`regions` gives the prefixes of unit codes that grants name now."""
        self._clock = clock
        self.registry = CollectorRegistry()
        counter = partial(Counter, registry=self.registry)
        gauge = partial(Gauge, registry=self.registry)
        labels = ("authority", "channel", "status")
        self._checks = Histogram(
            "gateway_check_seconds", "One check of one authority.", labels, registry=self.registry, buckets=_SECONDS
        )
        self._decisions = counter("gateway_decisions", "Decisions by material.", ("material", "decision"))
        self._refusals = counter("gateway_refusals", "Requests not taken.", ("code",))
        self._forwarded = counter("gateway_forwarded_ignored", "Requests with forwarding headers from no listed proxy.")
        self._refreshes = counter(
            "gateway_secret_refreshes", "Platform secrets fetched, or not.", ("authority", "channel", "result")
        )
        self._limited = counter("gateway_limited", "Requests beyond a limit.", ("consumer", "limit"))
        self._canaries = counter("gateway_canary_questions", "Questions about a canary.", ("consumer",))
        self._entries = gauge("gateway_ledger_entries", "Ledger entries since start.")
        self.witnesses = WitnessMetrics(self.registry, clock)
        self.breakers = Breakers()
        self.registry.register(self.breakers)
        self.joins = JoinMetrics(self.registry, regions)
        self._consumers_good = gauge(
            "gateway_consumers_good", "1 when the consumer files in force are those on the disk."
        )
        self._consumers_read = gauge(
            "gateway_consumers_read_timestamp_seconds", "Unix time of the last good reading of all."
        )
        self._looked = gauge(
            "gateway_files_looked_at_timestamp_seconds", "Unix time of the last look whether files have changed."
        )
        gauge("gateway_log_lines_lost", "Log lines that could not be written.").set_function(lambda: lost.count)
        self._health: dict[tuple[str, str], _Health] = {}
        self._children: dict[tuple[str, str, str], Any] = {}

    def expect(self, authority: str, channel: str) -> None:
        """Gives a channel its row before anything was asked of it."""
        self._health[authority, channel] = _Health()

    def observe(self, check: Check, finding: Finding, seconds: float) -> None:
        """Called by `settle` for every finding."""
        key = (finding.authority, finding.channel, str(finding.status))
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._checks.labels(*key)
        child.observe(seconds)
        if not finding.attempts:
            return  # nothing was sent, so it says nothing about the authority
        health = self._health.setdefault((finding.authority, finding.channel), _Health())
        good, now = finding.status.is_reply, self._clock.unix()
        health.last.append((good, seconds))
        if good:
            health.success_at = now
        else:
            health.failure_at, health.failure_status = now, str(finding.status)

    def decided(self, verdict: Verdict) -> None:
        """Called for every answer."""
        for judgement in verdict.judgements:
            self._decisions.labels(judgement.material, str(judgement.decision)).inc()

    def refreshed(self, authority: str, channel: str, has_worked: bool) -> None:
        """Called for every refresh of a platform secret."""
        self._refreshes.labels(authority, channel, "renewed" if has_worked else "failed").inc()

    def refused(self, code: str) -> None:
        """Called for every request that was not taken."""
        self._refusals.labels(code).inc()

    async def looked(self) -> None:
        """Called in every round of the watch over files: where this stands still, revocations stand still, too."""
        self._looked.set(self._clock.unix())

    def consumers_read(self, *, are_good: bool) -> None:
        """Called for every reading of the consumer files. One that is not good leaves some older version in force."""
        self._consumers_good.set(are_good)
        if are_good:
            self._consumers_read.set(self._clock.unix())

    def forwarded_ignored(self) -> None:
        """Called for every request whose forwarding headers do not count."""
        self._forwarded.inc()

    def limited(self, consumer: str, code: str) -> None:
        """Called for every request that was one too many, with the problem's code."""
        self._limited.labels(consumer, code).inc()

    def canary_sighted(self, consumer: str) -> None:
        """Called for every question about a canary; nothing else is different about it."""
        self._canaries.labels(consumer).inc()

    def exposition(self, ledger: Counts) -> bytes:
        """The Prometheus text format, version 0.0.4."""
        self._entries.set(ledger.entries)
        return generate_latest(self.registry)

    def authorities(self) -> list[dict[str, Any]]:
        """One row per channel, by its last findings: `works`, `failing`, `degraded`, or `unknown` before the first.

        While its breaker is not closed a channel is failing: hardly anything is asked of it that could say so.
        """
        return [
            _row(authority, channel, health, self.breakers.state(authority, channel))
            for (authority, channel), health in sorted(self._health.items())
        ]


def _row(authority: str, channel: str, health: _Health, breaker: State) -> dict[str, Any]:
    good = sum(1 for was_good, _ in health.last if was_good)
    times = sorted(seconds for _, seconds in health.last)
    return {
        "authority": authority,
        "channel": channel,
        "state": _state(health) if breaker is State.CLOSED else "failing",
        "breaker": breaker.value,
        "recent": len(health.last),
        "recent_good": good,
        "median_ms": round(times[len(times) // 2] * 1000) if times else None,
        "last_success_at": rfc3339(health.success_at) if health.success_at is not None else None,
        "last_failure_at": rfc3339(health.failure_at) if health.failure_at is not None else None,
        "last_failure": health.failure_status,
    }


def _state(health: _Health) -> str:
    if not health.last:
        return "unknown"
    newest = list(health.last)[-5:]
    if not any(good for good, _ in newest):
        return "failing"
    return "works" if all(good for good, _ in newest) else "degraded"
