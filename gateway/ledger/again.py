"""What a consumer may have again after a lost reply: the first answer to a repeat, and its own questions about a case."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Final

from gateway import clock, model
from gateway.ledger import acts, entries
from gateway.ledger.accesses import NoSuchCursor
from gateway.ledger.till import Till
from gateway.security.pseudonyms import CASE, KEY, QUESTION, Pseudonyms
from gateway.store import cases, repeats
from gateway.store.limits import Spending
from gateway.store.repeats import Once
from gateway.store.sqlite import Store

PAGE: Final = 20
"""Questions on one page: what fits into the one length that every page has."""

IN_PROGRESS: Final = "in_progress"
CLOSED: Final = "closed"
"""It ended without an answer, and nobody knows whether an authority was asked."""


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """One question. `outcome` is that of its newest answer (revision None: there is none), IN_PROGRESS or CLOSED."""

    verification_id: str
    asked_at: float
    """Unix seconds."""
    revision: int | None
    outcome: str


@dataclass(frozen=True, slots=True)
class CasePage:
    """Newest first. `next` leads to what is older, None: there is nothing older."""

    asked: tuple[AskedBefore, ...]
    next: str | None


class Again:
    """Finds what was asked. Whoever finds something wrote down first that it looked."""

    def __init__(self, store: Store, time: clock.Clock, pseudonyms: Pseudonyms, till: Till) -> None:
        self._store = store
        self._clock = time
        self._pseudonyms = pseudonyms
        self._till = till

    async def first_answer(self, verification_id: str, consumer: str) -> tuple[bytes, model.Receipt] | None:
        """The body and receipt of the first revision; None where there is none (any more) or somebody else asked it."""
        read = partial(repeats.first_answer, verification_id=verification_id, consumer=consumer)
        row = await self._store.read(read)
        if row is None:
            return None
        body, entry_id, leaf_hash = row
        return body, model.Receipt(entry_id, leaf_hash.hex())

    async def search(
        self, consumer: str, signed: model.SignedRequest, case_number: str, cursor: str | None = None
    ) -> CasePage:
        """One page of what this consumer asked about a case. `cursor`: `CasePage.next` of the page before.

        Raises NoSuchCursor, before anything is spent; Replayed, OverRate, Unwritable.
        """
        numbers = self._pseudonyms.every(CASE, case_number)
        start = await self._start(consumer, numbers, cursor)
        now = self._clock.unix()
        case = self._pseudonyms.of(CASE, case_number)
        content = acts.search(self._clock.identifier(), consumer, signed, case, now)
        await self._till.spend(signed, Spending(consumer, signed.limits, now), entries.leaf(content, now))
        read = partial(cases.before, consumer=consumer, cases=numbers, position=start, limit=PAGE + 1)
        found = await self._store.read(read)
        shown = tuple(map(_asked_before, found[:PAGE]))
        return CasePage(shown, shown[-1].verification_id if len(found) > PAGE else None)

    async def _start(self, consumer: str, numbers: tuple[str, ...], cursor: str | None) -> tuple[int, str] | None:
        if cursor is None:
            return None
        read = partial(cases.asked_at, consumer=consumer, cases=numbers, verification_id=cursor)
        asked = await self._store.read(read)
        if asked is None:
            raise NoSuchCursor("the cursor leads nowhere")
        return asked, cursor


def once(pseudonyms: Pseudonyms, signed: model.SignedRequest, intent: model.Intent) -> Once | None:
    """A question's claim on the idempotency key of its request, where that has one."""
    if signed.idempotency_key is None:
        return None
    verification = intent.verification
    key = f"{verification.consumer} {signed.idempotency_key}"
    keys = pseudonyms.every(KEY, key)
    questions = pseudonyms.every(QUESTION, f"{key} {signed.sha256.hex()}")
    known = tuple(zip(keys, questions, strict=True))
    return Once(verification.consumer, verification.verification_id, intent.entry_id, intent.asked_at, known)


def _asked_before(found: cases.Found) -> AskedBefore:
    outcome = IN_PROGRESS if found.is_open else CLOSED
    if found.body is not None:
        outcome = str(json.loads(found.body)["outcome"])
    return AskedBefore(found.verification_id, found.asked / 1000, found.revision, outcome)
