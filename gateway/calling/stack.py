"""The stack: every stage between a question and the wire, in the order in which the question travels.

Read it from the top. Each entry says why it stands above the next one. An authority with one channel is the second list
alone; where there are several, the first list and the join stand above one such list for each channel. The places of the
stages that come with the failure work (hold and window, breaker, places) are marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from gateway.calling.join import Branch, Joined, join
from gateway.calling.limits import attempt_limit, deadline
from gateway.calling.quota import Account, quota
from gateway.calling.renewal import renewal
from gateway.calling.retry import retry
from gateway.calling.secrets import SecretKeeper
from gateway.calling.settle import Observe, settle, settle_all
from gateway.calling.single_flight import Flights, single_flight
from gateway.calling.walk import walk
from gateway.clock import Clock
from gateway.contract.authority import Question
from gateway.model import Connector, Grade, Stage


@dataclass(frozen=True, slots=True)
class ChannelPlan:
    """What the contract says of a channel, as far as the stages must know it; and the keeper of its secret, if it has one."""

    channel: str
    grades: tuple[Grade, Grade]
    attempt_seconds: float
    questions: Mapping[str, Question]
    keeper: SecretKeeper | None = None
    account: Account | None = None
    """Its quota; None for a channel without one."""
    flights: Flights | None = None
    """What all authorities have in flight; None where nobody shares."""


def authority_stages(first: str, flights: Flights | None = None) -> list[Stage]:
    """Above the join of an authority's channels. A question meets the first entry first."""
    return [
        # Above everything: should the join itself fail, a Finding comes out all the same.
        settle_all(first),
        # Above the join, whose calls and deadline are the first asker's: who follows leaves in their own time and ends nothing.
        *([] if flights is None else [single_flight(flights)]),
        # The join stands here: above what belongs to one channel, so that each has its own walk, retry and limits. No deadline
        # above it: it bounds itself, and a second timer that ends it when the loop is late would lose every channel's evidence.
    ]


def channel_stages(plan: ChannelPlan, clock: Clock, observe: Observe, *, is_joined: bool) -> list[Stage]:
    """Of one channel, below the join if there is one. A question meets the first entry first."""
    return [
        # Above all that one channel does: whatever happens below becomes one Finding with its own attempts and evidence.
        settle(plan.channel, plan.grades, clock, observe),
        # Below settle, so that each asker has a Finding of their own; above the deadline, which is the first asker's.
        *([] if is_joined or plan.flights is None else [single_flight(plan.flights)]),
        # Above walk and retry: one deadline for all calls and attempts of the check. The join has its own.
        *([] if is_joined else [deadline(clock)]),
        # (hold and window: above walk, so that a drained or closed channel is not asked for its first call either)
        # Above retry: a call of a walk that failed is asked again by itself, not the whole walk.
        walk(plan.questions),
        # Above the attempt limit: an attempt that ran into its limit may be followed by another.
        retry(clock),
        # (breaker, places: below retry, each attempt counts; above the limit, so that slowness trips the breaker)
        # Below retry and places: each attempt is a call, and who finds no place spends none. Above the limit: waiting for the
        # store is no slowness of theirs.
        *([] if plan.account is None else [quota(plan.account)]),
        # Below everything that waits or repeats: its seconds are one attempt's on the wire and nothing else's.
        attempt_limit(plan.attempt_seconds, clock),
        # Below the limit: asking anew with a renewed secret is part of the same attempt, for no failure has happened.
        # Each such call counts, though: the quota is theirs, and they count what comes.
        *([] if plan.keeper is None else [renewal(plan.keeper, plan.account and quota(plan.account))]),
    ]


def stacked(exchange: Connector, plan: ChannelPlan, clock: Clock, observe: Observe) -> Connector:
    """The connector of an authority with one channel: the exchange with every stage around it."""
    return _around(exchange, channel_stages(plan, clock, observe, is_joined=False))


def joined(channels: Mapping[str, tuple[Connector, ChannelPlan]], parts: Joined, observe: Observe) -> Connector:
    """The connector of an authority with several channels: their exchanges, each in its own stack, under one join."""
    branches = {
        name: Branch(
            _around(exchange, channel_stages(plan, parts.clock, observe, is_joined=True)),
            plan.grades[0],
            plan.questions,
        )
        for name, (exchange, plan) in channels.items()
    }
    first = next(iter(channels))
    return _around(join(branches, parts), authority_stages(first, channels[first][1].flights))


def _around(inner: Connector, stages: list[Stage]) -> Connector:
    return reduce(lambda inside, stage: stage(inside), reversed(stages), inner)
