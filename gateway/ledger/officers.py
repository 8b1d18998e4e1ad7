"""What officers find, written as a further revision of an answer: made of what is stored, for nobody's number is at rest.

A finding, the outcome that names it and the answer's new bytes are one transaction. Revisions before it stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from gateway import clock, errors, model
from gateway.ledger import acts, entries
from gateway.ledger.entries import MANUAL, VERSION, Content, laws
from gateway.ledger.till import Till
from gateway.proofs import canonical
from gateway.security.pseudonyms import OPERATOR, Pseudonyms
from gateway.store import checks, tables
from gateway.store.limits import Spending
from gateway.store.sqlite import Store


class Forgotten(errors.GatewayError):
    """The question is not kept any more, or the key of its pseudonyms is destroyed: nothing can be added to it."""


class Overtaken(errors.GatewayError):
    """Another revision came first. Nothing was written nor spent: read anew and try again."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The newest revision of one answer, with the entries of its outcome and its question."""

    body: bytes
    outcome: Mapping[str, Any]
    intent: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Looked:
    """What an officer did. `seen_at` in Unix seconds."""

    operator: model.Operator
    material: str
    seen: model.Seen
    where: str
    seen_at: float
    screenshot_sha256: str


Revised = Callable[[model.ManualFinding], tuple[model.Verdict, bytes]]
"""The next revision with a finding in it, and its exact bytes."""


class Officers:
    """Takes their findings, and lists what is still for them to look at."""

    def __init__(self, store: Store, time: clock.Clock, pseudonyms: Pseudonyms, till: Till) -> None:
        self._store = store
        self._clock = time
        self._pseudonyms = pseudonyms
        self._till = till

    async def kept(self, verification_id: str, consumer: str) -> Kept | None:
        """What a finding would be added to; None where there is no answer or somebody else asked. Raises Forgotten."""
        read = partial(_newest, verification_id=verification_id, consumer=consumer)
        newest = await self._store.read(read)
        if newest is None:
            return None
        body, outcome = newest
        try:
            answered: Any = canonical.read(_there(outcome))
            intent_id = answered["intent"]
            intents = await self._store.read(partial(tables.bodies, entry_ids=[intent_id]))
            return Kept(body, answered, canonical.read(_there(intents[intent_id])))
        except (ValueError, LookupError, TypeError) as error:
            raise Forgotten("not all of its entries are there in this form") from error

    async def standing(self, verification_id: str, consumer: str) -> Mapping[str, model.ManualFinding]:
        """What officers found so far, by material; nothing where there is no answer, or its entry is pruned."""
        newest = await self._store.read(partial(_newest, verification_id=verification_id, consumer=consumer))
        return {} if newest is None or newest[1] is None else standing(newest[1])

    async def add(
        self, signed: model.SignedRequest, kept: Kept, looked: Looked, ground: model.Ground, revised: Revised
    ) -> tuple[bytes, model.Receipt]:
        """Spends the nonce and writes the finding with the revision that it makes; gives its bytes and receipt.

        Raises Overtaken, Forgotten, Replayed, OverRate, Unwritable. A crash before it returns: nothing, or all of it.
        """
        # As its question, whatever epoch is active now: a receipt has blinds of one epoch.
        same = self._pseudonyms.under(kept.intent["subject"].partition(":")[0])
        if same is None:
            raise Forgotten("the key of its pseudonyms is destroyed")
        now, entry_id = self._clock.unix(), self._clock.identifier()
        first = entries.leaf(_manual(entry_id, signed, kept.intent, looked, ground, same, now), now)
        verdict, body = revised(_made(first, looked, same.of(OPERATOR, looked.operator.id)))
        intent = model.Receipt(kept.outcome["intent"], kept.outcome["intent_hash"])
        content = entries.outcome(self._clock.identifier(), intent, kept.outcome["evidence"], verdict, body)
        entry, consumer = entries.leaf(content, verdict.answered_at), kept.intent["consumer"]
        addition = tables.Addition(
            first=first,
            entry=entry,
            answer=tables.Answer(verdict.verification_id, verdict.revision, consumer, body),
            left=left_by(verdict, consumer, kept.intent["unit_code"]),
        )
        try:
            await self._till.add(signed, Spending(consumer, signed.limits, now), addition)
        except tables.AlreadyThere as error:
            raise Overtaken("another revision came first") from error
        return body, model.Receipt(entry.entry_id, entry.leaf_hash.hex())

    async def open(
        self,
        consumer: str,
        signed: model.SignedRequest,
        operator: model.Operator,
        after: checks.Position | None,
        limit: int,
    ) -> list[checks.Check]:
        """Spends the nonce, writes who looks, and gives so many of the unit's open checks, oldest first.

        Raises Replayed, OverRate, Unwritable.
        """
        now = self._clock.unix()
        pseudonym = self._pseudonyms.of(OPERATOR, operator.id)
        content = acts.listing(self._clock.identifier(), consumer, signed, operator.unit_code, pseudonym, now)
        await self._till.spend(signed, Spending(consumer, signed.limits, now), entries.leaf(content, now))
        read = partial(checks.page, consumer=consumer, unit_code=operator.unit_code, after=after, limit=limit)
        return await self._store.read(read)


def left_by(verdict: model.Verdict, consumer: str, unit_code: str) -> checks.Left | None:
    """The officer's checks that a verdict leaves open; None where there is nothing to write."""
    check = model.Disposition.OFFICER_CHECK
    still = {each.material: each.reason for each in verdict.judgements if each.disposition is check}
    if verdict.revision == 1 and not still:
        return None
    at_ms = int(verdict.answered_at * 1000)
    return checks.Left(verdict.verification_id, verdict.revision, consumer, unit_code, at_ms, still)


def standing(outcome: bytes) -> Mapping[str, model.ManualFinding]:
    """The officers' findings that an outcome entry holds, by material. Raises ValueError, LookupError, TypeError."""
    content: Any = canonical.read(outcome)
    manual = {each["material"]: each["manual"] for each in content["materials"] if "manual" in each}
    return {material: _read(each) for material, each in manual.items()}


def _newest(connection: Any, verification_id: str, consumer: str) -> tuple[bytes, bytes | None] | None:
    answer = tables.newest_answer(connection, verification_id, consumer)
    outcome = tables.newest_outcome(connection, verification_id, consumer)
    if answer is None or outcome is None:
        return None
    return bytes(answer[0]), None if outcome[2] is None else bytes(outcome[2])


def _there(body: bytes | None) -> bytes:
    if body is None:
        raise LookupError("pruned")
    return bytes(body)


def _manual(
    entry_id: str,
    signed: model.SignedRequest,
    intent: Mapping[str, Any],
    looked: Looked,
    ground: model.Ground,
    pseudonyms: Pseudonyms,
    now: float,
) -> Content:
    return {
        "v": VERSION,
        "kind": MANUAL,
        "entry_id": entry_id,
        "intent": intent["entry_id"],
        "verification_id": intent["verification_id"],
        "consumer": intent["consumer"],
        "keyid": signed.keyid,
        "legal_basis": laws(ground),
        "unit_code": looked.operator.unit_code,
        "operator": pseudonyms.of(OPERATOR, looked.operator.id),
        "material": looked.material,
        "seen": looked.seen,
        "where": looked.where,
        "seen_at": clock.rfc3339(looked.seen_at),
        "screenshot_sha256": looked.screenshot_sha256,
        "request_digest": pseudonyms.blinded(entry_id, signed.sha256),
        "request_signature": signed.signature,
        "found_at": clock.rfc3339(now),
    }


def _made(entry: tables.Entry, looked: Looked, operator: str) -> model.ManualFinding:
    return model.ManualFinding(
        entry.entry_id,
        entry.leaf_hash.hex(),
        operator,
        looked.seen,
        looked.where,
        looked.seen_at,
        looked.screenshot_sha256,
    )


def _read(content: Mapping[str, Any]) -> model.ManualFinding:
    return model.ManualFinding(
        content["entry_id"],
        content["entry_hash"],
        content["operator"],
        model.Seen(content["seen"]),
        content["where"],
        datetime.fromisoformat(content["seen_at"]).timestamp(),
        content["screenshot_sha256"],
    )
