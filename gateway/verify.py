"""The one path: a question comes in, becomes durable, is asked in two rounds, is judged, and its answer becomes durable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.clock import Clock
from gateway.judging import judge
from gateway.ledger.ledger import Ledger
from gateway.model import Check, Connector, Finding, Intent, Receipt, SignedRequest, Verdict, Verification
from gateway.policy import Policy

RESERVE = 0.1
"""The part of the deadline that judging and the ledger keep for themselves."""
FIRST_ROUND = 0.4
"""The part of the deadline within which the registry must say who is local, so that a second round can still be asked."""

Findings = dict[tuple[str, str], Finding]
"""By authority and question."""


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
        Held: its idempotency key stands for a question already; nothing is asked.
        Unwritable: the ledger cannot be written; nothing is asked, or nothing is answered.
    """
    policy.asked(question)
    deadline = house.clock.monotonic() + question.deadline_ms / 1000 * (1 - RESERVE)
    intent = await house.ledger.intend(question, signed, policy.name, deadline)
    certain, rest = await asyncio.gather(
        ask(policy.certain(question), intent, house), in_two_rounds(question, policy, intent, house)
    )
    findings = certain | rest
    judgements = judge(policy.rules, question, policy.owing(question, findings), findings)
    verdict = Verdict(
        question.verification_id, 1, policy.name, question.application_date, house.clock.unix(), judgements
    )
    body = house.render(verdict)
    return Answered(verdict, body, await house.ledger.conclude(intent, verdict, body))


async def in_two_rounds(question: Verification, policy: Policy, intent: Intent, house: House) -> Findings:
    """Who is local, then what follows. Beside the rest, so that a slow authority costs no material but its own."""
    sooner = replace(intent, deadline=house.clock.monotonic() + question.deadline_ms / 1000 * FIRST_ROUND)
    findings = await ask(policy.who_is_local(question), sooner, house)
    return findings | await ask(policy.what_follows(question, findings), intent, house)


async def ask(checks: Iterable[Check], intent: Intent, house: House) -> Findings:
    """Every check, side by side. A connector gives a finding whatever happens, so nothing is lost to another's failure."""
    asked = list(checks)
    asking = [house.connectors[check.authority](intent, check) for check in asked]
    found = await asyncio.gather(*asking) if len(asking) > 1 else [await one for one in asking]
    return {(check.authority, check.question): finding for check, finding in zip(asked, found, strict=True)}
