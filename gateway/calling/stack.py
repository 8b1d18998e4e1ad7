"""The stack: every stage between a question and the wire, in the order in which the question travels.

Read it from the top. Each entry says why it stands above the next one. An authority with one channel is the second list
alone; where there are several, the first list and the join stand above one such list for each channel. The places of the
stages that come with the failure work (single flight, hold and window, breaker, places, quota) are marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from gateway.calling.join import Branch, Joined, join
from gateway.calling.limits import attempt_limit
from gateway.calling.renewal import renewal
from gateway.calling.retry import retry
from gateway.calling.secrets import SecretKeeper
from gateway.calling.settle import Observe, settle, settle_all
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


def authority_stages(first: str) -> list[Stage]:
    """Above the join of an authority's channels. A question meets the first entry first."""
    return [
        # Above everything: should the join itself fail, a Finding comes out all the same.
        settle_all(first),
        # (single flight: above the join, so that one caller's short deadline does not end what others wait for)
        # The join stands here: above what belongs to one channel, so that each has its own walk, retry and limits. No deadline
        # in this file: `asking` takes what is there in time, and what is not goes on to be the next revision.
    ]


def channel_stages(plan: ChannelPlan, clock: Clock, observe: Observe) -> list[Stage]:
    """Of one channel, below the join if there is one. A question meets the first entry first."""
    return [
        # Above all that one channel does: whatever happens below becomes one Finding with its own attempts and evidence.
        settle(plan.channel, plan.grades, clock, observe),
        # (hold and window: above walk, so that a drained or closed channel is not asked for its first call either)
        # Above retry: a call of a walk that failed is asked again by itself, not the whole walk.
        walk(plan.questions),
        # Above the attempt limit: an attempt that ran into its limit may be followed by another.
        retry(clock),
        # (breaker, places, quota: below retry, each attempt counts; above the limit, so that slowness trips the breaker)
        # Below everything that waits or repeats: its seconds are one attempt's on the wire and nothing else's.
        attempt_limit(plan.attempt_seconds, clock),
        # Below the limit: asking anew with a renewed secret is part of the same attempt, for no failure has happened.
        *([] if plan.keeper is None else [renewal(plan.keeper)]),
    ]


def stacked(exchange: Connector, plan: ChannelPlan, clock: Clock, observe: Observe) -> Connector:
    """The connector of an authority with one channel: the exchange with every stage around it."""
    return _around(exchange, channel_stages(plan, clock, observe))


def joined(channels: Mapping[str, tuple[Connector, ChannelPlan]], parts: Joined, observe: Observe) -> Connector:
    """The connector of an authority with several channels: their exchanges, each in its own stack, under one join."""
    branches = {
        name: Branch(_around(exchange, channel_stages(plan, parts.clock, observe)), plan.questions)
        for name, (exchange, plan) in channels.items()
    }
    return _around(join(branches, parts), authority_stages(next(iter(channels))))


def _around(inner: Connector, stages: list[Stage]) -> Connector:
    return reduce(lambda inside, stage: stage(inside), reversed(stages), inner)
