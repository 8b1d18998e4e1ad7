"""Receipts: the entries of one answer as they stand in the ledger, signed when somebody asks for them.

Nothing of a receipt is kept: entries, tree and checkpoint are, and each receipt is made of them anew. So the same answer
gives one without a proof now, and one with it a second later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from gateway import errors
from gateway.ledger.checkpointing import origin_of
from gateway.proofs import canonical, checkpoints, proving, receipts
from gateway.proofs.receipts import Entry, ReceiptRefused
from gateway.proofs.tlog_proof import TlogProof
from gateway.security.pseudonyms import Pseudonyms
from gateway.security.ring import RECEIPTS, Ring
from gateway.store import lookups
from gateway.store.shards import Reading
from gateway.store.sqlite import Store


class NoReceipt(errors.GatewayError):
    """The ledger has not all of the answer's entries as a receipt needs them: pruned, lost, or of an older form."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a receipt will say, and where its outcome stands."""

    payload: bytes
    shard: int
    index: int


class Receipts:
    """Of every shard in the store. `origin` is the whole ledger's; `ring` gives the keys as they are now."""

    def __init__(self, store: Store, pseudonyms: Pseudonyms, origin: str, ring: Callable[[], Ring]) -> None:
        self._store = store
        self._pseudonyms = pseudonyms
        self._origin = origin
        self._ring = ring

    async def found(self, verification_id: str, consumer: str) -> Found | None:
        """The newest revision's; None where there is none or somebody else asked it. Raises NoReceipt, Unwritable."""
        row = await self._store.read(
            partial(lookups.newest_outcome, verification_id=verification_id, consumer=consumer)
        )
        if row is None:
            return None
        shard, index, outcome = row
        try:
            return Found(await self._payload(_there(outcome), origin_of(self._origin, shard), index), shard, index)
        except (ReceiptRefused, LookupError, TypeError, ValueError) as error:
            raise NoReceipt("not all of its entries are there in this form") from error

    async def made(self, found: Found) -> bytes:
        """The receipt, with its proof if a checkpoint covers the answer by now. Raises SignerDown, Unwritable."""
        holder = self._ring().holders.get(RECEIPTS)
        if holder is None:
            raise errors.SignerDown("no key signs receipts now")
        signed = holder.sign(receipts.to_sign(found.payload))
        signature = signed if isinstance(signed, bytes) else await signed
        proof = await self._store.read(lambda connection: _proof(Reading(connection, found.shard), found.index))
        return receipts.file(found.payload, holder.keyid, signature, proof)

    async def _payload(self, outcome: bytes, origin: str, index: int) -> bytes:
        answered: Any = canonical.read(outcome)
        named = [answered["intent"], *answered["evidence"]]
        bodies = await self._store.read(partial(lookups.bodies, entry_ids=named))
        intent, *evidence = (_there(bodies[entry_id]) for entry_id in named)
        asked: Any = canonical.read(intent)
        # All of one question is blinded under one epoch; once its key is destroyed, nobody has the blinds.
        epoch = self._pseudonyms.under(asked["subject"].partition(":")[0])
        entries = [
            Entry(body, epoch.blind(entry_id) if epoch is not None else None)
            for entry_id, body in zip(named, (intent, *evidence), strict=True)
        ]
        return receipts.payload(entries[0], entries[1:], outcome, origin, index)


def _there(body: bytes | None) -> bytes:
    if body is None:
        raise LookupError("pruned")
    return bytes(body)


def _proof(reading: Reading, index: int) -> bytes | None:
    shard = reading.shard
    if index >= shard.covered:
        return None
    hashes = proving.inclusion(index, shard.covered, reading.hashes)
    return TlogProof(index, tuple(hashes), checkpoints.parse(shard.checkpoint)).encode()
