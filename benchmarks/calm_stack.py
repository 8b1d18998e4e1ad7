"""What each stage costs a call that succeeds at once, in CPU us: the stages are put around a stand-in one by one, from below.

Beside it what others ask for less: a bare await, tenacity's decorator, and the pipeline of interlock-cb (retry by tenacity,
timeout, bulkhead and breaker).
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from typing import Any

import tenacity
from interlock import CircuitBreaker, Pipeline

from benchmarks.calm_parts import ATTEMPT_SECONDS, QUESTIONS, check, intent
from gateway.calling import stack
from gateway.calling.quota import Accounts
from gateway.calling.single_flight import Flights
from gateway.calling.tasks import Tasks
from gateway.clock import SystemClock
from gateway.model import Check, Finding, Grade, Intent, Status
from gateway.store.sqlite import Store

FOUND = Finding("authority", "first", Status.ANSWERED, {"one": {"state": "valid"}})


async def measured(rounds: int, number: int) -> dict[str, Any]:
    """Microseconds above the bare await: by stage (each with all below it, and its own part), and of the others."""
    async with AsyncExitStack() as opened:
        contenders = await _contenders(opened)
        found: dict[str, list[float]] = {name: [] for name in contenders}
        for _ in range(rounds + 1):
            for name, call in contenders.items():
                found[name].append(await _us(call, number))
    us = {name: median(each[1:]) for name, each in found.items()}
    bare = us.pop("bare await")
    above = {name: round(each - bare, 2) for name, each in us.items()}
    return {"bare_us": round(bare, 2), "above_us": above}


async def _us(call: Callable[[], Awaitable[Any]], number: int) -> float:
    before = time.process_time()
    for _ in range(number):
        await call()
    return (time.process_time() - before) / number * 1e6


async def _contenders(opened: AsyncExitStack) -> dict[str, Callable[[], Awaitable[Any]]]:
    asked = intent()

    async def inner(_: Intent, about: Check) -> Finding:
        about.trail.attempts += 1
        return FOUND

    async def bare() -> Any:
        return await inner(asked, check(asked))

    contenders: dict[str, Callable[[], Awaitable[Any]]] = {"bare await": bare}
    plan = await _plan(opened)
    stages = stack.channel_stages(plan, SystemClock(), lambda *_: None, is_joined=False)
    for first in range(len(stages) - 1, -1, -1):
        connector, name = stack.around(inner, stages[first:]), stages[first].__qualname__.partition(".")[0]
        step = None if any(each.__qualname__.startswith("walk.") for each in stages[first:]) else "one"

        async def call(connector: Any = connector, step: str | None = step) -> Any:
            about = check(asked)
            return await connector(asked, about if step is None else Check(*_below_walk(about, step)))

        contenders[f"... {name}"] = call
    return contenders | {"tenacity's decorator": _tenacity(bare), "interlock-cb": _interlock(bare)}


def _below_walk(about: Check, step: str) -> tuple[Any, ...]:
    return (about.authority, about.question, {"person": about.about["subject"]}, about.as_of, None, step, "op")


async def _plan(opened: AsyncExitStack) -> stack.ChannelPlan:
    """Everything that a channel can have but a platform's secret."""
    folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="gateway-bench-")))
    Store.create(folder / "ledger.sqlite3")
    store = await opened.enter_async_context(Store.open(folder / "ledger.sqlite3"))
    tasks, clock = await opened.enter_async_context(Tasks()), SystemClock()
    account = Accounts(store, tasks, clock).opened("authority", "first", 500_000_000)
    flights = Flights(lambda *_: None, tasks, clock)
    return stack.ChannelPlan(
        "first", (Grade.B, Grade.B), ATTEMPT_SECONDS, QUESTIONS, account=account, flights=flights, authority="authority"
    )


def _tenacity(bare: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    wait = tenacity.wait_random_exponential(multiplier=0.2, max=1.0)
    asleep = asyncio.sleep  # noqa: TID251 - what its users give it; it never sleeps here
    decorated: Callable[[], Awaitable[Any]] = tenacity.retry(
        stop=tenacity.stop_after_attempt(2), wait=wait, sleep=asleep, reraise=True
    )(bare)
    return decorated


def _interlock(bare: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    """Outermost first, as ours: retry, breaker, bulkhead, timeout."""
    breaker = CircuitBreaker(name="bench")
    builder = Pipeline.builder().retry(attempts=2).circuit_breaker(breaker).bulkhead(16, max_wait=1.0)
    pipeline = builder.timeout(ATTEMPT_SECONDS).build()

    async def call() -> Any:
        return await pipeline.call(bare)

    return call
