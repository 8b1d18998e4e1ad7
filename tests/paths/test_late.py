"""A slow authority through the whole gateway: an answer on time, then the rest under the same id, each with its proof."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from gateway.commands import keys
from gateway.proofs.receipts import check
from tests.paths.between import Between, Said, between
from tests.system import ARCHIVE, GUARDIANSHIP, REGISTRY, System, identities, mocked, site, told
from tests.wire import PATH, Asked, Reply, reading

SHORTEST_MS = 200
"""The shortest deadline that a consumer may set."""


class Gate:
    """Holds every reply of one authority back until it is open."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()

    def __call__(self, here: Between, request: web.Request, asked: Said, said: Said) -> Awaitable[web.StreamResponse]:
        async def later() -> web.StreamResponse:
            await self.is_open.wait()
            kept = {name: value for name, value in said.headers.items() if name.lower() != "content-length"}
            return web.Response(status=said.status, headers=kept, body=said.body)

        return later()


@asynccontextmanager
async def slow(home: Path) -> AsyncIterator[tuple[System, Gate]]:
    """A system whose archive and registry answer only when the gate is open."""
    gate = Gate()
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(site(home))
        mocks = await stack.enter_async_context(mocked(here))
        known = identities(here.home)
        for key in ((ARCHIVE, "share"), (REGISTRY, "query")):
            wire, port = await stack.enter_async_context(between(known[key], here.ports[key]))
            wire.fault = gate
            here.change(lambda settings, key=key, port=port: _lead(settings, key, port))  # type: ignore[misc]
        running = await stack.enter_async_context(here.serving())
        yield System(here.home, running, mocks, told()[1], None, None), gate  # type: ignore[arg-type]


def _lead(settings: dict[str, Any], key: tuple[str, str], port: int) -> None:
    settings["authorities"][key[0]][key[1]]["url"] = f"http://127.0.0.1:{port}"
    settings.setdefault("outbound", None)
    settings["outbound"] = [*(settings["outbound"] or []), f"127.0.0.1:{port}"]


def asked(running: System) -> Asked:
    body = running.question("P03", "P01", materials=[GUARDIANSHIP], deadline_ms=SHORTEST_MS)
    return running.asked(body)


def again(running: System, reply: Reply, tail: str = "", **changes: Any) -> Asked:
    return reading(running.asked(), f"{PATH}/{reply.json['verification_id']}{tail}", **changes)


def proves(running: System, receipt: Reply, question: Asked, answer: Reply) -> None:
    found = check(receipt.body, keys.document(running.home), question.body, answer.body)
    assert (found.question.match, found.answer.match) == ("proved", "proved")
    assert found.revision == answer.json["revision"]


async def test_the_rest_comes_under_the_same_id_and_both_revisions_are_proved(tmp_path: Path):
    async with slow(tmp_path / "home") as (running, gate):
        question = asked(running)
        first = await running.send(question)
        assert (first.status, first.json["revision"], first.json["outcome"]) == (200, 1, "pending")
        assert first.json["materials"][0]["disposition"] == "officer_check"
        proves(running, await running.send(again(running, first, "/receipt")), question, first)
        waiting = asyncio.ensure_future(running.send(again(running, first), "Prefer: wait=100, respond-async"))
        gate.is_open.set()
        second = await waiting
        assert second.headers["preference-applied"] == "wait=30"
        assert (second.json["revision"], second.json["outcome"]) == (2, "complete")
        assert second.json["materials"][0]["verdict"] == "confirmed"
        assert second.json["receipt"] != first.json["receipt"]
        proves(running, await running.send(again(running, first, "/receipt")), question, second)
        outcomes = [entry for entry in running.entries() if entry["kind"] == "outcome"]
        assert [(each["revision"], each["ends"]) for each in outcomes] == [(1, False), (2, True)]
        assert set(outcomes[0]["evidence"]) < set(outcomes[1]["evidence"])
        metrics = (await running.get("/metrics", admin=True)).text
        assert 'gateway_revisions_total{kind="late"} 1.0' in metrics


async def test_a_preference_that_cannot_be_read_is_ignored_and_one_of_no_seconds_waits_for_nothing(tmp_path: Path):
    async with slow(tmp_path / "home") as (running, gate):
        first = await running.send(asked(running))
        for value, applied in (("wait=soon", None), ("wait=0", "wait=0"), ("", None)):
            reply = await running.send(again(running, first), f"Prefer: {value}")
            assert (reply.json["outcome"], reply.headers.get("preference-applied")) == ("pending", applied)
        gate.is_open.set()


async def test_the_end_of_the_gateway_waits_for_what_is_late(tmp_path: Path):
    async with slow(tmp_path / "home") as (running, gate):
        first = await running.send(asked(running))
        assert first.json["outcome"] == "pending"
        asyncio.get_running_loop().call_later(0.05, gate.is_open.set)  # while it is on its way down
    ended = [entry for entry in running.entries() if entry["kind"] in ("outcome", "closed")]
    assert [(each["kind"], each["revision"], each["outcome"]) for each in ended[1:]] == [("outcome", 2, "complete")]
