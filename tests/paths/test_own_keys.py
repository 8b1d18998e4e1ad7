"""Our own keys under a running gateway: they take turns and nobody notices; and a key that is in another process."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.client import AnswerNotTrusted, AsyncClient
from gateway.clock import SystemClock
from gateway.commands import keys, ring_files
from gateway.commands.scaffold import CONSUMER_KEY
from gateway.errors import BrokenFiles
from gateway.security.keys import UnusableKey
from tests.system import RESIDENCE, HastyClock, System, consumer, mocked, site, system, told

AT_ONCE = 30
HOLDER = "held-elsewhere"


def ring_of(home: Path) -> Path:
    return home / "keys" / "ring.yaml"


def exported(home: Path) -> Path:
    """The public document, saved as a consumer would."""
    path = home / "saved-keys.json"
    path.write_bytes(keys.document(home))
    return path


def with_document(running: System) -> AsyncClient:
    return AsyncClient(
        running.running.url,
        keyid=CONSUMER_KEY,
        private_key=running.home / "keys" / "counter.pem",
        gateway_keys=exported(running.home),
    )


async def signed_by(running: System) -> str:
    """The key id under an answer, whoever it is."""
    reply = await running.send(running.asked())
    found = re.search(r'keyid="([^"]+)"', reply.headers["signature-input"])
    assert found is not None
    return found[1]


async def test_the_answers_key_is_rotated_while_consumers_ask(tmp_path: Path):
    async with system(tmp_path / "home") as running:
        home = running.home
        assert await signed_by(running) == "gateway-answers"
        keys.new(home, keys.Wanted("answers", "ecdsa-p256-sha256", keyid="next-answers"), as_json=True)
        await running.running.reload()
        shown = (await running.get("/.well-known/gateway-keys")).json()["keys"]
        assert [key["state"] for key in shown if key["use"] == "answers"] == ["active", "pending"]
        async with with_document(running) as client:
            before = asyncio.gather(
                *(client.verify(running.question("P12", materials=[RESIDENCE])) for _ in range(AT_ONCE))
            )
            await asyncio.to_thread(keys.rotate, home, "answers", None, 7, True)
            await running.running.reload()
            after = [await client.verify(running.question("P12", materials=[RESIDENCE])) for _ in range(3)]
            assert {answer.outcome for answer in (*await before, *after)} == {"complete"}
        assert await signed_by(running) == "next-answers"
        with pytest.raises(AnswerNotTrusted):  # this consumer was given the old key alone, and believes no other
            await running.counter.verify(running.question("P12", materials=[RESIDENCE]))
        keys.revoke(home, "gateway-answers", "rotated away", as_json=True)
        await running.running.reload()
        shown = (await running.get("/.well-known/gateway-keys")).json()["keys"]
        assert [key["state"] for key in shown if key["use"] == "answers"] == ["revoked", "active"]


async def test_a_ring_that_breaks_leaves_the_last_good_one_signing(tmp_path: Path):
    async with system(tmp_path / "home") as running:
        ring_of(running.home).write_text("keys: [")
        await running.running.reload()
        assert (await running.ask("P12", materials=[RESIDENCE])).outcome == "complete"
        assert "gateway_key_ring_good 0.0" in (await running.get("/metrics", admin=True)).text


async def test_an_expired_key_does_not_start(tmp_path: Path):
    class Later(HastyClock):
        def unix(self) -> float:
            return super().unix() + 366 * 86400

    async with site(tmp_path / "home") as here:
        with pytest.raises(BrokenFiles, match=r"the key 'gateway-answers' has expired: run `.*keys new answers`"):
            async with here.serving(Later()):
                pytest.fail("must not start")


# A key in another process


@asynccontextmanager
async def signer(home: Path, socket: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`gateway keys signer` with the answers' key; killed at the end."""
    arguments = ["keys", "signer", "--socket", str(socket), f"{HOLDER}=file:{home / 'keys' / 'elsewhere.pem'}"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        assert str(socket) in (await process.stdout.readline()).decode()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_key_of_another_process_signs_and_when_it_dies_no_verdict_leaves(tmp_path: Path):
    socket = tmp_path / "signer.sock"
    async with site(tmp_path / "home") as here:
        ring, private = ring_files.read(ring_of(here.home)), here.home / "keys" / "answers.pem"
        private.rename(here.home / "keys" / "elsewhere.pem")  # the gateway cannot read it from here on
        there = ring.keys[0].model_copy(update={"key": f"unix:{socket}#{HOLDER}"})
        ring_files.write(ring_of(here.home), ring.model_copy(update={"keys": [there, *ring.keys[1:]]}))
        async with mocked(here) as mocks, here.serving() as running, consumer(here, "counter", CONSUMER_KEY) as client:
            whole = System(here.home, running, mocks, told()[1], client, client)
            question = whole.question("P12", materials=[RESIDENCE])
            async with signer(here.home, socket):
                assert (await client.verify(question)).outcome == "complete"
                assert len(await asyncio.gather(*(client.verify(question) for _ in range(AT_ONCE)))) == AT_ONCE
            with pytest.raises(AnswerNotTrusted):
                await client.verify(question)
            asked = whole.calls()
            with pytest.raises(AnswerNotTrusted):
                await client.verify(question)
            assert whole.calls() == asked, "once it is known, nobody is asked about a person for nothing"
            assert (
                'gateway_refusals_total{code="signer_unavailable"} 2.0'
                in running.metrics.exposition(running.ledger.counts).decode()
            )
            async with signer(here.home, socket):
                assert (await client.verify(question)).outcome == "complete"


async def test_a_document_without_a_key_that_counts_is_told_before_anything_is_sent(tmp_path: Path):
    (tmp_path / "keys.json").write_text('{"keys": []}')
    with pytest.raises(UnusableKey):
        AsyncClient(
            "http://127.0.0.1:1",
            keyid="a",
            private_key=b"",
            gateway_keys=tmp_path / "keys.json",
            clock=SystemClock(),
        )
