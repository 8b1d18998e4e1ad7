"""The one path: a question comes in, becomes durable, is asked in two rounds, is judged, and its answer becomes durable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.clock import Clock
from gateway.judging import judge
from gateway.ledger.ledger import Ledger
from gateway.model import Check, Connector, Finding, Intent, Receipt, SignedRequest, Verdict, Verification
from gateway.policy import Policy

RESERVE = 0.1
"""The part of the deadline that judging and the ledger keep for themselves."""


@dataclass(frozen=True, slots=True)
class House:
    """What the path needs: whom we can ask, where it is written down, what time it is, and how an answer is spelled."""

    policies: Sequence[Policy]
    connectors: Mapping[str, Connector]
    ledger: Ledger
    clock: Clock
    render: Callable[[Verdict], bytes]


@dataclass(frozen=True, slots=True)
class Answered:
    """A verdict as the consumer gets it: its exact bytes without the receipt, and the receipt. Both are durable."""

    verdict: Verdict
    body: bytes
    receipt: Receipt


async def verify(question: Verification, signed: SignedRequest, policy: Policy, house: House) -> Answered:
    """The question's answer.

    Raises:
        Refused: the policy does not know a material (before anything is written).
        Replayed: the nonce was used before; nothing is asked.
        Unwritable: the ledger cannot be written; nothing is asked, or nothing is answered.
    """
    first = policy.first_round(question)
    deadline = house.clock.monotonic() + question.deadline_ms / 1000 * (1 - RESERVE)
    intent = await house.ledger.intend(question, signed, policy.name, deadline)
    findings = await ask(first, intent, house)
    findings |= await ask(policy.second_round(question, findings), intent, house)
    judgements = judge(policy.rules, question, policy.owing(question, findings), findings)
    verdict = Verdict(
        question.verification_id, 1, policy.name, question.application_date, house.clock.unix(), judgements
    )
    body = house.render(verdict)
    return Answered(verdict, body, await house.ledger.conclude(intent, verdict, body))


async def ask(checks: Iterable[Check], intent: Intent, house: House) -> dict[tuple[str, str], Finding]:
    """Every check, side by side. A connector gives a finding whatever happens, so nothing is lost to another's failure."""
    asked = list(checks)
    found = await asyncio.gather(*(house.connectors[check.authority](intent, check) for check in asked))
    return {(check.authority, check.question): finding for check, finding in zip(asked, found, strict=True)}
