"""Quota: a contract's calls an hour, honoured before the wire. All processes on one store draw on one account.

A process leases a few calls at a time, so that a call needs no commit of its own; a lease ends with the minute that it was
taken in. What is left of it is forgotten first and given back then: a crash loses it, and nothing is ever made twice of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog

from gateway.calling.tasks import Tasks
from gateway.clock import Clock
from gateway.errors import QuotaSpent, Unwritable
from gateway.model import Check, Connector, Finding, Intent, Stage
from gateway.store import quotas
from gateway.store.quotas import MINUTE_SECONDS, Taken, Taking
from gateway.store.sqlite import Store

LEASES: Final = 50
"""Into so many parts a quota is leased: no process keeps more than one of them from the others."""
WAIT_SECONDS: Final = 2.0
"""How long a call waits for a lease: one commit, on a slow disk."""
AGAIN_SECONDS: Final = 1.0
"""How long the account is not asked again after it had nothing: another process may give something back."""
TOLD_SECONDS: Final = 60.0
MOST_TOLD_SECONDS: Final = 3600.0
"""How long their own word that a quota is spent counts: where they say nothing of it, and at most."""

Lease = Callable[[Taking], Awaitable[Taken]]
"""Takes and gives back, durable when it returns. Raises Unwritable."""

_log = structlog.get_logger("gateway.calling")


class OutOfCalls(QuotaSpent):
    """By our own count, or by what they said before: nothing was sent."""

    is_ours = True


class Account:
    """One channel's quota, as this process draws on it."""

    def __init__(self, authority: str, channel: str, most: int, lease: Lease, tasks: Tasks, clock: Clock) -> None:
        self.authority = authority
        self.channel = channel
        self.most = most
        self.refused = 0
        """Calls that were not made."""
        self._lease = lease
        self._tasks = tasks
        self._clock = clock
        self._minute = 0
        self._held = 0
        self._others_left = most
        self._fetching: asyncio.Task[None] | None = None
        self._why = ""
        self._closed_until = self._told_until = float("-inf")
        self._room_at = 0.0

    @property
    def left(self) -> int:
        """Calls that may still be made now, as far as this process knows."""
        return self._others_left + (self._held if self._minute == self._now() else 0)

    def draw(self) -> bool:
        """Takes one call of the lease, if there is one and they have not said that there is none."""
        if self._held and self._minute == self._now() and self._clock.monotonic() >= self._told_until:
            self._held -= 1
            return True
        return False

    async def drawn(self) -> None:
        """Takes one call, waiting for a lease that is fetched once for all who wait. Raises OutOfCalls."""
        until = self._clock.monotonic() + WAIT_SECONDS
        while not self.draw():
            self._require_open()
            if self._fetching is None:
                self._fetching = self._tasks.start(self._fetch())
            fetching = self._fetching
            await asyncio.wait([fetching], timeout=max(until - self._clock.monotonic(), 0.0))
            if not fetching.done():
                raise self._refusal("nobody could say in time what is left", AGAIN_SECONDS)

    def told(self, spent: QuotaSpent) -> None:
        """They count otherwise than we: nothing more is sent until their hint is over."""
        seconds = min(spent.retry_after_seconds or TOLD_SECONDS, MOST_TOLD_SECONDS)
        self._told_until = max(self._told_until, self._clock.monotonic() + seconds)
        _log.warning("quota.told_spent", authority=self.authority, channel=self.channel, seconds=round(seconds))

    async def look(self, counted: int) -> None:
        """Gives back what an ended lease left over; `counted` is what the store counts against the quota now."""
        self._others_left = max(self.most - counted, 0)
        if self._held and self._minute != self._now():
            await self.give_back()

    async def give_back(self) -> None:
        """Gives back what is held. Where it cannot be written, it is lost and counts as used."""
        if self._held:
            await self._take(0)

    def _now(self) -> int:
        return int(self._clock.unix() // MINUTE_SECONDS)

    def _require_open(self) -> None:
        now = self._clock.monotonic()
        if now < self._told_until:
            raise self._refusal("they said that the quota is spent", self._told_until - now)
        if now < self._closed_until:
            raise self._refusal(self._why, max(self._room_at - self._clock.unix(), AGAIN_SECONDS))

    def _refusal(self, why: str, seconds: float) -> OutOfCalls:
        self.refused += 1
        return OutOfCalls(why, retry_after_seconds=seconds)

    async def _fetch(self) -> None:
        """One lease; whoever waits looks at the account afterwards."""
        taken = None
        try:
            taken = await self._take(max(1, self.most // LEASES))
        finally:
            self._fetching = None
            if taken is None or not taken.calls:
                self._closed_until = self._clock.monotonic() + AGAIN_SECONDS
                self._room_at = taken.room_at if taken is not None else 0.0
                self._why = "the quota is spent" if taken is not None else "calls cannot be counted"

    async def _take(self, wanted: int) -> Taken | None:
        """What was taken, None where it cannot be written: then nothing may be asked anyway."""
        back_minute, back, minute = self._minute, self._held, self._now()
        # Forgotten before it is given back: whatever becomes of the writing, no call of it is made any more.
        self._held = 0
        taking = Taking(self.authority, self.channel, minute, self.most, wanted, back_minute, back)
        try:
            taken = await self._lease(taking)
        except Unwritable:
            _log.error("quota.unwritable", authority=self.authority, channel=self.channel)
            return None
        if taken.calls:
            self._minute, self._held = minute, taken.calls
        self._others_left = taken.left
        return taken


def quota(account: Account) -> Stage:
    """Sends nothing beyond the quota. Each passing through is one call, whatever becomes of it."""

    def stage(inner: Connector) -> Connector:
        async def counted(intent: Intent, check: Check) -> Finding:
            if not account.draw():
                await account.drawn()
            try:
                return await inner(intent, check)
            except OutOfCalls:
                raise
            except QuotaSpent as spent:
                account.told(spent)
                raise

        return counted

    return stage


class Accounts:
    """The accounts of all channels, on one store."""

    def __init__(self, store: Store, tasks: Tasks, clock: Clock) -> None:
        self._store = store
        self._tasks = tasks
        self._clock = clock
        self.all: list[Account] = []

    def opened(self, authority: str, channel: str, most: int) -> Account:
        """The account of a channel, whose contract allows so many calls an hour."""
        account = Account(authority, channel, most, self._leased, self._tasks, self._clock)
        self.all.append(account)
        return account

    async def look(self) -> None:
        """Every second: what is left, for the metrics, and back with what ended leases left over. Raises Unwritable."""
        minute = int(self._clock.unix() // MINUTE_SECONDS)
        counted = await self._store.read(partial(quotas.taken, minute=minute))
        for account in self.all:
            await account.look(counted.get((account.authority, account.channel), 0))

    async def close(self) -> None:
        """Gives everything back: the next start need not wait for it."""
        for account in self.all:
            await account.give_back()

    async def _leased(self, taking: Taking) -> Taken:
        return await self._store.write(partial(quotas.take, taking=taking))
