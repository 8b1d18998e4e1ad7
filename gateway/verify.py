"""The one path: a question comes in, becomes durable, is asked in two rounds, is judged, and its answer becomes durable.

What has not ended by then goes on, and becomes the last revision of the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from gateway.calling.asking import Asking
from gateway.house import House, complete, judged
from gateway.model import Receipt, SignedRequest, Verdict, Verification
from gateway.policy import Policy

RESERVE = 0.1
"""The part of the deadline that judging and the ledger keep for themselves."""
FIRST_ROUND = 0.4
"""The part of the deadline within which the registry must say who is local, so that a second round can still be asked."""


PARTS = ("intend", "ask", "judge", "conclude")
"""Of the path itself, one after the other: the first and the last are the ledger's."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A verdict as the consumer gets it: its exact bytes without the receipt, and the receipt. Both are durable."""

    verdict: Verdict
    body: bytes
    receipt: Receipt


async def verify(question: Verification, signed: SignedRequest, policy: Policy, house: House) -> Answered:
    """The question's answer, on time. With the outcome `pending`, another revision follows under the same id.

    Raises:
        Refused: the policy does not know a material (before anything is written).
        Replayed: the nonce was used before; nothing is asked.
        Held: its idempotency key stands for a question already; nothing is asked.
        Unwritable: the ledger cannot be written; nothing is asked, or nothing is answered.
    """
    policy.asked(question)
    begun = house.clock.monotonic()
    deadline = begun + question.deadline_ms / 1000 * (1 - RESERVE)
    intent = await house.ledger.intend(question, signed, policy.name, deadline)
    intended = house.clock.monotonic()
    asking = Asking(replace(intent, late_seconds=house.late.seconds), house.connectors, house.late.tasks, house.clock)
    await in_two_rounds(policy, asking, house)
    asked = house.clock.monotonic()
    verdict = judged(policy, asking, house, 1, is_last=not (asking.is_pending and house.late.seconds))
    body = house.render(verdict)
    decided = house.clock.monotonic()
    receipt = await house.ledger.conclude(intent, verdict, body, is_last=not verdict.is_pending)
    if verdict.is_pending:
        asking.tell_when_late()
        house.late.begin(complete(policy, asking, house))
    moments = (begun, intended, asked, decided, house.clock.monotonic())
    spent = {part: until - since for part, (since, until) in zip(PARTS, pairwise(moments), strict=True)}
    house.timings.note(question.verification_id, question.consumer, spent, asking.checks)
    return Answered(verdict, body, receipt)


async def in_two_rounds(policy: Policy, asking: Asking, house: House) -> None:
    """Who is local, then what follows. Beside the rest, so that a slow authority costs no material but its own."""
    question = asking.intent.verification
    sooner = house.clock.monotonic() + question.deadline_ms / 1000 * FIRST_ROUND
    asking.begin(policy.certain(question))
    asking.begin(first := policy.who_is_local(question))
    await asking.until(sooner, only=first)
    asking.begin(policy.what_follows(question, asking.findings(first)))
    await asking.until(asking.intent.deadline)
