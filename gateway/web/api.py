"""The operations of `/v1/`: ask, read an answer again, get its receipt, add what an officer found; and the way to who asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from gateway.clock import local_day
from gateway.house import House
from gateway.ledger.receipts import NoReceipt, Receipts
from gateway.mapping import citizen_ids
from gateway.model import Ground, Verdict, Verification
from gateway.policy import Policy, choose
from gateway.security.grants import Consumer
from gateway.store.repeats import AnotherQuestion, Answered, Held
from gateway.verify import verify
from gateway.web import accesses, answers, cases, findings, questions, sizes, timing
from gateway.web.asked import Asked, Route
from gateway.web.cases import VERIFICATIONS
from gateway.web.problems import refused
from gateway.web.sealing import Given
from gateway.web.waiting import Waiting, is_pending

RECEIPT = "/receipt"
TIMING = "/timing"
AGAIN_SECONDS = 1
"""After which asking what became of a question in progress is worth it."""
_ONE = re.compile(rf"{VERIFICATIONS}/([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an installation allows a question to ask for."""

    default_deadline_ms: int
    most_deadline_ms: int
    days_back: int
    days_ahead: int


class Api:
    """The handlers behind the door."""

    def __init__(
        self, house: House, receipts: Receipts, waiting: Waiting, bounds: Bounds, decided: Callable[[Verdict], None]
    ) -> None:
        self._house = house
        self._receipts = receipts
        self._waiting = waiting
        self._bounds = bounds
        self._decided = decided
        """Told of every verdict: metrics."""

    @property
    def routes(self) -> tuple[Route, ...]:
        return (
            Route("POST", VERIFICATIONS.__eq__, self.ask, is_repeatable=True),
            Route("POST", cases.PATH.__eq__, self.search),
            Route("POST", accesses.PATH.__eq__, partial(accesses.show, self._house)),
            Route("POST", findings.CHECKS.__eq__, partial(findings.search, self._house)),
            Route("POST", partial(_is_below, findings.FINDINGS), self.find),
            Route("GET", lambda path: _ONE.fullmatch(path) is not None, self.read),
            Route("GET", partial(_is_below, RECEIPT), self.receipt),
            Route("GET", partial(_is_below, TIMING), self.timing),
        )

    async def ask(self, asked: Asked) -> Given:
        """One verification, from the question's bytes to the answer's."""
        read = questions.read(asked.body)
        deadline_ms = min(read.deadline_ms or self._bounds.default_deadline_ms, self._bounds.most_deadline_ms)
        identifier = self._house.clock.identifier()
        question = questions.verification(read, identifier, asked.consumer.name, deadline_ms)
        policy, ground = self._allowed(question, asked.consumer)
        try:
            answered = await verify(replace(question, ground=ground), asked.signed, policy, self._house)
        except Held as held:
            return await self._again(asked, held)
        self._decided(answered.verdict)
        body = answers.with_receipt(answered.body, answered.receipt)
        return Given(body, headers={"Location": f"{VERIFICATIONS}/{identifier}"})

    async def _again(self, asked: Asked, held: Held) -> Given:
        """What a repeat gets: the first answer, byte for byte. Nobody is asked; who has it again is written down."""
        location = f"{VERIFICATIONS}/{held.verification_id}"
        if not isinstance(held, Answered):
            if isinstance(held, AnotherQuestion):
                raise refused("idempotency_key_reused")
            raise refused("in_progress", Retry_After=str(AGAIN_SECONDS), Location=location)
        stored = await self._house.ledger.again.first_answer(held.verification_id, asked.consumer.name)
        if stored is None:  # pruned since, which no installation does within a day
            raise refused("not_found")
        await self._house.ledger.read(asked.consumer.name, asked.signed, held.verification_id)
        return Given(answers.with_receipt(*stored), headers={"Location": location})

    async def search(self, asked: Asked) -> Given:
        """What this consumer asked about a case, on the terms of a read."""
        self._require_a_grant(asked.consumer)
        return await cases.search(self._house, asked)

    async def read(self, asked: Asked) -> Given:
        """The newest revision of a verification, for the consumer who asked it; 404 for everybody else.

        Which grant allowed it is not asked again, but one must be in force: who may ask nothing has nothing to read here.
        With a preference to wait, a pending one is waited for; the reading is written down before that.
        """
        self._require_a_grant(asked.consumer)
        identifier = asked.path.removeprefix(f"{VERIFICATIONS}/")
        stored = await self._house.ledger.answer(identifier, asked.consumer.name)
        if stored is None:
            raise refused("not_found")
        await self._house.ledger.read(asked.consumer.name, asked.signed, identifier)
        if asked.wait_seconds is None:
            return Given(answers.with_receipt(*stored))
        if is_pending(stored[0]):
            await self._waiting.until_ended(identifier, asked.consumer.name, asked.wait_seconds)
            stored = await self._house.ledger.answer(identifier, asked.consumer.name) or stored
        return Given(answers.with_receipt(*stored), headers={"Preference-Applied": f"wait={asked.wait_seconds}"})

    async def timing(self, asked: Asked) -> Given:
        """Where the time of the first answer went, while this process still knows; for the asker, on the terms of a read."""
        self._require_a_grant(asked.consumer)
        identifier = asked.path.removeprefix(f"{VERIFICATIONS}/").removesuffix(TIMING)
        record = self._house.timings.of(identifier, asked.consumer.name)
        if record is None:
            raise refused("not_found")
        await self._house.ledger.read(asked.consumer.name, asked.signed, identifier)
        return Given(timing.body(record))

    async def receipt(self, asked: Asked) -> Given:
        """The receipt of that revision, for the same consumer on the same terms. Its file ends before the spaces."""
        self._require_a_grant(asked.consumer)
        identifier = asked.path.removeprefix(f"{VERIFICATIONS}/").removesuffix(RECEIPT)
        try:
            found = await self._receipts.found(identifier, asked.consumer.name)
        except NoReceipt as error:
            raise refused("receipt_unavailable") from error
        if found is None:
            raise refused("not_found")
        await self._house.ledger.read(asked.consumer.name, asked.signed, identifier)
        return Given(sizes.filled(await self._receipts.made(found), sizes.ANSWER_STEP))

    async def find(self, asked: Asked) -> Given:
        """A revision of an answer with what an officer found, for the consumer and the unit that asked."""
        identifier = asked.path.removeprefix(f"{VERIFICATIONS}/").removesuffix(findings.FINDINGS)
        return await findings.add(self._house, asked, identifier)

    def _require_a_grant(self, consumer: Consumer) -> None:
        if not consumer.has_a_grant(local_day(self._house.clock.unix())):
            raise refused("scope", "no grant of yours is in force")

    def _allowed(self, question: Verification, consumer: Consumer) -> tuple[Policy, Ground]:
        """The policy in force, if the application date is within bounds, and the ground on which grants allow all of it."""
        today = local_day(self._house.clock.unix())
        age = today - question.application_date
        if not timedelta(-self._bounds.days_ahead) <= age <= timedelta(self._bounds.days_back):
            raise refused("application_date")
        if citizen_ids.born_on(question.subject.citizen_id) > question.application_date:
            raise refused("application_date", "the applicant was not born on the application date")
        policy = choose(self._house.policies, question.application_date, question.operator.unit_code)
        unit = question.operator.unit_code
        if question.purpose not in policy.file.purposes:
            raise refused("scope")
        materials = (rule.material for rule in policy.asked(question))
        ground = consumer.ground(question.purpose, materials, unit, today)
        if ground is None:
            raise refused("scope")
        return policy, ground


def _is_below(name: str, path: str) -> bool:
    return path.endswith(name) and _ONE.fullmatch(path.removesuffix(name)) is not None
