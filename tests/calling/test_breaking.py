"""The breaker's stage: what each end of a call means, one probe for a whole crowd, and a lease that nobody keeps."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from gateway.calling.breaker import Breaker, Outcome, State
from gateway.calling.breaking import breaker, outcome_of
from gateway.errors import Busy, QuotaSpent, TimedOut, Tripped, Unreachable
from gateway.model import Connector, Finding
from tests.calling.asked import Told, answered, check, every_trouble, intent, never, told
from tests.calling.doubles import turns
from tests.still import StillClock

MEANS = {
    "unreachable": "bad", "timeout": "bad", "busy": "bad", "bad_reply": "bad", "bad_signature": "bad", "not_bound": "bad",
    "ambiguous": "good", "subject_mismatch": "good",
    "config_fault": "neutral", "quota_spent": "neutral", "closed_window": "neutral", "drained": "neutral",
    "circuit_open": "neutral",
}  # fmt: skip


@pytest.mark.parametrize("trouble", every_trouble(), ids=lambda trouble: type(trouble).__name__)
def test_every_trouble_has_its_meaning(trouble) -> None:
    assert outcome_of(trouble) == MEANS[trouble.status]


@pytest.mark.parametrize(
    "error",
    [asyncio.CancelledError(), KeyError("ours"), Busy("x", is_ours=True), TimedOut("x", is_ours=True),
     QuotaSpent("x", is_ours=True)],
)  # fmt: skip
def test_what_is_ours_says_nothing_about_them(error) -> None:
    assert outcome_of(error) is Outcome.NEUTRAL


def guarded(machine: Breaker, clock: StillClock, inner: Told) -> Connector:
    return breaker(machine, clock, "query", lambda: 0.0)(inner)


async def trip(machine: Breaker, clock: StillClock) -> None:
    for _ in range(5):
        with pytest.raises(Unreachable):
            await guarded(machine, clock, told(Unreachable("x")))(intent(), check())
    assert machine.state is State.OPEN


async def test_while_it_is_open_nobody_is_asked_and_everybody_hears_until_when() -> None:
    machine, clock, inner = Breaker(), StillClock(), told()
    with capture_logs() as lines:
        await trip(machine, clock)
    assert lines == [
        {
            "event": "breaker.tripped",
            "log_level": "warning",
            "authority": "registry",
            "channel": "query",
            "seconds": 5.0,
        }
    ]
    clock.move(2)
    with pytest.raises(Tripped) as refused:
        await guarded(machine, clock, inner)(intent(), check())
    assert (inner.calls, refused.value.retry_after_seconds, refused.value.is_ours) == ([], 3.0, True)


async def test_of_a_hundred_at_half_open_one_probes_and_closes_it_for_all() -> None:
    machine, clock, gate = Breaker(), StillClock(), asyncio.Event()
    await trip(machine, clock)
    clock.move(5)

    async def waits(_: object) -> Finding:
        await gate.wait()
        return answered()

    inner = told(waits)
    asking = [asyncio.ensure_future(guarded(machine, clock, inner)(intent(), check())) for _ in range(100)]
    await turns()
    assert len(inner.calls) == 1
    with capture_logs() as lines:
        gate.set()
        found = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(each) for each in found].count(Tripped) == 99
    assert [line["event"] for line in lines] == ["breaker.closed"]
    assert await guarded(machine, clock, inner)(intent(), check()) == answered()


async def test_a_cancelled_probe_gives_its_lease_back() -> None:
    machine, clock, inner = Breaker(), StillClock(), told(never)
    await trip(machine, clock)
    clock.move(5)
    probe = asyncio.ensure_future(guarded(machine, clock, inner)(intent(), check()))
    await inner.entered.wait()
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    assert machine.trips == 1
    assert await guarded(machine, clock, told())(intent(), check()) == answered()
    assert machine.state is State.CLOSED


async def test_a_probe_that_fails_shuts_it_for_longer() -> None:
    machine, clock = Breaker(), StillClock()
    await trip(machine, clock)
    clock.move(5)
    with pytest.raises(TimedOut):
        await guarded(machine, clock, told(TimedOut("x")))(intent(), check())
    assert (machine.state, machine.shut_seconds(clock.monotonic())) == (State.OPEN, 10.0)
