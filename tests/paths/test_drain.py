"""SIGTERM to a gateway that is at work, as a process of its own: nobody at a counter notices."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.commands.scaffold import CONSUMER_KEY
from mocks.server import start
from tests.system import RESIDENCE, Site, System, consumer, identities, site, told
from tests.turns import until
from tests.wire import Asked, Reply, exchange

PEOPLE = ("P09", "P12", "P13")


@dataclass
class HeldClock(SystemClock):
    """Of mocks whose slow replies come when the test says so."""

    waiting: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, seconds: float) -> None:
        self.waiting += 1
        await self.released.wait()


@dataclass
class Process:
    """`gateway serve`, and questions to it."""

    process: asyncio.subprocess.Process
    address: str
    name: str
    """Which it is served as: that of the port that the installation was made for."""
    asks: System

    def ask(self, who: str) -> asyncio.Task[Reply]:
        return asyncio.ensure_future(exchange(self.address, self.asked(who).bytes()))

    def asked(self, who: str) -> Asked:
        body = json.dumps(self.asks.question(who, materials=[RESIDENCE]), ensure_ascii=False).encode()
        return Asked(self.name, self.asks.key("counter"), self.asks.clock.unix(), body)

    async def refused(self) -> None:
        """Returns once nobody listens there any more."""
        host, _, port = self.address.rpartition(":")
        while True:
            try:
                _, writer = await asyncio.open_connection(host, int(port))
            except ConnectionRefusedError:
                return
            except ConnectionResetError:  # it closed while this one was in its queue
                continue
            writer.close()


@asynccontextmanager
async def served(here: Site, asks: System) -> AsyncIterator[Process]:
    """Ends with the process."""
    here.change(lambda settings: settings["listen"].update(port=0))
    here.change(lambda settings: settings["admin"].update(port=0))
    here.change(lambda settings: settings.update(drain={"notice_seconds": 0}, log="none"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "serve", "--home", str(here.home), "--json", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        said = await asyncio.wait_for(process.stdout.readuntil(b"}"), 30)
        name = f"127.0.0.1:{here.sockets[0].getsockname()[1]}"
        yield Process(process, json.loads(said)["url"].removeprefix("http://"), name, asks)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def busy(home: Path) -> AsyncIterator[tuple[Process, HeldClock, list[asyncio.Task[Reply]]]]:
    """A gateway with one question in flight for each of these people."""
    folders, cast, scenarios = told()
    clock = HeldClock()
    async with (
        site(home) as here,
        start(folders, cast, identities(home), scenarios=scenarios, ports=here.ports, clock=clock) as mocks,
        consumer(here, "counter", CONSUMER_KEY) as counter,
    ):
        mocks.arm("*", "residence_permit", "slow_first_byte")
        asks = System(home, None, mocks, cast, counter, counter)  # type: ignore[arg-type]
        async with served(here, asks) as process, asyncio.timeout(60):
            questions = [process.ask(who) for who in PEOPLE]
            await until(lambda: clock.waiting == len(PEOPLE) or any(question.done() for question in questions))
            yield process, clock, questions


def kinds(home: Path) -> dict[str, int]:
    """How many entries of each kind the ledger holds."""
    with closing(sqlite3.connect(f"file:{home / 'ledger.sqlite3'}?mode=ro", uri=True)) as connection:
        bodies = [json.loads(body) for (body,) in connection.execute("SELECT body FROM entry")]
    found = [body["kind"] for body in bodies]
    return {kind: found.count(kind) for kind in set(found)}


async def test_all_that_is_in_flight_is_answered_and_newcomers_find_nobody(tmp_path: Path):
    async with busy(tmp_path / "home") as (process, clock, questions):
        process.process.send_signal(signal.SIGTERM)
        await process.refused()
        assert not any(question.done() for question in questions)
        clock.released.set()
        replies = await asyncio.gather(*questions)
        assert [reply.status for reply in replies] == [200] * len(PEOPLE)
        assert all(reply.is_closed for reply in replies)
        assert {reply.json["outcome"] for reply in replies} == {"complete"}
        assert await process.process.wait() == 0
    counted = kinds(tmp_path / "home")
    assert counted["intent"] == counted["outcome"] == len(PEOPLE)


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
async def test_the_second_signal_ends_it_at_once(tmp_path: Path, second: signal.Signals):
    async with busy(tmp_path / "home") as (process, clock, questions):
        process.process.send_signal(signal.SIGTERM)
        await process.refused()
        process.process.send_signal(second)
        assert await process.process.wait() == -second
        clock.released.set()
        ended = await asyncio.gather(*questions, return_exceptions=True)
        assert all(isinstance(each, ConnectionError | asyncio.IncompleteReadError) for each in ended)
