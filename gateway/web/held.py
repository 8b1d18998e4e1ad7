"""Which channels are not asked on purpose, for operators: held by somebody, or outside the hours of their contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from gateway.clock import Clock, rfc3339
from gateway.contract.folders import AuthorityFolder
from gateway.store.holds import Holds
from gateway.store.sqlite import Store
from gateway.web.metrics import Metrics

STATES: Final = ("drained", "open", "closed_window")


class Held(Collector):
    """Of every channel, as this process sees it at that moment."""

    def __init__(self, folders: Mapping[str, AuthorityFolder], holds: Holds, clock: Clock) -> None:
        self._holds = holds
        self._clock = clock
        self._hours = {
            (name, key): channel.hours.calendar() if channel.hours is not None else None
            for name, folder in folders.items()
            for key, channel in folder.contract.channels.items()
        }

    def row(self, authority: str, channel: str) -> dict[str, Any]:
        """What `/health/authorities` says of it: the hold, and when it opens if it is closed now."""
        now = self._clock.unix()
        hold, hours = self._holds.of(authority, channel, now), self._hours[authority, channel]
        is_closed = hours is not None and not hours.is_open(now)
        opens = hours.opens_at(now) if hours is not None and is_closed else None
        return {
            "hold": None
            if hold is None
            else {
                "state": hold.state,
                "who": hold.who,
                "why": hold.why,
                "since": rfc3339(hold.since),
                "until": rfc3339(hold.until),
            },
            "window_closed": is_closed,
            "opens_at": None if opens is None else rfc3339(opens),
        }

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """1 where it is so, 0 where not."""
        now = self._clock.unix()
        family = GaugeMetricFamily(
            "gateway_channel_held",
            "1 while a channel is not asked on purpose.",
            labels=["authority", "channel", "state"],
        )
        for (authority, channel), hours in self._hours.items():
            hold = self._holds.of(authority, channel, now)
            is_closed = hours is not None and not hours.is_open(now)
            found = {hold.state if hold is not None else "", "closed_window" if is_closed else ""}
            for state in STATES:
                family.add_metric([authority, channel, state], float(state in found))
        yield family


async def holding(
    store: Store, folders: Mapping[str, AuthorityFolder], clock: Clock, metrics: Metrics
) -> tuple[Holds, Callable[[], Awaitable[None]]]:
    """Looks at the holds, shows them, and gives them with what looks again.

    The first look comes before the first question: a restart gives no channel back into use.
    """
    holds = Holds()
    look = partial(holds.look, store)
    await look()
    held = Held(folders, holds, clock)
    metrics.registry.register(held)
    metrics.standing.append(held.row)
    return holds, look
