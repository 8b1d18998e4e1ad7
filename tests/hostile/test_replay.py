"""The same request twice (hostile-inputs B), and a ledger that cannot be written: nobody is asked."""

from __future__ import annotations

import asyncio
import base64
import json
import resource
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest
import yaml

from gateway.commands.scaffold import CONSUMER_KEY
from gateway.security.algorithms import P256_ORDER
from tests.hostile.conftest import asked_with
from tests.system import OTHER, System, consumer, mocked, site, told
from tests.wire import Asked, digest, exchange

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALGORITHMS = ("ed25519", "ecdsa-p256-sha256", "sm2-sm3")


async def is_replay(system: System, asked: Asked, authority: str = "") -> None:
    """Fails unless it is refused for its nonce, bound to its signature, with nobody asked and nothing written."""
    calls, entries = system.calls(), len(system.entries())
    again = await exchange(authority or system.authority, asked.bytes())
    assert (again.status, again.code) == (409, "replay")
    assert system.is_bound(again, asked)
    assert (system.calls(), len(system.entries())) == (calls, entries)


@pytest.mark.parametrize("alg", ALGORITHMS)
async def test_h26_the_same_request_twice(hostile: System, alg: str):
    asked = asked_with(hostile, alg)
    calls = hostile.calls()
    reply = await hostile.send(asked)
    assert (reply.status, hostile.is_bound(reply, asked), hostile.calls() > calls) == (200, True, True)
    await is_replay(hostile, asked)


async def test_h26_side_by_side(hostile: System):
    asked = hostile.asked()
    replies = await asyncio.gather(*(hostile.send(asked) for _ in range(5)))
    assert sorted(reply.status for reply in replies) == [200, 409, 409, 409, 409]


async def test_h26_the_same_nonce_for_another_question(hostile: System):
    first = hostile.asked()
    assert (await hostile.send(first)).status == 200
    await is_replay(hostile, hostile.asked(hostile.question("P09"), nonce=first.nonce))


async def test_h27_after_a_restart(tmp_path: Path):
    async with site(tmp_path / "home") as here, mocked(here) as mocks:
        asked = None
        for _ in range(2):
            async with here.serving() as running, consumer(here, "counter", CONSUMER_KEY) as asks:
                system = System(here.home, running, mocks, told()[1], asks, asks)
                if asked is None:
                    asked = system.asked()
                    assert (await system.send(asked)).status == 200
                else:
                    await is_replay(system, asked)


@asynccontextmanager
async def second_process(system: System, folder: Path) -> AsyncIterator[str]:
    """Another `gateway serve`, with an installation like the first one's and the very same ledger; gives its address."""
    shutil.copytree(system.home, folder, ignore=shutil.ignore_patterns("ledger*"))
    settings = yaml.load((folder / "gateway.yaml").read_text("utf-8"), yaml.SafeLoader)
    settings["ledger"] = str(system.home / "ledger.sqlite3")
    settings["listen"]["port"] = settings["admin"]["port"] = 0
    (folder / "gateway.yaml").write_text(yaml.dump(settings, allow_unicode=True), "utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "serve", "--home", str(folder), "--json", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        said = await asyncio.wait_for(process.stdout.readuntil(b"}"), 30)
        yield json.loads(said)["url"].removeprefix("http://")
    finally:
        process.terminate()
        await process.wait()


async def test_h27_on_a_second_process(hostile: System, tmp_path: Path):
    async with second_process(hostile, tmp_path / "second") as other:
        here, there = hostile.asked(), hostile.asked()
        assert (await hostile.send(here)).status == 200
        assert (await exchange(other, there.bytes())).status == 200
        await is_replay(hostile, here, other)
        await is_replay(hostile, there)


@pytest.mark.parametrize("alg", ALGORITHMS)
async def test_h29_a_bad_signature_burns_nobodys_nonce(hostile: System, alg: str):
    good = asked_with(hostile, alg)
    entries = len(hostile.entries())
    forged = good.again(sent={**good.sent, "Signature": "gw=:" + base64.b64encode(b"\1" * 64).decode() + ":"})
    other_body = good.again(body=good.body + b" ", sent={**good.sent, "Content-Digest": digest(good.body)})
    for bad in (forged, other_body):
        reply = await hostile.send(bad)
        assert (reply.status, hostile.is_bound(reply, good)) == (401, False)
    assert len(hostile.entries()) == entries
    assert (await hostile.send(good)).status == 200


async def test_h29_nor_does_another_consumer(hostile: System):
    good = hostile.asked()
    assert (await hostile.send(good.again(key=hostile.key(OTHER)))).code == "signature_invalid"
    assert (await hostile.send(good)).status == 200


async def test_h31_the_other_signature_of_the_same_request(hostile: System):
    """Anybody can make the twin (r, n - s). It verifies, and its nonce is used."""
    asked = asked_with(hostile, "ecdsa-p256-sha256")
    raw = base64.b64decode(asked.sent["Signature"].removeprefix("gw=:").removesuffix(":"))
    s = P256_ORDER - int.from_bytes(raw[32:], "big")
    twin = base64.b64encode(raw[:32] + s.to_bytes(32, "big")).decode()
    assert (await hostile.send(asked)).status == 200
    calls = hostile.calls()
    again = await hostile.send(asked.again(sent={**asked.sent, "Signature": f"gw=:{twin}:"}))
    assert (again.status, again.code, hostile.calls()) == (409, "replay", calls)


@contextmanager
def disk_full(system: System) -> Iterator[None]:
    """The kernel refuses the write itself, as it does on a full disk, whoever runs the tests."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((system.home / "ledger.sqlite3-wal").stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def away(system: System, table: str) -> Iterator[None]:
    """A table that takes nothing: it is not there."""

    def rename(old: str, new: str) -> None:
        with closing(sqlite3.connect(system.home / "ledger.sqlite3", isolation_level=None)) as connection:
            connection.execute("PRAGMA legacy_alter_table = ON")
            connection.execute(f"ALTER TABLE {old} RENAME TO {new}")

    rename(table, "elsewhere")
    try:
        yield
    finally:
        rename("elsewhere", table)


@pytest.mark.parametrize("trouble", ["disk", "nonce", "entry"])
async def test_h40_what_cannot_be_written_is_not_asked(hostile: System, trouble: str):
    """Disk full, no room for nonces, log unwritable."""
    assert (await hostile.send(hostile.asked())).status == 200
    calls, asked = hostile.calls(), hostile.asked()
    with disk_full(hostile) if trouble == "disk" else away(hostile, trouble):
        refused = await hostile.send(asked)
    assert (refused.status, refused.code, refused.headers["retry-after"]) == (503, "audit_unavailable", "5")
    assert hostile.is_bound(refused, asked)
    assert hostile.calls() == calls
    assert (await hostile.send(asked)).status == 200, "its nonce was never spent"
