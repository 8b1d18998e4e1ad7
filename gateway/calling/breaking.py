"""Breaking: the stage around the breaker's machine. While it is open nobody is asked; then one at a time."""

from __future__ import annotations

import random
from collections.abc import Callable

import structlog

from gateway.calling.breaker import Breaker, Outcome, State
from gateway.clock import Clock
from gateway.errors import (
    Ambiguous,
    ClosedWindow,
    ConfigFault,
    Drained,
    QuotaSpent,
    SubjectMismatch,
    Tripped,
    Trouble,
)
from gateway.model import Check, Connector, Finding, Intent, Stage

_THEY_LIVE = (Ambiguous, SubjectMismatch)
"""Sound replies about the person or the name that was asked for: with these a caller must not be able to trip anything."""
_NO_TELLING = (ConfigFault, QuotaSpent, ClosedWindow, Drained)
"""They refuse us or are not there now, by agreement: waiting mends the one, and nothing but us mends the other."""

_log = structlog.get_logger("gateway.calling")


def breaker(machine: Breaker, clock: Clock, channel: str, jitter: Callable[[], float] = random.random) -> Stage:
    """Raises Tripped while the machine lets nobody through, and tells it what came of every call that it let through."""

    def stage(inner: Connector) -> Connector:
        async def guarded(intent: Intent, check: Check) -> Finding:
            now = clock.monotonic()
            ticket = machine.admit(now)
            if ticket is None:
                raise Tripped("the breaker is open", retry_after_seconds=machine.shut_seconds(now))
            try:
                found = await inner(intent, check)
            except BaseException as error:  # cancelled too: a probe gives its lease back, or it is lost until that ends
                if machine.ended(ticket, outcome_of(error), clock.monotonic(), jitter()):
                    _tell(machine, clock, check, channel)
                raise
            if machine.ended(ticket, Outcome.GOOD, clock.monotonic()):
                _tell(machine, clock, check, channel)
            return found

        return guarded

    return stage


def outcome_of(error: BaseException) -> Outcome:
    """What a call that ended so says about the channel.

    A reply that breaks the contract, is not signed by them, or belongs to another question is bad like silence: whoever
    answers there is not to be sent more people's data for a while.
    """
    if not isinstance(error, Trouble) or error.is_ours or isinstance(error, _NO_TELLING):
        return Outcome.NEUTRAL  # what is no Trouble is a cancellation, or a fault of ours
    return Outcome.GOOD if isinstance(error, _THEY_LIVE) else Outcome.BAD


def _tell(machine: Breaker, clock: Clock, check: Check, channel: str) -> None:
    if machine.state is State.CLOSED:
        _log.info("breaker.closed", authority=check.authority, channel=channel)
    else:
        seconds = round(machine.shut_seconds(clock.monotonic()), 1)
        _log.warning("breaker.tripped", authority=check.authority, channel=channel, seconds=seconds)
