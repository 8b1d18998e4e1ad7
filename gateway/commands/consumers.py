"""`gateway consumers explain` and `gateway consumers list`: who may ask what, as the files say, without asking anybody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gateway import installation
from gateway.clock import Clock, SystemClock
from gateway.commands import consumers_text, question_file, tree
from gateway.commands.screen import Exit, failures, say_json
from gateway.contract.words import unknown
from gateway.errors import Refused
from gateway.model import Verification
from gateway.policy import Policy, choose
from gateway.security.explaining import explain
from gateway.security.grants import Consumers


def explain_request(home: Path, request: Path, name: str | None, as_json: bool, clock: Clock | None = None) -> Exit:
    """Prints which grant allows a question, or what forbids it. Nobody (of those named) may ask it: `NO`.

    A question that the gateway would refuse whoever asks it: `USAGE`; but `NO` where no policy is in force.
    """
    with failures():
        policies, consumers = installation.read_consumers(home)
        if name is not None and name not in consumers.loaded:
            raise ValueError(unknown("consumer", name, consumers.loaded))
        body = request.read_bytes()
    try:
        told = _told(home, policies, consumers, question_file.verification(body), name, clock or SystemClock())
    except Refused as refused:
        question_file.say_refused(request, refused, as_json)
        return Exit.NO if refused.code == "no_policy" else Exit.USAGE
    if as_json:
        say_json(consumers_text.document(told))
    else:
        tree.show(consumers_text.told(told))
    return Exit.DONE if told.is_allowed else Exit.NO


def _told(
    home: Path,
    policies: Sequence[Policy],
    consumers: Consumers,
    question: Verification,
    name: str | None,
    clock: Clock,
) -> consumers_text.Told:
    unit = question.operator.unit_code
    policy = choose(policies, question.application_date, unit)
    materials = [rule.material for rule in policy.asked(question)]
    standings = explain(consumers, question.purpose, materials, unit, clock.unix())
    chosen = tuple(each for each in standings if name in (None, each.file.consumer))
    return consumers_text.Told(home, policy.file, question.purpose, unit, clock.unix(), chosen)


def list_all(home: Path, as_json: bool, clock: Clock | None = None) -> Exit:
    """Prints every consumer with its keys, their states, and its grants."""
    with failures():
        _, consumers = installation.read_consumers(home)
    now = (clock or SystemClock()).unix()
    if as_json:
        say_json(
            {"consumers": [consumers_text.summary(home, each, consumers, now) for each in consumers.loaded.values()]}
        )
    else:
        consumers_text.show_list(home, consumers, now)
    return Exit.DONE
