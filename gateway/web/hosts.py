"""Which of our names a request was sent to, behind proxies too. Only a listed proxy is believed about it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

import structlog
from aiohttp import web
from multidict import istr

from gateway.clock import Clock
from gateway.security.served import served_name

FORWARDED_HOST: Final = istr("X-Forwarded-Host")
FORWARDING: Final = (
    istr("Forwarded"), istr("X-Forwarded-For"), FORWARDED_HOST, istr("X-Forwarded-Port"), istr("X-Forwarded-Proto"),
    istr("X-Real-IP"),
)  # fmt: skip
QUIET_SECONDS: Final = 60.0

_log = structlog.get_logger("gateway.web")


class Hosts:
    """The configured names. `count` is told how many requests came with forwarding headers that nobody asked for."""

    def __init__(
        self,
        served_as: Collection[str],
        proxies: Sequence[IPv4Network | IPv6Network],
        clock: Clock,
        count: Callable[[], None],
    ) -> None:
        self._served_as = frozenset(served_as)
        self._proxies = tuple(proxies)
        self._clock = clock
        self._count = count
        self._ignored = 0
        self._quiet_until = float("-inf")

    @property
    def first(self) -> str:
        """The name that an answer is signed for when the request named none of ours."""
        return min(self._served_as)

    def of(self, request: web.Request) -> str | None:
        """The configured name that the request means, or None."""
        hosts = request.headers.getall("Host", [])
        forwarding = [name for name in FORWARDING if name in request.headers]
        if forwarding:
            if not self._is_proxy(request.remote):
                self._ignore(forwarding)
            elif FORWARDED_HOST in forwarding:
                hosts = request.headers.getall(FORWARDED_HOST)
        return served_name(hosts, self._served_as)

    def _is_proxy(self, peer: str | None) -> bool:
        if not self._proxies or peer is None:
            return False
        address = ip_address(peer)
        return any(address in network for network in self._proxies)

    def _ignore(self, names: Sequence[str]) -> None:
        self._count()
        self._ignored += 1
        now = self._clock.monotonic()
        if now >= self._quiet_until:
            # Names of our own list: what stands in the headers is never looked at.
            _log.warning("forwarded.ignored", name=", ".join(names), count=self._ignored)
            self._ignored, self._quiet_until = 0, now + QUIET_SECONDS
