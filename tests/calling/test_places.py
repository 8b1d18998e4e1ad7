"""Places: so many and no more, in order, and none is ever lost, whoever is cancelled when."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.calling.places import places
from gateway.errors import Busy
from gateway.model import Check, Connector, Finding, Intent
from tests.calling.asked import answered, check, intent
from tests.calling.doubles import turns
from tests.still import StillClock


class Held:
    """A connector whose calls end when they are told to, and that counts how many there are at once."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.gates: list[asyncio.Event] = []
        self.now = self.most = 0

    async def __call__(self, intent: Intent, check: Check) -> Finding:
        self.now += 1
        self.most = max(self.most, self.now)
        self.order.append(check.question)
        self.gates.append(gate := asyncio.Event())
        try:
            await gate.wait()
        finally:
            self.now -= 1
        return answered()


def ask(connector: Connector, name: str) -> asyncio.Future[Finding]:
    return asyncio.ensure_future(connector(intent(), check(name)))


async def test_there_are_never_more_and_the_line_keeps_its_order() -> None:
    held = Held()
    connector = places(2, 5.0, StillClock())(held)
    asking = [ask(connector, name) for name in "abcdef"]
    for count in range(6):
        await turns()
        held.gates[count].set()
    await asyncio.gather(*asking)
    assert (held.most, "".join(held.order)) == (2, "abcdef")


async def test_who_waits_in_vain_gets_a_busy_that_is_ours_and_what_was_waited_is_told() -> None:
    clock, held = StillClock(), Held()
    connector = places(1, 0.001, clock)(held)
    first = ask(connector, "a")
    await turns()
    given_check = check("b")
    with pytest.raises(Busy) as busy:
        await connector(intent(), given_check)
    assert busy.value.is_ours
    assert list(given_check.trail.seconds) == ["queue"]
    held.gates[0].set()
    await first
    third = ask(connector, "c")
    await turns()
    held.gates[1].set()
    assert await third == answered()


async def test_the_time_in_line_is_the_clock_s() -> None:
    clock, held, asked = StillClock(), Held(), check("b")
    connector = places(1, 5.0, clock)(held)
    first = ask(connector, "a")
    await turns()
    second = asyncio.ensure_future(connector(intent(), asked))
    await turns()
    clock.move(0.25)
    held.gates[0].set()
    await turns()
    held.gates[1].set()
    await asyncio.gather(first, second)
    assert asked.trail.seconds == {"queue": 0.25}


async def test_one_cancelled_as_the_place_is_handed_over_passes_it_on() -> None:
    held = Held()
    connector = places(1, 5.0, StillClock())(held)
    first, second, third = ask(connector, "a"), ask(connector, "b"), ask(connector, "c")
    await turns()
    held.gates[0].set()
    while not first.done():
        await turns(1)
    second.cancel()
    await turns()
    held.gates[-1].set()
    assert await third == answered()
    assert held.most == 1


async def test_nobody_waits_whom_the_deadline_leaves_no_time() -> None:
    held = Held()
    connector = places(1, 60.0, StillClock())(held)
    first = ask(connector, "a")
    await turns()
    with pytest.raises(Busy):
        await connector(intent(999.0), check("b"))
    first.cancel()


@given(
    steps=st.lists(st.tuples(st.sampled_from(["ask", "end", "cancel"]), st.integers(0, 9), st.booleans()), max_size=40)
)
async def test_no_place_is_ever_lost(steps: list[tuple[str, int, bool]]) -> None:
    held, asking = Held(), []
    connector = places(2, 60.0, StillClock())(held)
    for what, which, goes_on in steps:
        if what == "ask":
            asking.append(ask(connector, "x"))
        elif what == "end" and held.gates:
            held.gates[which % len(held.gates)].set()
        elif what == "cancel" and asking:
            asking[which % len(asking)].cancel()
        if goes_on:
            await turns(3)
    assert held.most <= 2
    for each in asking:
        each.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    held.gates.clear()
    both = [ask(connector, "y"), ask(connector, "z")]
    await turns()
    assert (held.now, len(held.gates)) == (2, 2)
    for gate in held.gates:
        gate.set()
    await asyncio.gather(*both)
