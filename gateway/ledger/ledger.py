"""The ledger: nothing is asked, and nothing answered, that is not durable here first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

import structlog

from gateway import errors, model
from gateway.clock import Clock
from gateway.ledger import acts, entries, ties
from gateway.ledger.accesses import Accesses
from gateway.ledger.again import Again, once
from gateway.ledger.endings import Endings, Unanswered, nothing_known
from gateway.ledger.entries import Versions
from gateway.ledger.officers import Officers, left_by
from gateway.ledger.till import Till
from gateway.ledger.watch import NOBODY, Watch
from gateway.security.pseudonyms import PERSON, Pseudonyms
from gateway.store import lookups, tables
from gateway.store.commits import Counts
from gateway.store.limits import Spending
from gateway.store.sqlite import Store

KNOWN_FOR_SECONDS = 1.0
"""How long `writable` trusts what it found: an open `/readyz` must not let anybody make the disk sync at will."""

UNKNOWN: Final = Versions({}, {})
"""Where nobody says which files are in force."""

_log = structlog.get_logger("gateway.ledger")


class Ledger:
    """Every method is one transaction, durable when it returns; each raises Unwritable where it cannot be.

    A caller that is cancelled while it waits may find its entry written or not; the nonce counts as used either way.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        pseudonyms: Pseudonyms,
        watch: Watch = NOBODY,
        versions: Versions = UNKNOWN,
        unanswered: Unanswered | None = nothing_known,
    ) -> None:
        self._store = store
        self._clock = clock
        self._pseudonyms = pseudonyms
        self._watch = watch
        self._versions = versions
        self._endings = Endings(store, clock, unanswered)
        self._till = Till(store, clock, watch)
        self.accesses = Accesses(store, clock, pseudonyms, watch, self._till)
        """What people may see of all this."""
        self.officers = Officers(store, clock, pseudonyms, self._till)
        """What officers are to look at, and what they found."""
        self.again = Again(store, clock, pseudonyms, self._till)
        """What consumers may have again."""
        self._calls: dict[str, list[tuple[tables.Entry, asyncio.Future[Any]]]] = {}
        """Of each question that has no outcome yet, by intent."""
        self.grown: Callable[[], None] = _nobody
        """Told after every question and every outcome."""
        self._was_writable = False
        self._known_until = float("-inf")

    async def intend(
        self, verification: model.Verification, signed: model.SignedRequest, policy: str, deadline: float
    ) -> model.Intent:
        """Spends nonce, key and the consumer's limits, and writes the question. `deadline` is on the monotonic scale.

        Raises Replayed, Held and Limited: nothing was spent, and nothing written but an entry a minute about an OverRate. A
        crash after it returns leaves an intent without an outcome: asked or not, and never answered.
        """
        entry_id, asked_at = self._clock.identifier(), self._clock.unix()
        intent = model.Intent(entry_id, verification, policy, asked_at, deadline)
        content = entries.intent(entry_id, intent, signed, self._versions, self._pseudonyms)
        consumer, subject, guardian = verification.consumer, content["subject"], content["guardian"]
        whom = ties.people(self._pseudonyms, verification), ties.formerly(self._pseudonyms, verification)
        spending = Spending(consumer, signed.limits, asked_at, subject, content["case"], *whom)
        about = tuple(dict.fromkeys(who for who in (subject, guardian) if who))
        entry = entries.leaf(content, asked_at, about=about, opens=verification.verification_id)
        await self._till.spend(signed, spending, entry, once(self._pseudonyms, signed, intent))
        self._calls[entry_id] = []
        self.grown()
        asked_about = (each.citizen_id for each in (verification.subject, verification.guardian) if each)
        every = (who for each in asked_about for who in self._pseudonyms.every(PERSON, each))
        self._watch.asked(consumer, entry_id, *every)
        return replace(intent, entry_hash=entry.leaf_hash.hex(), epoch=subject.partition(":")[0])

    def record(self, intent: model.Intent, call: model.Evidence) -> None:
        """Writes down a call as it ends; nobody waits for it but `conclude`. A crash in the same moment may lose it."""
        same = self._pseudonyms.under(intent.epoch) or self._pseudonyms  # as its question, whatever epoch is active now
        entry = entries.leaf(entries.evidence(intent, call, same), call.ended_at)
        try:
            written = self._store.submit(tables.Addition(entry=entry))
        except errors.Unwritable:
            _log.error("evidence.lost", evidence=entry.entry_id)
            return
        written.add_done_callback(partial(_look_at, entry.entry_id))
        if (calls := self._calls.get(intent.entry_id)) is not None:
            calls.append((entry, written))

    async def read(self, consumer: str, signed: model.SignedRequest, verification_id: str) -> None:
        """Spends the nonce of a signed read and writes who reads what again. Raises Replayed, OverRate."""
        now = self._clock.unix()
        content = acts.reading(self._clock.identifier(), consumer, signed, verification_id, now)
        await self._till.spend(signed, Spending(consumer, signed.limits, now), entries.leaf(content, now))

    async def conclude(
        self, intent: model.Intent, verdict: model.Verdict, body: bytes, *, is_last: bool = True
    ) -> model.Receipt:
        """Writes the outcome and keeps `body`, the exact bytes of the answer without its receipt, for the asker.

        The intent ends with the last. The first time that a source told something of its subject, the case is bound to them.
        Raises AlreadyThere for a revision that was concluded before, and Unanswered where it cannot be written.
        A crash before it returns: the consumer has no answer, and asks again. After: it can be fetched, word for word.
        """
        verification, calls = intent.verification, list(self._calls.get(intent.entry_id, ()))
        hashes = {call.entry_id: call.leaf_hash.hex() for call, _ in calls}
        content = entries.outcome(self._clock.identifier(), intent, hashes, verdict, body, ends=is_last)
        entry = entries.leaf(content, verdict.answered_at, closes=intent.entry_id if is_last else None)
        answer = tables.Answer(verification.verification_id, verdict.revision, verification.consumer, body)
        binding = ties.binding(self._pseudonyms, verification, verdict)
        left = left_by(verdict, verification.consumer, verification.operator.unit_code)
        try:
            await self._store.add(tables.Addition(entry=entry, answer=answer, binding=binding, left=left))
            for call, written in calls:
                await self._insist(call, written)
        except errors.Unwritable as error:
            raise errors.Unanswered("the outcome cannot be written") from error
        if is_last:
            self._calls.pop(intent.entry_id, None)
        self.grown()
        return model.Receipt(entry.entry_id, entry.leaf_hash.hex())

    async def revise(
        self,
        intent: model.Intent,
        judged: Callable[[int, Mapping[str, model.ManualFinding]], model.Verdict],
        render: Callable[[model.Verdict], bytes],
    ) -> model.Verdict:
        """Concludes a pending answer by its last revision: the next number, and what officers found. Raises Unanswered."""
        asked = intent.verification.verification_id, intent.verification.consumer
        while True:
            before, officers = await self.answer(*asked), await self.officers.standing(*asked)
            verdict = judged(json.loads(before[0])["revision"] + 1 if before is not None else 1, officers)
            try:
                await self.conclude(intent, verdict, render(verdict))
                return verdict
            except tables.AlreadyThere:
                continue  # an officer's finding came in between: it stays on top of ours

    async def _insist(self, call: tables.Entry, written: asyncio.Future[Any]) -> None:
        # The outcome names it by its hash: no answer leaves while that leads nowhere.
        if not written.done():  # as a rule it is: it was submitted before the outcome
            await asyncio.wait([written])
        if written.exception() is not None:
            await self._store.add(tables.Addition(entry=call))

    async def close_lost(self, why: str, before: float = float("inf"), shard: int | None = None) -> int:
        """Ends every question of a shard (this one) that was asked before then (Unix seconds) and has no end; how many.

        Nobody knows whether an authority was asked. That is `stopped` where its process ended, else `unwritten`. The consumer
        finds an answer under the id. A crash in between: the next start does the rest.
        """
        lost = await self._endings.close(
            self._store.shard if shard is None else shard, int(min(before, 2.0**50) * 1000), why
        )
        for intent_id in lost:
            self._calls.pop(intent_id, None)
        return len(lost)

    async def act(self, what: str, who: str, details: Mapping[str, Any], why: str | None = None) -> None:
        """Writes down what an operator, or the gateway itself, did."""
        now = self._clock.unix()
        content = acts.act(self._clock.identifier(), what, who, details, now, why)
        await self._store.add(tables.Addition(entry=entries.leaf(content, now)))

    async def refused(self, consumer: str, signed: model.SignedRequest, code: str) -> None:
        """Spends the nonce of a request whose signature verified and that we do not take, and writes why.

        Raises Replayed, OverRate.
        """
        now = self._clock.unix()
        content = acts.refusal(self._clock.identifier(), consumer, signed, code, now, self._pseudonyms)
        await self._till.spend(signed, Spending(consumer, signed.limits, now), entries.leaf(content, now))

    def arrival(self, consumer: str) -> int | None:
        """Where the consumer's rate stood (`security.rates`) when this process last wrote for it; None before that."""
        return self._till.arrival(consumer)

    async def answer(self, verification_id: str, consumer: str) -> tuple[bytes, model.Receipt] | None:
        """The body and receipt of the newest revision; None where there is none or somebody else asked it."""
        row = await self._store.read(partial(lookups.newest_answer, verification_id=verification_id, consumer=consumer))
        if row is None:
            return None
        body, entry_id, leaf_hash = row
        return body, model.Receipt(entry_id, leaf_hash.hex())

    async def writable(self) -> bool:
        """Whether the disk takes writes, by a small one at most once a second, whatever became of it."""
        now = self._clock.monotonic()
        if now < self._known_until:
            return self._was_writable and self._store.healthy
        try:
            await self._store.write(lookups.touch)
            self._was_writable = True
        except errors.Unwritable:
            self._was_writable = False
        self._known_until = now + KNOWN_FOR_SECONDS
        return self._was_writable

    @property
    def counts(self) -> Counts:
        """For the metrics: entries and batches since the store was opened, and the size of the last batch."""
        return self._store.counts


def _nobody() -> None:
    """Where nobody is to be told."""


def _look_at(entry_id: str, written: asyncio.Future[Any]) -> None:
    """Of an evidence for which perhaps nobody waits any more."""
    if not written.cancelled() and written.exception() is not None:
        _log.error("evidence.unwritten", evidence=entry_id)
