"""Retry: a read that failed on its way is asked once more, after full jitter, while deadline and budget have room for it."""

from __future__ import annotations

import tenacity

from gateway.calling.retry_budget import RetryBudget
from gateway.clock import Clock
from gateway.errors import Trouble
from gateway.model import Check, Connector, Finding, Intent, Stage, WhyNot

ATTEMPTS = 2
"""A counter's deadline leaves room for one more, never for a storm."""
ROOM_SECONDS = 0.1
"""An attempt that could not even take this long is not begun."""

_jitter = tenacity.wait_random_exponential(multiplier=0.2, max=1.0)


def retry(clock: Clock, budget: RetryBudget) -> Stage:
    """Asks again only after a trouble of theirs that is marked retryable; `Retry-After` is honoured.

    Success at once pays for nothing but its share of the budget. Why nothing more was tried is added to the trail.
    """

    def stage(inner: Connector) -> Connector:
        async def retried(intent: Intent, check: Check) -> Finding:
            budget.earn()
            try:
                return await inner(intent, check)
            except Trouble as trouble:
                if not _is_worth_it(trouble):
                    check.trail.why_not.append(WhyNot.RETRY_IS_NO_USE)
                    raise
                return await _Again(inner, intent, check, trouble).asked(clock, budget)

        return retried

    return stage


def _is_worth_it(error: BaseException) -> bool:
    return isinstance(error, Trouble) and error.retryable and not error.is_ours


class _Again:
    """The slow path, by tenacity: its first attempt is the one that already failed."""

    def __init__(self, inner: Connector, intent: Intent, check: Check, first: Trouble) -> None:
        self._inner = inner
        self._intent = intent
        self._check = check
        self._first = first
        self._is_first = True
        self._unasked: WhyNot | None = None
        """Why the second attempt came to nothing before it was one."""

    async def asked(self, clock: Clock, budget: RetryBudget) -> Finding:
        """What the second attempt brings, or the trouble that there was."""

        def is_over(state: tenacity.RetryCallState) -> bool:
            why = self._why_not(state, clock, budget)
            if why is not None:
                self._check.trail.why_not.append(why)
            return why is not None

        retrying = tenacity.AsyncRetrying(
            sleep=clock.sleep,
            wait=_wait,
            stop=is_over,
            retry=tenacity.retry_if_exception(_is_worth_it),
            reraise=True,
        )
        return await retrying(self._call)

    async def _call(self) -> Finding:
        if self._is_first:
            self._is_first = False
            raise self._first
        if self._check.trail.is_closed:
            self._unasked = WhyNot.NO_TIME_TO_RETRY
            raise self._first  # the answer was given meanwhile: nobody is asked again, and this is why there was no reply
        try:
            return await self._inner(self._intent, self._check)
        except Trouble as second:
            if not second.is_ours:
                raise
            self._unasked = WhyNot.RETRY_IS_NO_USE
            raise self._first from second  # we did not ask again: what they did the first time is what there is to say

    def _why_not(self, state: tenacity.RetryCallState, clock: Clock, budget: RetryBudget) -> WhyNot | None:
        now = clock.monotonic()
        if state.attempt_number >= ATTEMPTS:
            return self._unasked or WhyNot.TRIED_ENOUGH
        if now + state.upcoming_sleep + ROOM_SECONDS > self._intent.deadline:
            return WhyNot.NO_TIME_TO_RETRY
        return None if budget.spend(now) else WhyNot.RETRY_BUDGET_SPENT


def _wait(state: tenacity.RetryCallState) -> float:
    trouble = state.outcome.exception() if state.outcome else None
    asked = trouble.retry_after_seconds if isinstance(trouble, Trouble) else None
    return max(_jitter(state), asked or 0.0)
