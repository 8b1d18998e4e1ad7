"""Consumers change while gateways run: a revocation is in force in every process on the folder, without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway import app, installation
from gateway.commands.scaffold import CONSUMER_KEY
from gateway.security import keys
from gateway.settings import Listen
from gateway.watching import EVERY_SECONDS
from tests.system import OTHER, OTHER_KEY, RESIDENCE, HastyClock, Site, System, consumer, mocked, site, told
from tests.wire import PATH, exchange, reading

REFUSED = (401, "key")


@dataclass
class Two:
    """Two gateways on one folder and one ledger, each with its own sockets."""

    here: Site
    first: System
    second: app.Running

    @property
    def file(self) -> Path:
        return self.here.home / "consumers" / "counter.yaml"

    def change(self, edit: Callable[[dict[str, Any]], None]) -> None:
        tree = yaml.load(self.file.read_text("utf-8"), yaml.BaseLoader)
        edit(tree)
        self.file.write_text(yaml.dump(tree, allow_unicode=True, sort_keys=False), "utf-8")

    async def reload(self) -> None:
        await self.first.running.reload()
        await self.second.reload()

    async def ask(self, **changes: Any) -> list[tuple[int, str]]:
        """The same question, signed anew, to each of them: status and code."""
        urls = self.first.running.url, self.second.url  # the Host stays the name that both are served as
        replies = [await exchange(url.removeprefix("http://"), self.first.asked(**changes).bytes()) for url in urls]
        return [(reply.status, reply.code if reply.status != 200 else "") for reply in replies]


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(site(tmp_path / "home"))
        mocks = await stack.enter_async_context(mocked(here))
        first = await stack.enter_async_context(here.serving())
        sockets = app.listen_on(Listen(port=0)), app.listen_on(Listen(port=0))
        second = await stack.enter_async_context(app.running(installation.read(here.home), HastyClock(), sockets))
        asks = await stack.enter_async_context(consumer(here, "counter", CONSUMER_KEY))
        yield Two(here, System(here.home, first, mocks, told()[1], asks, asks), second)


def state(value: str, **more: str) -> Callable[[dict[str, Any]], None]:
    def edit(tree: dict[str, Any]) -> None:
        tree["keys"][0] |= {"state": value, **more}

    return edit


async def test_without_a_grant_in_force_nothing_is_read_again(two: Two):
    system = two.first
    identifier = (await system.send(system.asked())).json["verification_id"]
    granted: list[Any] = []
    two.change(lambda tree: granted.extend(tree["grants"]))
    for grants, expected in ([], (403, "scope")), (granted, (200, None)):
        two.change(lambda tree, grants=grants: tree.update(grants=grants))
        await two.reload()
        reply = await system.send(reading(system.asked(), f"{PATH}/{identifier}"))
        assert (reply.status, reply.json.get("code")) == expected
        assert system.entries()[-1]["kind"] == ("refusal" if expected[1] else "reading")


async def test_a_revocation_is_in_force_in_every_process(two: Two):
    assert await two.ask() == [(200, "")] * 2
    two.change(state("revoked", revoked_at="2018-05-02T08:00:00+08:00", reason="a test"))
    await two.reload()
    before = two.first.calls(), len(two.first.entries())
    assert await two.ask() == [REFUSED] * 2
    assert (two.first.calls(), len(two.first.entries())) == before, "nobody was asked, and nothing is believed of it"
    shown = (await two.first.get("/health/consumers", admin=True)).json()
    assert shown["consumers"][0]["keys"] == [{"id": CONSUMER_KEY, "state": "revoked"}]


async def test_taking_the_file_away_takes_the_consumer_away(two: Two):
    two.file.unlink()
    await two.reload()
    assert await two.ask() == [REFUSED] * 2
    theirs = {"key": two.first.key(OTHER), "keyid": OTHER_KEY}
    assert await two.ask(**theirs) == [(403, "scope")] * 2, "the others are still there"


async def test_a_suspended_consumer_and_its_return(two: Two):
    two.change(lambda tree: tree.update(state="suspended", reason="a test"))
    await two.reload()
    assert await two.ask() == [REFUSED] * 2
    two.change(lambda tree: (tree.pop("state"), tree.pop("reason")))
    await two.reload()
    assert await two.ask() == [(200, "")] * 2


async def test_a_broken_file_keeps_the_last_good_one_in_force_and_says_so(two: Two):
    good = two.file.read_text("utf-8")
    two.file.write_text(good.replace("exit_entry_application", "exit_entry_aplication"), "utf-8")
    await two.reload()
    assert await two.ask() == [(200, "")] * 2
    shown = (await two.first.get("/health/consumers", admin=True)).json()
    assert not shown["good"]
    assert "did you mean 'exit_entry_application'?" in shown["problems"][0]
    assert "gateway_consumers_good 0.0" in (await two.first.get("/metrics", admin=True)).text
    two.file.write_text(good, "utf-8")
    await two.reload()
    assert (await two.first.get("/health/consumers", admin=True)).json()["good"]


async def test_a_key_is_rotated_with_an_overlap_and_no_request_fails(two: Two):
    """The steps of docs/operating.md."""
    private, public = keys.new_ed25519()
    (two.here.home / "keys" / "counter-2.pem").write_bytes(private)
    new = {"key": two.first.key("counter-2"), "keyid": "counter-2"}
    two.change(lambda tree: tree["keys"].append({"id": "counter-2", "public_key": public.decode(), "state": "pending"}))
    await two.reload()
    assert (await two.ask(), await two.ask(**new)) == ([(200, "")] * 2, [REFUSED] * 2)
    two.change(lambda tree: tree["keys"][1].update(state="active"))
    await two.reload()
    assert (await two.ask(), await two.ask(**new)) == ([(200, "")] * 2, [(200, "")] * 2)
    two.change(state("retiring", until="2999-01-01T00:00:00+08:00"))
    await two.reload()
    assert (await two.ask(), await two.ask(**new)) == ([(200, "")] * 2, [(200, "")] * 2)
    two.change(state("retiring", until="2018-05-02T00:00:00+08:00"))
    await two.reload()
    assert (await two.ask(), await two.ask(**new)) == ([REFUSED] * 2, [(200, "")] * 2)


async def test_h20_unknown_revoked_pending_retired_and_suspended_are_told_alike(two: Two):
    public = {name: keys.new_ed25519()[1].decode() for name in ("pending", "revoked", "retired")}

    def edit(tree: dict[str, Any]) -> None:
        tree["keys"] += [
            {"id": "pending", "public_key": public["pending"], "state": "pending"},
            {"id": "revoked", "public_key": public["revoked"], "state": "revoked"},
            {"id": "retired", "public_key": public["retired"], "state": "retiring", "until": "2018-01-01T00:00:00Z"},
        ]

    two.change(edit)
    other = two.file.with_name(f"{OTHER}.yaml")
    other.write_text(other.read_text("utf-8") + "state: suspended\n", "utf-8")
    await two.reload()
    assert (await two.first.get("/health/consumers", admin=True)).json()["good"]
    system, bodies = two.first, set()
    for keyid in ("unknown", "pending", "revoked", "retired", OTHER_KEY):
        asked = system.asked(keyid=keyid, key=system.key(OTHER))
        reply = await system.send(asked)
        assert (reply.status, reply.code) == REFUSED, keyid
        assert system.is_bound(reply, asked) is False
        assert "signature_base" not in reply.json
        bodies.add((reply.body, reply.headers["accept-signature"]))
    assert len(bodies) == 1


async def test_a_question_past_the_door_is_answered(two: Two):
    system = two.first
    system.mocks.arm("P12", "household_registry", "hang", times=1)
    body = system.question("P12", materials=[RESIDENCE], deadline_ms=1000)
    asking = asyncio.ensure_future(system.send(system.asked(body)))
    while not system.calls():
        await asyncio.wait({asking}, timeout=0.001)
    two.change(state("revoked"))
    await two.reload()
    assert not asking.done()
    assert await two.ask() == [REFUSED] * 2
    assert (await asking).status == 200


@dataclass
class Turnstile(HastyClock):
    """Lets the watch go round when a test says so."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    resting: asyncio.Event = field(default_factory=asyncio.Event)

    async def sleep(self, seconds: float) -> None:
        if seconds == EVERY_SECONDS:
            self.resting.set()
            await self.go.wait()
            self.go.clear()
            self.resting.clear()


async def test_a_running_gateway_looks_by_itself(tmp_path: Path):
    clock = Turnstile()
    async with (
        site(tmp_path / "home") as here,
        mocked(here) as mocks,
        consumer(here, "counter", CONSUMER_KEY) as asks,
        here.serving(clock) as running,
    ):
        system = System(here.home, running, mocks, told()[1], asks, asks)
        assert (await system.send(system.asked())).status == 200
        (here.home / "consumers" / "counter.yaml").unlink()
        await clock.resting.wait()
        clock.resting.clear()
        clock.go.set()
        await clock.resting.wait()
        reply = await system.send(system.asked())
        assert (reply.status, reply.code) == REFUSED
