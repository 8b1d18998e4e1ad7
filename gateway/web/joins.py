"""Of authorities with several channels: how often these disagree, in which facts and where, and how often both were asked.

Labels are closed: facts are those that the mapping files name, regions those that the consumers' grants name.
"""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Callable, Iterable
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter

from gateway.model import WhyNot

ELSEWHERE: Final = "other"
"""The region of a unit that no grant names any more."""

_HEDGES: Final = {None: "made", WhyNot.HEDGE_NOT_NEEDED: "not_needed", WhyNot.HEDGE_BUDGET_SPENT: "budget_spent"}


class JoinMetrics:
    """`regions` gives the prefixes of unit codes that grants name now."""

    def __init__(self, registry: CollectorRegistry, regions: Callable[[], Iterable[str]]) -> None:
        self._regions = regions
        self._divergences = Counter(
            "gateway_divergences",
            "Channels of one authority that disagree.",
            ("authority", "fact", "region"),
            registry=registry,
        )
        self._hedges = Counter(
            "gateway_hedges",
            "Next channels asked because the first one was slow, or not asked, and why.",
            ("authority", "result"),
            registry=registry,
        )
        self._counts: Counts[tuple[str, str, str]] = Counts()

    def diverged(self, authority: str, facts: tuple[str, ...], unit_code: str) -> None:
        """Called by a join with the names of the facts and the code of the unit that asked."""
        named = (region for region in self._regions() if unit_code.startswith(region))
        region = max(named, key=len, default=ELSEWHERE)
        for fact in facts:
            self._divergences.labels(authority, fact, region).inc()
            self._counts[authority, fact, region] += 1

    def hedged(self, authority: str, why_not: WhyNot | None) -> None:
        """Called by a join under `after_delay` whose first channel is slow, or has answered in time."""
        self._hedges.labels(authority, _HEDGES[why_not]).inc()

    def divergences(self) -> list[dict[str, Any]]:
        """One row for each authority, fact and region since the start."""
        return [
            {"authority": authority, "fact": fact, "region": region, "count": count}
            for (authority, fact, region), count in sorted(self._counts.items())
        ]
