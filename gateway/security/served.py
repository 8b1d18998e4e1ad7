"""Which of our names a Host means; pure, so that a captured request can be judged like one at the door."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_PORT = re.compile(r":[0-9]{1,5}\Z")


def served_name(hosts: Sequence[str], served_as: Collection[str]) -> str | None:
    """The configured name (in lower case, as it enters a signature base), or None where no or several Hosts were sent.

    A proxy may have changed the port on the way, so a name that is ours with one port only is matched without it. The
    signature covers the configured text: whoever signed for another port is refused by it.
    """
    if len(hosts) != 1:
        return None
    host = hosts[0].lower()
    if host in served_as:
        return host
    name = _PORT.sub("", host)
    ours = [each for each in served_as if _PORT.sub("", each) == name]
    return ours[0] if len(ours) == 1 else None
