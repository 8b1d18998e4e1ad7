"""The breaker: when a channel is left alone for a while, and who finds out that it may be asked again. Times and outcomes in,
decisions out.

    closed    everybody may ask; what comes of it is counted, and enough bad results trip it
    open      nobody may ask, for a time that grows with every trip soon after another
    probing   one may ask, on a lease: a good result closes it, a bad one trips it again, a neutral one gives the lease back

Every change begins a new generation. A result counts only in the generation in which its call was let through: one that
began before the trip neither closes the breaker nor trips it again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What the breaker does with the next call."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


class Outcome(StrEnum):
    """What a call says about the channel. Neutral says nothing: it was cancelled, or the fault is not theirs."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Terms:
    """When it trips, and for how long. Of results only the last `calls` count, and of these none older than `seconds`."""

    in_a_row: int = 5
    share: float = 0.5
    """Of at least `least` results that count."""
    least: int = 10
    calls: int = 100
    seconds: float = 60.0
    open_seconds: float = 5.0
    """After the first trip; twice as long after each further one that comes within `seconds` of the closing."""
    most_open_seconds: float = 60.0
    lease_seconds: float = 10.0
    """Longer than any probe that is still alive can take: a lost one is given up after it."""


USUAL = Terms()


@dataclass(frozen=True, slots=True)
class Ticket:
    """Lets one call through, or many of one generation."""

    generation: int
    is_probe: bool = False


class Breaker:
    """One channel's breaker."""

    def __init__(self, terms: Terms = USUAL) -> None:
        self._terms = terms
        self._results = _Results(terms)
        self._ticket = Ticket(0)
        self._shut_until = 0.0
        self._closed_at = float("-inf")
        self._in_succession = 0
        self.state = State.CLOSED
        self.trips = 0
        """Since it was made."""

    def admit(self, now: float) -> Ticket | None:
        """What lets a call through, to be handed back with its result; None: it is refused."""
        if self.state is State.CLOSED:
            return self._ticket
        return None if now < self._shut_until else self._leased(now)

    def shut_seconds(self, now: float) -> float:
        """How long it will refuse from now on, as far as it knows. A probe may close it sooner, or trip it again."""
        return 0.0 if self.state is State.CLOSED else max(0.0, self._shut_until - now)

    def ended(self, ticket: Ticket, outcome: Outcome, now: float, jitter: float = 0.0) -> bool:
        """Takes a result; true when it tripped or closed the breaker. `jitter`, 0 to 1, shortens an opening by up to half."""
        if ticket.generation != self._ticket.generation:
            return False  # begun before the last change: it says how the channel was, not how it is
        if ticket.is_probe:
            return self._probed(outcome, now, jitter)
        return self._counted(outcome, now, jitter)

    def _counted(self, outcome: Outcome, now: float, jitter: float) -> bool:
        if outcome is Outcome.NEUTRAL:
            return False
        self._results.add(now, is_bad=outcome is Outcome.BAD)
        if not self._results.are_too_bad:
            return False
        if now - self._closed_at > self._terms.seconds:
            self._in_succession = 0
        self._open(now, jitter)
        return True

    def _probed(self, outcome: Outcome, now: float, jitter: float) -> bool:
        if outcome is Outcome.GOOD:
            self._close(now)
        elif outcome is Outcome.BAD:
            self._open(now, jitter)
        else:
            self._begin(State.OPEN)  # whoever comes next may probe, at once
            self._shut_until = now
            return False
        return True

    def _open(self, now: float, jitter: float) -> None:
        terms = self._terms
        self._begin(State.OPEN)
        longest = min(terms.open_seconds * 2.0 ** min(self._in_succession, 32), terms.most_open_seconds)
        self._shut_until = now + longest * (1 - jitter / 2)
        self._in_succession += 1
        self.trips += 1

    def _leased(self, now: float) -> Ticket:
        self._begin(State.PROBING)
        self._shut_until = now + self._terms.lease_seconds  # the probe may be lost: then somebody else gets the lease
        return self._ticket

    def _close(self, now: float) -> None:
        self._begin(State.CLOSED)
        self._closed_at = now
        self._results = _Results(self._terms)

    def _begin(self, state: State) -> None:
        self.state = state
        self._ticket = Ticket(self._ticket.generation + 1, is_probe=state is State.PROBING)


class _Results:
    """The last results, none of them too old to count."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._last: deque[tuple[float, bool]] = deque()
        self._bad = 0
        self._in_a_row = 0

    def add(self, now: float, *, is_bad: bool) -> None:
        last, oldest = self._last, now - self._terms.seconds
        last.append((now, is_bad))
        self._bad += is_bad
        self._in_a_row = self._in_a_row + 1 if is_bad else 0
        while len(last) > self._terms.calls or last[0][0] < oldest:
            self._bad -= last.popleft()[1]

    @property
    def are_too_bad(self) -> bool:
        count, terms = len(self._last), self._terms
        if min(self._in_a_row, count) >= terms.in_a_row:  # those in a row that are too old have left, too
            return True
        return count >= terms.least and self._bad >= count * terms.share
