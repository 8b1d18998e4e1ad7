"""The composition root: what must be there for it to start, and that nothing stays behind when it stops or cannot start."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import httpx
import pytest

from gateway import app, installation
from gateway.commands.scaffold import CONSUMER_KEY
from gateway.errors import BrokenFiles
from gateway.settings import Listen
from gateway.store.schema import StoreRefused
from tests.paths.margins import LINES
from tests.system import ARCHIVE, HastyClock, Site, System, consumer, mocked, site, told


async def refused(here: Site, kind: type[Exception]) -> str:
    with pytest.raises(kind) as caught:
        async with here.serving():
            pytest.fail("must not start")
    return str(caught.value)


async def test_it_starts_answers_and_leaves_nothing_behind(tmp_path: Path):
    start = len(LINES)
    async with site(tmp_path / "home") as here:
        tasks = asyncio.all_tasks()
        async with here.serving() as running, httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(f"{running.url}/livez")).json() == {"status": "live"}
            rows = (await http.get(f"{running.admin_url}/health/authorities")).json()["authorities"]
            assert [row["authority"] for row in rows] == sorted(row["authority"] for row in rows)
            assert {row["state"] for row in rows} == {"unknown"}
            assert running.url != running.admin_url
        assert asyncio.all_tasks() == tasks
    assert not [thread for thread in threading.enumerate() if thread.name == "store-writer"]
    said = "".join(LINES[start:])
    assert "gateway.started" in said
    assert "gateway.stopped" in said
    assert not (tmp_path / "home" / "ledger.sqlite3-wal").exists()


async def test_it_starts_again_on_what_it_left(tmp_path: Path):
    async with site(tmp_path / "home") as here:
        for _ in range(2):
            async with here.serving() as running, httpx.AsyncClient(trust_env=False) as http:
                assert (await http.get(f"{running.url}/readyz")).status_code == 200


async def test_it_starts_without_any_authority_there(tmp_path: Path):
    async with site(tmp_path / "home") as here, here.serving() as running:
        assert running.metrics.authorities() != []


async def test_without_a_ledger_it_does_not_start_and_makes_none(tmp_path: Path):
    async with site(tmp_path / "home") as here:
        ledger = here.home / "ledger.sqlite3"
        ledger.unlink()
        assert "gateway init" in await refused(here, StoreRefused)
        assert not ledger.exists()


async def test_an_endpoint_that_lacks_its_dialects_key_is_told_where(tmp_path: Path):
    async with site(tmp_path / "home") as here:
        here.change(lambda settings: settings["authorities"][ARCHIVE]["share"].pop("public_key"))
        said = await refused(here, BrokenFiles)
    assert "gateway.yaml" in said
    assert ARCHIVE in said
    assert "public_key" in said


async def test_every_endpoint_that_is_wrong_is_told_at_once(tmp_path: Path):
    def unpair(settings: dict) -> None:
        settings["authorities"]["household_registry"]["query"].pop("certificate")
        settings["authorities"]["residence_permit"]["share"].pop("public_key")

    async with site(tmp_path / "home") as here:
        here.change(unpair)
        said = await refused(here, BrokenFiles)
    assert "household_registry" in said
    assert "residence_permit" in said


async def test_sockets_are_its_own_from_the_start_and_closed_when_it_cannot(tmp_path: Path):
    async with site(tmp_path / "home") as here:
        read = installation.read(here.home)
        (here.home / "ledger.sqlite3").unlink()
        sockets = app.listen_on(Listen(port=0)), app.listen_on(Listen(port=0))
        with pytest.raises(StoreRefused):
            async with app.running(read, HastyClock(), sockets):
                pytest.fail("must not start")
        assert [each.fileno() for each in sockets] == [-1, -1]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_compressed_body_is_not_unpacked_even_to_be_thrown_away(system: System):
    """H9. What claims to be gzip and is not would be a fault in a library's log, and a bomb would be work."""
    asked = system.asked(b"not gzip at all", headers=(("Content-Encoding", "gzip"), ("Connection", "close")))
    start = len(LINES)
    host, _, port = system.authority.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(asked.bytes())
    async with asyncio.timeout(5):
        everything = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert everything.startswith(b"HTTP/1.1 415 ")
    assert "library.logged" not in "".join(LINES[start:])


async def test_a_question_under_way_is_answered_before_it_stops(tmp_path: Path):
    """`serving` ends while a request is with an authority: it gets its answer."""
    async with site(tmp_path / "home") as here, mocked(here) as mocks, consumer(here, "counter", CONSUMER_KEY) as asks:
        async with here.serving() as running:
            system = System(here.home, running, mocks, told()[1], asks, asks)
            asking = asyncio.ensure_future(system.ask("P03", "P01"))
            while not system.calls():
                await asyncio.wait({asking}, timeout=0.001)
        answer = await asking
    assert answer.outcome == "complete"
