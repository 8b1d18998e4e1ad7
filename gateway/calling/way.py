"""One channel's way out: the only origin that it may ask, and the TLS that it asks with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from yarl import URL

from gateway.calling.wire import Reply, Wire
from gateway.clock import Clock
from gateway.errors import ConfigFault
from gateway.security.reloading import Reloaded


@dataclass(frozen=True, slots=True)
class Way:
    """What a channel is asked through. Its origin was held against the outbound hosts when the settings were read."""

    wire: Wire
    clock: Clock
    origin: URL
    tls: Reloaded | None = None

    async def post(self, url: URL, headers: Mapping[str, str], body: bytes, *, limit: int) -> Reply:
        """As `Wire.post`.

        Raises:
            ConfigFault: the url is not this channel's. Whatever went wrong above, nobody else hears of a person.
        """
        asked, ours = (url.scheme, url.host, url.port), (self.origin.scheme, self.origin.host, self.origin.port)
        if asked != ours:
            raise ConfigFault("another host than this channel's was about to be asked")
        context = self.tls.context(self.clock.monotonic()) if self.tls is not None else None
        return await self.wire.post(url, headers, body, limit=limit, tls=context)
