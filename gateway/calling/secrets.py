"""The platform's secret: fetched, kept, renewed in time, by one at a time; nobody waits while the old one is still good.

A secret is renewed in the last 20 % of its life, but no earlier than 60 s before its end (from then on the platform gives the
next one), and at a random moment in the first half of that, so that many gateways do not come at once. Whoever asks then
goes on with the old secret while the new one is fetched behind their back. A refresh that fails is an alarm and is tried
again; the old secret serves until its end. Only after its end, or when the platform refuses it, do callers wait for a
refresh, all for the same one; where that failed, a second passes before anybody asks again. A channel that nobody asks is
not refreshed.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from gateway.calling.tasks import Tasks
from gateway.clock import Clock
from gateway.errors import ConfigFault, Trouble, Unreachable

EARLY_PART: Final = 0.2
EARLY_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 5.0
"""Between two refreshes of a secret that is still good; less when it ends soon."""
IN_VAIN_SECONDS: Final = 1.0
"""How long refusals cause no refresh after a search in vain: their reason is probably another than the secret."""
BARREN_SECONDS: Final = 1.0
"""How long after a refresh that failed nobody asks again where there is no good secret: callers are told the same."""
REMEMBERED: Final = 4
"""How many of the last secrets a reply may be signed with: that of its request, though newer ones came meanwhile."""

_log = structlog.get_logger("gateway.calling")
_jitter = random.SystemRandom().random


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret and its end in Unix seconds."""

    text: str
    ends: float

    def __repr__(self) -> str:
        return f"Secret(ends={self.ends})"


@dataclass(frozen=True, slots=True)
class Kept:
    """Whose secret it is, how long one usually lives, how long fetching one may take, and who is told of each refresh."""

    authority: str
    channel: str
    usual_seconds: float
    fetch_seconds: float
    told: Callable[[str, str, bool], None]
    """Authority, channel, whether it worked: a metric."""


class SecretKeeper:
    """One channel's secret. `fetch` asks the platform once and raises Trouble."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Secret]],
        kept: Kept,
        tasks: Tasks,
        clock: Clock,
        jitter: Callable[[], float] = _jitter,
    ) -> None:
        self._fetch = fetch
        self._kept = kept
        self._tasks = tasks
        self._clock = clock
        self._jitter = jitter
        self._secrets: deque[Secret] = deque(maxlen=REMEMBERED)
        self._taken = 0
        self._refresh_at = 0.0
        self._quiet_until = self._barren_until = float("-inf")
        self._trouble: Trouble | None = None
        self._begun = 0
        self._running: asyncio.Task[Trouble | None] | None = None

    async def ready(self) -> Secret:
        """A secret that is good now, waiting for one only where there is none.

        Raises:
            ConfigFault: the platform refuses us, or its secret cannot be unwrapped.
            Unreachable: the platform cannot be reached, or does not answer as agreed.
        """
        now = self._clock.unix()
        if not self._is_good(now):
            if self._clock.monotonic() < self._barren_until:
                raise _anew(self._trouble)
            trouble = await self._refreshed()
            if not self._is_good(self._clock.unix()):
                raise _anew(trouble)
        elif now >= self._refresh_at:
            self._begin()
        return self.current

    @property
    def current(self) -> Secret:
        """The newest secret. Raises ConfigFault before the first `ready`."""
        if not self._secrets:
            raise ConfigFault("there is no secret yet")
        return self._secrets[-1]

    @property
    def taken(self) -> int:
        """How many secrets there were so far: the newest one's number."""
        return self._taken

    def known(self, since: int) -> tuple[str, ...]:
        """The secrets that a reply may be signed with, newest first: that of its request, by number, and those after it."""
        count = self._taken - since + 1
        return tuple(secret.text for secret in reversed(self._secrets))[:count]

    async def renewed(self, refused: Secret) -> bool:
        """After a refusal of that secret: whether there is a newer one to ask with. It is fetched if need be.

        Shortly after a search in vain it waits until one may begin again: the platform may rotate at any moment, and a
        refusal of one person's question says nothing about the others'. The caller bounds the waiting.
        """
        begun = self._begun
        # A refresh that began before the refusal may have been answered before the platform rotated its secret.
        while not self._replaced(refused) and (self._begun == begun or self._is_running()):
            if (quiet := self._quiet_until - self._clock.monotonic()) > 0:
                await self._clock.sleep(quiet)
                continue
            await self._refreshed()
            if self._begun > begun and not self._replaced(refused):
                self.in_vain()
        return self._replaced(refused)

    def in_vain(self) -> None:
        """Notes that a search for a secret that the platform accepts ended without one."""
        self._quiet_until = self._clock.monotonic() + IN_VAIN_SECONDS

    def _replaced(self, refused: Secret) -> bool:
        return bool(self._secrets) and self._secrets[-1].text != refused.text

    def _is_good(self, now: float) -> bool:
        return bool(self._secrets) and now < self._secrets[-1].ends

    def _is_running(self) -> bool:
        return self._running is not None and not self._running.done()

    def _begin(self) -> asyncio.Task[Trouble | None]:
        """The one refresh that runs, begun if none does."""
        if self._running is None or self._running.done():
            self._running = self._tasks.start(self._refresh())
            self._begun += 1
        return self._running

    async def _refreshed(self) -> Trouble | None:
        """Waits for the one refresh. Who is cancelled here leaves it running for the others."""
        task = self._begin()
        await asyncio.wait([task])
        return Unreachable("the gateway is stopping") if task.cancelled() else task.result()

    async def _refresh(self) -> Trouble | None:
        try:
            async with asyncio.timeout(self._kept.fetch_seconds):
                fetched = await self._fetch()
            self._take(fetched)
        except TimeoutError:
            return self._failed(Unreachable("the platform did not give a secret in time"))
        except Trouble as trouble:
            return self._failed(trouble)
        self._kept.told(self._kept.authority, self._kept.channel, True)
        return None

    def _take(self, fetched: Secret) -> None:
        now = self._clock.unix()
        if fetched.ends <= now:
            raise ConfigFault("the secret that the platform gave is over already: compare the clocks")
        if self._replaced(fetched) or not self._secrets:
            self._secrets.append(fetched)
            self._taken += 1
        else:
            self._secrets[-1] = fetched
        life = min(fetched.ends - now, self._kept.usual_seconds)
        early = min(life * EARLY_PART, EARLY_SECONDS) * (0.5 + 0.5 * self._jitter())
        self._refresh_at = max(now + life - early, now + self._pause())

    def _failed(self, trouble: Trouble) -> Trouble:
        now = self._clock.unix()
        left = max(self._secrets[-1].ends - now, 0.0) if self._secrets else 0.0
        self._refresh_at = now + self._pause()
        self._trouble, self._barren_until = trouble, self._clock.monotonic() + BARREN_SECONDS
        kept = self._kept
        _log.error(
            "secret.refresh_failed",
            authority=kept.authority,
            channel=kept.channel,
            status=trouble.status,
            why=trouble.why,
            seconds=round(left),
        )
        kept.told(kept.authority, kept.channel, False)
        return trouble

    def _pause(self) -> float:
        left = self._secrets[-1].ends - self._clock.unix() if self._secrets else 0.0
        return min(PAUSE_SECONDS, left / 4) * (0.5 + 0.5 * self._jitter())


def _anew(trouble: Trouble | None) -> Trouble:
    """A trouble of its own for each caller: an exception that many raise at once collects all their traces."""
    if isinstance(trouble, ConfigFault):
        return ConfigFault(trouble.why)
    return Unreachable(trouble.why if trouble is not None else "the secret ended while it was renewed")
