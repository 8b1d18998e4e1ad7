"""A TLS handshake between two contexts, in memory: no socket, no event loop."""

from __future__ import annotations

import ssl
from dataclasses import dataclass


@dataclass(frozen=True)
class Shaken:
    """Both ends after a handshake."""

    caller: ssl.SSLObject
    listener: ssl.SSLObject

    @property
    def serial(self) -> str:
        """The serial number of the certificate that the caller was shown."""
        shown = self.caller.getpeercert()
        assert shown is not None
        return str(shown["serialNumber"])


def shake(listener: ssl.SSLContext, caller: ssl.SSLContext, name: str = "localhost") -> Shaken:
    """Both ends until each is done and one byte went each way. Raises ssl.SSLError where one of them refuses."""
    to_listener, to_caller = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = listener.wrap_bio(to_listener, to_caller, server_side=True)
    there = caller.wrap_bio(to_caller, to_listener, server_hostname=name)
    waiting = [here.do_handshake, there.do_handshake]
    for _ in range(10):
        waiting = [step for step in waiting if not _done(step)]
    assert waiting == []
    there.write(b"1")
    assert here.read(1) == b"1"
    here.write(b"2")
    assert there.read(1) == b"2"
    return Shaken(there, here)


def _done(step: object) -> bool:
    try:
        step()  # type: ignore[operator]
    except ssl.SSLWantReadError:
        return False
    return True
