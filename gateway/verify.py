"""The one path: a question comes in, becomes durable, is asked in two rounds, is judged, and its answer becomes durable.

What has not ended by then goes on, and becomes the last revision of the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from gateway.calling.asking import Asking
from gateway.calling.late import Late
from gateway.clock import Clock
from gateway.judging import judge, overruled
from gateway.ledger.ledger import Ledger
from gateway.model import Connector, ManualFinding, Receipt, SignedRequest, Verdict, Verification
from gateway.policy import Policy

RESERVE = 0.1
"""The part of the deadline that judging and the ledger keep for themselves."""
FIRST_ROUND = 0.4
"""The part of the deadline within which the registry must say who is local, so that a second round can still be asked."""

Officers = Mapping[str, ManualFinding]
"""What officers found, by material."""
NOBODY: Officers = {}


@dataclass(frozen=True, slots=True)
class House:
    """What the path needs: whom we can ask, where it is written down, what time it is, how an answer is spelled, and who
    goes on when it was given."""

    policies: Sequence[Policy]
    connectors: Mapping[str, Connector]
    ledger: Ledger
    clock: Clock
    render: Callable[[Verdict], bytes]
    late: Late


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
        Unwritable: the ledger cannot be written; nothing is asked, or nothing is answered.
    """
    policy.asked(question)
    deadline = house.clock.monotonic() + question.deadline_ms / 1000 * (1 - RESERVE)
    intent = await house.ledger.intend(question, signed, policy.name, deadline)
    asking = Asking(replace(intent, late_seconds=house.late.seconds), house.connectors, house.late.tasks, house.clock)
    await in_two_rounds(policy, asking, house)
    verdict = judged(policy, asking, house, 1, is_last=not (asking.is_pending and house.late.seconds))
    body = house.render(verdict)
    receipt = await house.ledger.conclude(intent, verdict, body, is_last=not verdict.is_pending)
    if verdict.is_pending:
        asking.tell_when_late()
        house.late.begin(complete(policy, asking, house))
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


def judged(
    policy: Policy, asking: Asking, house: House, revision: int, officers: Officers = NOBODY, *, is_last: bool
) -> Verdict:
    """What is known so far, under the policy, and on top of it what officers found. After the last one nobody is asked."""
    question, findings = asking.intent.verification, asking.findings()
    if is_last:
        asking.close()
    judgements = overruled(judge(policy.rules, question, policy.owing(question, findings), findings), officers)
    identifier, as_of, now = question.verification_id, question.application_date, house.clock.unix()
    return Verdict(identifier, revision, policy.name, as_of, now, judgements, is_pending=not is_last)


async def complete(policy: Policy, asking: Asking, house: House) -> None:
    """The last revision, when the rest has ended or its time is over. A crash before it: the next start writes one."""
    await asking.until(asking.intent.ends, stop=house.late.stop)
    verdict = await house.ledger.revise(
        asking.intent, partial(judged, policy, asking, house, is_last=True), house.render
    )
    house.late.told(verdict)
