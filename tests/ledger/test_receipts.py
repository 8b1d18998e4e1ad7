"""Receipts are made of the ledger's entries: which there are, under which epoch, and who signs them."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from gateway.errors import SignerDown
from gateway.ledger.receipts import NoReceipt, Receipts
from gateway.model import Status
from gateway.security import keys
from gateway.security.epochs import Living
from gateway.security.holders import InProcess, KeyHolder
from gateway.security.ring import RECEIPTS, Ring
from tests.ledger.asking import PSEUDONYMS, REQUEST_SHA256, call, signed, verdict, verification
from tests.ledger.test_epochs import epochs
from tests.ledger.test_limits import Desk, desk

__all__ = ["desk"]

SIGNER = keys.signer("receipts-1", keys.new_ed25519()[0])


@dataclass
class Elsewhere:
    """A `KeyHolder` in another process, which can be down; it keeps what it was asked to sign."""

    is_down: bool = False
    asked: list[bytes] = field(default_factory=list)
    keyid: str = "receipts-1"
    alg: str = "ed25519"

    def ready(self) -> Awaitable[None] | None:
        return None

    async def sign(self, data: bytes) -> bytes:
        self.asked.append(data)
        if self.is_down:
            raise SignerDown("nobody there")
        return SIGNER.sign(data)


def receipts(desk: Desk, holder: KeyHolder | None = None) -> Receipts:
    ring: Any = Ring(None, None, {RECEIPTS: holder} if holder else {})  # type: ignore[arg-type]
    return Receipts(desk.store, desk.ledger._pseudonyms, "gw.example/audit", lambda: ring)


async def answered(desk: Desk, *calls: str) -> None:
    """One question, of which these calls were written down."""
    intent = await desk.ledger.intend(verification(), signed(), "jilin-2018-05", 0.0)
    for name in calls:
        desk.ledger.record(intent, call(name, Status.ANSWERED, "b" * 64))
    await desk.ledger.conclude(intent, verdict(), b"{}")


async def payload(desk: Desk) -> dict[str, Any]:
    found = await receipts(desk).found("v-1", "intake")
    assert found is not None
    return dict(json.loads(found.payload))


async def test_it_has_every_entry_and_what_unblinds_each(desk: Desk):
    await answered(desk, "ev-2", "ev-1")
    told = await payload(desk)
    assert told["ledger"]["origin"] == "gw.example/audit/0"
    assert told["ledger"]["index"] == 3, "behind the question and two calls"
    bodies = [json.loads(each["body"]) for each in (told["intent"], *told["evidence"])]
    assert [each["entry_id"] for each in bodies[1:]] == ["ev-1", "ev-2"]
    blinds = [bytes.fromhex(each["blind"]) for each in (told["intent"], *told["evidence"])]
    assert blinds == [PSEUDONYMS.blind(each["entry_id"]) for each in bodies]
    assert bodies[0]["request_digest"] == PSEUDONYMS.blinded(bodies[0]["entry_id"], REQUEST_SHA256)


async def test_it_is_unblinded_under_the_epoch_of_its_question_while_that_has_a_key(desk: Desk):
    now = [epochs("active")]
    desk.ledger._pseudonyms = Living(lambda: now[0])
    await answered(desk, "ev-1", "ev-2")
    now[0] = both = epochs("former", "active")
    told = await payload(desk)
    asked = json.loads(told["intent"]["body"])["entry_id"]
    assert told["intent"]["blind"] == PSEUDONYMS.blind(asked).hex()
    now[0] = replace(both, keyed={"e2": both.keyed["e2"]})
    told = await payload(desk)
    assert [each["blind"] for each in (told["intent"], *told["evidence"])] == [None] * 3


async def test_nobody_else_and_nothing_unknown(desk: Desk):
    await answered(desk, "ev-1", "ev-2")
    assert await receipts(desk).found("v-1", "somebody-else") is None
    assert await receipts(desk).found("v-2", "intake") is None


@pytest.mark.parametrize("kind", ["intent", "evidence", "outcome"])
async def test_a_pruned_entry_ends_it(desk: Desk, kind: str):
    await answered(desk, "ev-1", "ev-2")
    await desk.store.write(lambda each: each.execute("UPDATE entry SET body = NULL WHERE kind = ?", (kind,)))
    with pytest.raises(NoReceipt):
        await receipts(desk).found("v-1", "intake")


async def test_a_call_that_the_decision_rests_on_and_that_was_lost_ends_it(desk: Desk):
    await answered(desk, "ev-1")
    with pytest.raises(NoReceipt):
        await receipts(desk).found("v-1", "intake")


async def test_a_key_elsewhere_signs_it(desk: Desk):
    await answered(desk, "ev-1", "ev-2")
    holder = Elsewhere()
    here, there = receipts(desk, InProcess(SIGNER)), receipts(desk, holder)
    found = await here.found("v-1", "intake")
    assert found is not None
    assert await there.made(found) == await here.made(found)
    assert len(holder.asked) == 1
    assert json.loads(await there.made(found))["proof"] is None


async def test_without_a_signer_there_is_none(desk: Desk):
    await answered(desk, "ev-1", "ev-2")
    found = await receipts(desk).found("v-1", "intake")
    assert found is not None
    for holder in (None, Elsewhere(is_down=True)):
        with pytest.raises(SignerDown):
            await receipts(desk, holder).made(found)
