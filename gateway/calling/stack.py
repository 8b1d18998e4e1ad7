"""The stages of one authority, in the order in which a question travels. Only this page knows that order.

An authority with one channel has the second list alone; with several, the first list and the join stand above one such
list for each channel. The tests swap every two neighbours and see the promise break that is written between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Final

from gateway.calling.breaker import Breaker
from gateway.calling.breaking import breaker
from gateway.calling.hold import hold
from gateway.calling.join import Branch, Joined, join
from gateway.calling.limits import attempt_limit
from gateway.calling.places import places
from gateway.calling.quota import Account, quota
from gateway.calling.renewal import renewal
from gateway.calling.retry import retry
from gateway.calling.retry_budget import RetryBudget
from gateway.calling.secrets import SecretKeeper
from gateway.calling.settle import Observe, settle, settle_all
from gateway.calling.single_flight import Flights, single_flight
from gateway.calling.walk import walk
from gateway.calling.window import window
from gateway.clock import Clock
from gateway.contract.authority import Question
from gateway.contract.hours import Calendar
from gateway.model import Connector, Grade, Stage
from gateway.store.holds import Holds

PLACE_SECONDS: Final = 1.0
"""How long a call waits for a place: a counter would rather hear of an officer's look than wait in our line."""


@dataclass(frozen=True, slots=True)
class ChannelPlan:
    """What the contract says of a channel, as far as the stages must know it; and what the channel has of its own."""

    channel: str
    grades: tuple[Grade, Grade]
    attempt_seconds: float
    questions: Mapping[str, Question]
    keeper: SecretKeeper | None = None
    """Of its secret, if it has one."""
    places: int = 16
    place_seconds: float = PLACE_SECONDS
    breaker: Breaker = field(default_factory=Breaker)
    account: Account | None = None
    """Its quota; None for a channel without one."""
    flights: Flights | None = None
    """What all authorities have in flight; None where nobody shares."""
    authority: str = ""
    holds: Holds = field(default_factory=Holds)
    """What operators took in hand, of all channels."""
    hours: Calendar | None = None
    """None: they answer at any time."""


def lease_seconds(attempt_seconds: float) -> float:
    """What a probe can take at most: a place, then one attempt; and a little for a loop that is late."""
    return PLACE_SECONDS + attempt_seconds + 1.0


def authority_stages(first: str, flights: Flights | None = None) -> list[Stage]:
    """Above the join of an authority's channels. A question meets the first entry first."""
    return [
        # Above everything: should the join itself fail, a Finding comes out all the same.
        settle_all(first),
        # Above the join, whose calls are the first asker's: who follows leaves in their own time.
        *([] if flights is None else [single_flight(flights)]),
        # The join stands here: above what belongs to one channel, so that each has its own walk, retry and limits. No deadline
        # in this file: `asking` takes what is there in time, and what is not goes on to be the next revision.
    ]


def channel_stages(plan: ChannelPlan, clock: Clock, observe: Observe, *, is_joined: bool) -> list[Stage]:
    """Of one channel, below the join if there is one. A question meets the first entry first."""
    return [
        # Above all that one channel does: whatever happens below becomes one Finding with its own attempts and evidence.
        settle(plan.channel, plan.grades, clock, observe),
        # Below settle, so that each asker has a Finding of their own. Above hold and all that follows: one call is shared
        # whole, and by whoever comes while it is under way though it is held or closed by now: nothing is sent for them.
        *([] if is_joined or plan.flights is None else [single_flight(plan.flights)]),
        # Above walk: a channel in an operator's hand is not asked for its first call either, and a walk does not stop half way.
        hold(plan.holds, plan.authority, plan.channel, clock),
        # Above walk as hold is; below it, so that the counter is told what an operator did, whatever the hour.
        *([] if plan.hours is None else [window(plan.hours, clock)]),
        # Above retry: a call of a walk that failed is asked again by itself, not the whole walk.
        walk(plan.questions),
        # Above the breaker: each attempt counts there, and once it trips there is no second one.
        retry(clock, RetryBudget(clock.monotonic())),
        # Above the places: what is shut is refused at once, and nobody stands in line for it.
        breaker(plan.breaker, clock, plan.channel),
        # Above the quota: who finds no place spends no call. Above the limit: our own line never looks like a slow authority.
        places(plan.places, plan.place_seconds, clock),
        # Above the limit: waiting for the store is no slowness of theirs.
        *([] if plan.account is None else [quota(plan.account)]),
        # Below the breaker, so that slowness trips it; above the renewal, so that a slow one is slowness, too.
        attempt_limit(plan.attempt_seconds, clock),
        # Below everything: asking anew with a renewed secret is part of the same attempt, for no failure has happened.
        # Each such call counts, though: the quota is theirs, and they count what comes.
        *([] if plan.keeper is None else [renewal(plan.keeper, None if plan.account is None else quota(plan.account))]),
    ]


def stacked(exchange: Connector, plan: ChannelPlan, clock: Clock, observe: Observe) -> Connector:
    """The connector of an authority with one channel: the exchange with every stage around it."""
    return around(exchange, channel_stages(plan, clock, observe, is_joined=False))


def joined(channels: Mapping[str, tuple[Connector, ChannelPlan]], parts: Joined, observe: Observe) -> Connector:
    """The connector of an authority with several channels: their exchanges, each in its own stack, under one join."""
    branches = {
        name: Branch(around(exchange, channel_stages(plan, parts.clock, observe, is_joined=True)), plan.questions)
        for name, (exchange, plan) in channels.items()
    }
    first = next(iter(channels))
    return around(join(branches, parts), authority_stages(first, channels[first][1].flights))


def around(inner: Connector, stages: list[Stage]) -> Connector:
    """The inner connector with the stages around it, the first one outermost."""
    return reduce(lambda inside, stage: stage(inside), reversed(stages), inner)
