"""The stack: every stage between a question and the wire, in the order in which the question travels.

Read it from the top. Each entry says why it stands above the next one. The places of the stages that come with the
failure work (single flight, join, hold and window, breaker, places, quota) are marked where they will stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from gateway.calling.limits import attempt_limit, deadline
from gateway.calling.retry import retry
from gateway.calling.settle import Observe, settle
from gateway.calling.walk import walk
from gateway.clock import Clock
from gateway.contract.authority import Question
from gateway.model import Connector, Grade, Stage


@dataclass(frozen=True, slots=True)
class ChannelPlan:
    """What the contract says of a channel, as far as the stages must know it."""

    channel: str
    grades: tuple[Grade, Grade]
    attempt_seconds: float
    questions: Mapping[str, Question]


def stages(plan: ChannelPlan, clock: Clock, observe: Observe) -> list[Stage]:
    """The order. A question meets the first entry first."""
    return [
        # Above everything: whatever happens below becomes one Finding, and one authority's failure costs no other.
        settle(plan.channel, plan.grades, clock, observe),
        # (single flight: above the deadline, so that one caller's short deadline does not end what others wait for)
        # Above walk and retry: one deadline for all calls and attempts of the check, waiting included.
        deadline(clock),
        # (join: below the deadline, which all channels of an authority share; above what belongs to one channel)
        # (hold and window: above walk, so that a drained or closed channel is not asked for its first call either)
        # Above retry: a call of a walk that failed is asked again by itself, not the whole walk.
        walk(plan.questions),
        # Above the attempt limit: an attempt that ran into its limit may be followed by another.
        retry(clock),
        # (breaker, places, quota: below retry, each attempt counts; above the limit, so that slowness trips the breaker)
        # Below everything that waits or repeats: its seconds are one attempt's on the wire and nothing else's.
        attempt_limit(plan.attempt_seconds, clock),
    ]


def stacked(exchange: Connector, plan: ChannelPlan, clock: Clock, observe: Observe) -> Connector:
    """The exchange with every stage around it: what the rest of the house calls a connector."""
    return reduce(lambda inner, stage: stage(inner), reversed(stages(plan, clock, observe)), exchange)
