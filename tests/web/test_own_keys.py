"""What others see of our keys: the open document, the measurements; and no answer without a signature when nobody signs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import jsonschema_rs
import pytest
import structlog.testing

from gateway.contract.ring import RingFile
from gateway.errors import BrokenFiles, SignerDown
from gateway.proofs import published as received
from gateway.security.keys import Ed25519Signer, new_ed25519, new_p256
from gateway.security.ring import RingReader
from gateway.settings import Audit
from gateway.store.commits import Counts
from gateway.watching import Watched
from gateway.web import openapi
from gateway.web.metrics import Metrics
from gateway.web.own_keys import KeyExpiry, PublishedLedger, ledger_of, published, reloading
from tests.security.rings import NOW, key, written
from tests.still import START_UNIX, StillClock
from tests.system import System
from tests.web.doorway import Doorway
from tests.wire import PROBLEM

DAY = 86400.0
LEDGER = PublishedLedger(origin="gw.example/audit", witnesses=[])


@dataclass
class Elsewhere:
    """A `KeyHolder` whose signer can be down; it counts how often it was tried."""

    signer: Ed25519Signer
    is_there: bool = True
    was_down: bool = False
    tried: int = 0
    alg: str = field(default="ed25519", init=False)

    @property
    def keyid(self) -> str:
        return self.signer.keyid

    async def sign(self, data: bytes) -> bytes:
        await asyncio.sleep(0)  # noqa: TID251 - one turn of the loop, as a socket would take
        self.tried += 1
        self.was_down = not self.is_there
        if self.was_down:
            raise SignerDown("nobody there")
        return self.signer.sign(data)

    def ready(self) -> Awaitable[None] | None:
        return self._probe() if self.was_down else None

    async def _probe(self) -> None:
        await self.sign(b"probe")


@pytest.fixture
def elsewhere(door: Doorway) -> Elsewhere:
    holder = Elsewhere(Ed25519Signer("gateway-answers", door.gateway))
    door.holder = holder
    return holder


# The document


@pytest.mark.asyncio(loop_scope="module")
async def test_the_document_is_open_and_says_what_openapi_says(system: System):
    reply = await system.get("/.well-known/gateway-keys")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json")
    assert reply.headers["cache-control"] == "public, max-age=300"
    assert [(key["use"], key["state"]) for key in reply.json()["keys"]] == [
        ("answers", "active"), ("receipts", "active"), ("checkpoints", "active"),
    ]  # fmt: skip
    assert "PRIVATE" not in reply.text
    schemas = openapi.document()["components"]["schemas"]
    told = {"$ref": "#/components/schemas/PublishedKeys", "components": {"schemas": schemas}}
    assert list(jsonschema_rs.Draft202012Validator(told).iter_errors(reply.json())) == []


def test_each_state_has_its_moment_and_nothing_says_where_a_private_half_is(tmp_path: Path):
    ring = RingFile(
        keys=[
            key(tmp_path, "a", expires=NOW),
            key(tmp_path, "b", state="retiring", until=NOW),
            key(tmp_path, "c", state="revoked", revoked_at=NOW, reason="lost on a bus"),
            key(tmp_path, "o", "outbound"),
        ]
    )
    text = published(ring, LEDGER).decode()
    assert '"id": "o"' not in text
    assert '"id": "o"' in published(ring, LEDGER, "outbound").decode()
    for word in ('"expires": "2018-05-02T00:00:00Z"', '"until": "2018-05-02T00:00:00Z"', '"revoked_at": "2018-05-02T'):
        assert word in text
    for word in ("file:", ".pem", "bus", "null"):
        assert word not in text


def test_the_ledger_is_named_and_each_witness_has_its_public_key_only(tmp_path: Path):
    private, public = new_ed25519()
    (tmp_path / "w.pem").write_bytes(public)
    (tmp_path / "both.pem").write_bytes(public + private)
    named = {"name": "w.example", "url": "http://w.example"}
    found = ledger_of(tmp_path, audit(named | {"public_key": "w.pem"}, named | {"public_key": "both.pem"}))
    read = received.read(published(RingFile(keys=[key(tmp_path, "a")]), found))
    assert read.origin == "gw.example/audit"
    assert read.witnesses == (received.Witness("w.example", public.decode()),) * 2


def test_every_witness_without_a_usable_key_is_told(tmp_path: Path):
    (tmp_path / "p256.pem").write_bytes(new_p256()[1])
    named = {"name": "w.example", "url": "http://w.example"}
    with pytest.raises(BrokenFiles) as broken:
        ledger_of(tmp_path, audit(named | {"public_key": "p256.pem"}, named | {"public_key": "none.pem"}))
    assert [Path(each.file).name for each in broken.value.problems] == ["none.pem", "p256.pem"]


def audit(*witnesses: dict[str, str]) -> Audit:
    return Audit.model_validate({"origin": "gw.example/audit", "witnesses": list(witnesses)})


# Measurements, and changes while it runs


def exposition(ring: Watched, clock: StillClock) -> str:
    metrics = Metrics(clock)
    metrics.registry.register(KeyExpiry(ring, [("certificate soap", START_UNIX + DAY)], clock))
    return metrics.exposition(Counts(0)).decode()


def test_seconds_until_each_key_ends(tmp_path: Path):
    clock = StillClock()
    later = NOW + timedelta(days=3)
    pending = key(tmp_path, "b", state="pending", expires=later)
    old = key(tmp_path, "c", state="retiring", until=NOW, expires=later)
    written(tmp_path, key(tmp_path, "a", expires=later), pending, old, key(tmp_path, "never", "receipts"))
    reader = RingReader(tmp_path, "ring.yaml")
    ring = Watched(reader.read, reader.stamp)
    clock.move(DAY)
    lines = [line for line in exposition(ring, clock).splitlines() if line.startswith("gateway_key_")]
    assert lines == [
        f'gateway_key_expires_seconds{{key="a"}} {2 * DAY}',
        f'gateway_key_expires_seconds{{key="b"}} {2 * DAY}',
        'gateway_key_expires_seconds{key="certificate soap"} 0.0',
        "gateway_key_ring_good 1.0",
    ]


async def test_a_changed_ring_is_told_and_a_broken_one_once(tmp_path: Path):
    written(tmp_path, key(tmp_path, "a"))
    reader = RingReader(tmp_path, "ring.yaml")
    ring = Watched(reader.read, reader.stamp)
    reload = reloading(ring)
    with structlog.testing.capture_logs() as said:
        await reload()
        written(tmp_path, key(tmp_path, "b"))
        await reload()
        (tmp_path / "ring.yaml").write_text("keys: [")
        await reload()
        await reload()
        assert "gateway_key_ring_good 0.0" in exposition(ring, StillClock())
    assert [each["event"] for each in said] == ["keys.reloaded", "keys.reload_failed"]


async def test_a_key_that_cannot_be_read_is_told_once_and_measured(tmp_path: Path):
    written(tmp_path, key(tmp_path, "a"), key(tmp_path, "r", "receipts"))
    reader = RingReader(tmp_path, "ring.yaml")
    ring = Watched(reader.read, reader.stamp)
    reload, away = reloading(ring), tmp_path / "away"
    with structlog.testing.capture_logs() as said:
        (tmp_path / "r.pem").rename(away)
        file = (tmp_path / "ring.yaml").read_text()
        (tmp_path / "ring.yaml").write_text(file + "# changed\n")
        for _ in range(3):
            await reload()
            assert "gateway_key_ring_good 0.0" in exposition(ring, StillClock())
        away.rename(tmp_path / "r.pem")
        await reload()
        assert "gateway_key_ring_good 1.0" in exposition(ring, StillClock())
    assert [each["event"] for each in said] == ["keys.reload_failed", "keys.reloaded"]
    assert "file:r.pem: " in said[0]["why"]


# A signer that is elsewhere


async def test_answers_are_signed_by_a_key_that_is_elsewhere(door: Doorway, elsewhere: Elsewhere):
    asked = door.ask()
    reply = await door.send(asked)
    assert (reply.status, door.is_bound(reply, asked), elsewhere.tried) == (200, True, 1)


async def test_without_a_signer_no_verdict_leaves_and_then_nobody_is_asked(door: Doorway, elsewhere: Elsewhere):
    elsewhere.is_there = False
    first = await door.send(door.ask())
    assert len(door.taken) == 1, "nothing was known yet of the signer"
    second = await door.send(door.ask())
    assert len(door.taken) == 1, "and now it is"
    for reply in (first, second):
        assert (reply.status, reply.code, reply.headers["content-type"]) == (503, "signer_unavailable", PROBLEM)
        assert {"signature", "signature-input", "content-digest"} & set(reply.headers) == set()
        assert (reply.headers["retry-after"], reply.headers["cache-control"]) == ("5", "no-store")
        assert b'"answer"' not in reply.body
    assert door.counted == ["signer_unavailable"] * 2


async def test_when_the_signer_is_back_it_is_found_out_by_asking(door: Doorway, elsewhere: Elsewhere):
    elsewhere.is_there = False
    await door.send(door.ask())
    elsewhere.is_there = True
    asked = door.ask()
    reply = await door.send(asked)
    assert (reply.status, door.is_bound(reply, asked)) == (200, True)


async def test_a_refusal_is_not_given_unsigned_either(door: Doorway, elsewhere: Elsewhere):
    elsewhere.is_there = False
    reply = await door.send(door.ask(method="DELETE", body=b""))
    assert (reply.status, reply.code) == (503, "signer_unavailable")
