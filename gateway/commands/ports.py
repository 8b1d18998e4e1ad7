"""Free ports on loopback for servers that must be named before they listen."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

_BELOW_EPHEMERAL = range(20000, 32768)
"""Systems give outgoing connections ports above these, so a port found here is not taken by the next connection."""


def free_ports(count: int) -> list[int]:
    """So many different ports that nothing listens on now.

    Raises:
        OSError: there are not so many.
    """
    found: list[int] = []
    with ExitStack() as held:
        for port in random.sample(_BELOW_EPHEMERAL, len(_BELOW_EPHEMERAL)):
            if len(found) == count:
                return found
            try:
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            found.append(port)
    raise OSError("no free ports on loopback")
