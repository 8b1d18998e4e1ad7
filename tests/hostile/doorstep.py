"""How every refusal at the door must look, whatever it is for."""

from __future__ import annotations

from tests.web.doorway import Doorway
from tests.wire import Asked, Reply, exchange

QUOTED = "zzqq7Zecho"
"""Put into hostile input wherever there is room: no answer holds it."""


async def turned_away(door: Doorway, asked: Asked, status: int, code: str, data: bytes = b"", path: str = "") -> Reply:
    """Fails unless the request is refused with this code, signed but not bound, told to nobody, counted, and not quoted.

    `data` are the bytes to send where they are not simply the request's; `path` is what the answer's signature covers.
    """
    door.counted.clear()
    reply = await exchange(door.address, data or asked.bytes())
    assert (reply.status, reply.code) == (status, code)
    assert door.is_bound(reply, asked, path=path or None) is False
    assert (door.taken, door.ledger.refusals) == ([], []), "nothing is asked or written, and nobody's nonce is spent"
    assert door.counted == [code]
    said = str(dict(reply.headers)) + reply.body.decode()
    for quoted in (QUOTED, asked.nonce if len(asked.nonce) > 8 else QUOTED, "229901201206011035"):
        assert quoted not in said
    assert ("accept-signature" in reply.headers) == (status == 401), "who must sign is told how"
    return reply
