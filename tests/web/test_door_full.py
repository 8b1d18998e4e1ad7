"""The door when there is no room: refused before its body is waited for; and no forgery takes anybody's place."""

from __future__ import annotations

import asyncio

from tests.turns import until
from tests.web.doorway import BODY, doorway
from tests.wire import exchange


async def test_beyond_the_cap_it_is_refused_without_its_body_and_signed():
    async with doorway(cap=1) as door:
        door.unblocked = asyncio.Event()
        first = asyncio.ensure_future(door.send(door.ask()))
        await until(lambda: len(door.taken) == 1)
        second = asyncio.ensure_future(door.send(door.ask()))  # the one that may wait
        await until(lambda: door.entrance.admission.waiting == 1)
        asked = door.ask()
        reply = await exchange(door.address, asked.head())
        assert (reply.status, reply.code, reply.headers["retry-after"]) == (503, "overloaded", "1")
        assert door.is_bound(reply, asked) is False
        assert not reply.is_closed
        door.unblocked.set()
        assert [(await each).status for each in (first, second)] == [200, 200]
        assert (door.entrance.admission.is_empty, door.counted) == (True, ["overloaded"])
        assert door.ledger.refusals == []


async def test_a_body_that_does_not_come_and_a_forged_signature_take_no_place():
    async with doorway(cap=1) as door:
        host, _, port = door.address.partition(":")
        _, slow = await asyncio.open_connection(host, int(port))
        slow.write(door.ask().head() + BODY[:5])
        await slow.drain()
        forged = await door.send(door.ask(BODY, edit=lambda text: text, sent={"Content-Digest": None}))
        assert forged.status == 401
        assert (await door.send(door.ask())).status == 200
        slow.transport.abort()


async def test_bulk_has_its_own_share_and_naming_a_counters_key_gives_it_no_more():
    async with doorway(cap=4) as door:
        door.unblocked = asyncio.Event()
        first = asyncio.ensure_future(door.send(door.ask_in_bulk()))
        await until(lambda: len(door.taken) == 1)
        refused = await exchange(door.address, door.ask_in_bulk().head())
        assert (refused.status, refused.code, refused.headers["retry-after"]) == (503, "overloaded", "5")
        forged = await door.send(door.ask_in_bulk(keyid="counter-test-key"))
        assert (forged.status, forged.code) == (401, "signature_invalid")
        counter = asyncio.ensure_future(door.send(door.ask()))
        await until(lambda: len(door.taken) == 2)
        assert door.entrance.admission.inside == {"counter": 1, "bulk": 1}
        door.unblocked.set()
        assert [(await each).status for each in (first, counter)] == [200, 200]
