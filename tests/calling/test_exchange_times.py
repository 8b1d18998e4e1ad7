"""Where the time of a call went: signing, the wire, reading; attempts add up, and one that fails counts as far as it came."""

from __future__ import annotations

import pytest

from gateway.calling.dialect import Prepared
from gateway.calling.exchange import exchange
from gateway.calling.wire import Reply
from gateway.errors import Unreachable
from tests.calling.asked import intent
from tests.calling.test_exchange import LINE, READINGS, RECORD, Double, asked, reply, tree
from tests.still import StillClock


async def test_where_the_time_of_an_attempt_went():
    clock, given = StillClock(), asked()
    double = Double(tree("0", RECORD), reply(), clock)

    async def send(prepared: Prepared) -> Reply:
        clock.move(2)
        return await double.send(prepared)

    for _ in range(2):
        await exchange(LINE, double, READINGS, send, clock)(intent(), given)
    assert given.trail.seconds == pytest.approx({"sign": 0, "wire": 4.08, "decode": 0})


async def test_the_wire_is_timed_when_nothing_comes_back():
    clock, given = StillClock(), asked()

    async def send(prepared: Prepared) -> Reply:
        clock.move(3)
        raise Unreachable("nothing came")

    with pytest.raises(Unreachable):
        await exchange(LINE, Double(tree(), reply(), clock), READINGS, send, clock)(intent(), given)
    assert given.trail.seconds == {"sign": 0, "wire": 3}
