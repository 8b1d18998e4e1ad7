"""The house that a question goes through, what its findings mean there, and how an answer is completed once it was given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from gateway.calling.asking import Asking
from gateway.calling.late import Late
from gateway.calling.timings import Timings
from gateway.clock import Clock
from gateway.judging import judge, overruled
from gateway.ledger.ledger import Ledger
from gateway.model import Connector, ManualFinding, Verdict
from gateway.policy import Policy

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
    timings: Timings = field(default_factory=Timings)


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
