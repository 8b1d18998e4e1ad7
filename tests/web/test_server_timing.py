"""Server-Timing: on every answer of the door, in our own words, to a tenth of a millisecond."""

from __future__ import annotations

import re

from gateway.web.problems import refused
from gateway.web.server_timing import PARTS, Stopwatch
from tests.still import StillClock
from tests.web.doorway import Doorway


def test_parts_follow_each_other_and_the_whole_is_all_of_them():
    clock = StillClock()
    watch = Stopwatch(clock.monotonic)
    for seconds, part in zip((0.0012, 0, 0.5), PARTS, strict=True):
        clock.move(seconds)
        watch.ended(part)
    clock.move(0.001)
    assert watch.header() == "door;dur=1.2, queue;dur=0.0, work;dur=500.0, total;dur=502.2"


async def test_every_answer_says_where_its_time_went(door: Doorway):
    reply = await door.send(door.ask())
    assert reply.headers["server-timing"] == "door;dur=0.0, queue;dur=0.0, work;dur=0.0, total;dur=0.0"
    unsigned = await door.send(door.ask(sent={"Signature": None}))
    assert (unsigned.status, unsigned.headers["server-timing"]) == (401, "total;dur=0.0")


async def test_a_refusal_says_only_how_far_it_came(door: Doorway):
    door.fails_with = refused("scope")
    reply = await door.send(door.ask())
    assert re.findall(r"(\w+);dur", reply.headers["server-timing"]) == ["door", "queue", "total"]
