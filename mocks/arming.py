"""Which faults are armed, for whom, and whose turn it is: a row of steps for each, and the first that fits strikes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.contract.words import nearest
from mocks import faults
from mocks.clock import MockClock
from mocks.faults.fault import Fault, Given

EVERYBODY = "*"
ANSWERS = "answers"
"""A step without a fault."""
REFRESH = "refresh"
"""The operation that refreshes a platform's secret: no person stands in it, so it must be named to be struck."""


class CannotArm(ValueError):
    """The order names something that is not there. The text holds none of the words that were given."""


@dataclass(frozen=True, slots=True)
class Step:
    """One fault, for so many calls, or for so many seconds of the mocks' clock from its first call on; else for good."""

    fault: str
    times: int | None = None
    lasting: float | None = None
    seconds: float | None = None
    """What the fault itself takes, where the vocabulary says that it takes time."""


@dataclass(slots=True)
class Armed:
    """A row of steps, and how far it has come. When the last is spent, the authority answers again."""

    id: int
    person: str
    authority: str
    channel: str | None
    operation: str | None
    steps: tuple[Step, ...]
    at: int = 0
    used: int = 0
    since: float | None = None
    struck: int = 0

    def shown(self) -> dict[str, Any]:
        """As JSON, without personal data."""
        steps = [
            {name: getattr(step, name) for name in ("fault", "times", "lasting", "seconds")} for step in self.steps
        ]
        return {
            "id": self.id, "person": self.person, "authority": self.authority, "channel": self.channel,
            "operation": self.operation, "steps": [{k: v for k, v in step.items() if v is not None} for step in steps],
            "step": self.at + 1, "used": self.used, "struck": self.struck,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that strikes this call."""

    name: str
    fault: Fault
    given: Given
    why: str


@dataclass(slots=True)
class Known:
    """What may be named: people by key, and of every authority its channels with their operations and wires."""

    people: Collection[str]
    channels: dict[str, dict[str, tuple[str, Collection[str]]]] = field(default_factory=dict)


class Arming:
    """The faults of all mocks."""

    def __init__(self, known: Known, clock: MockClock) -> None:
        self._known = known
        self._clock = clock
        self._armed: dict[int, Armed] = {}
        self._last = 0

    def arm(
        self,
        person: str,
        authority: str,
        steps: Sequence[Step],
        *,
        channel: str | None = None,
        operation: str | None = None,
    ) -> Armed:
        """Raises CannotArm: a name that is not there, or a fault that this wire cannot have."""
        known = self._known
        if person != EVERYBODY:
            _require("person", person, known.people, f"a key of the cast, or {EVERYBODY}")
        _require("authority", authority, known.channels)
        channels = known.channels[authority]
        if channel is not None:
            _require("channel", channel, channels)
        meant = {name: found for name, found in channels.items() if channel in (None, name)}
        if operation is not None:
            _require("operation", operation, {each for _, operations in meant.values() for each in operations})
        if not steps:
            raise CannotArm("needs at least one step")
        wires = {wire for wire, operations in meant.values() if operation is None or operation in operations}
        for step in steps:
            _check(step, wires, is_refresh=operation == REFRESH)
        self._last += 1
        armed = Armed(self._last, person, authority, channel, operation, tuple(steps))
        self._armed[armed.id] = armed
        return armed

    def __iter__(self) -> Any:
        return iter(tuple(self._armed.values()))

    def clear(self, number: int | None = None) -> int:
        """How many were disarmed: all of them, or the one with that number."""
        chosen = [number] if number is not None else list(self._armed)
        return sum(self._armed.pop(each, None) is not None for each in chosen)

    def strike(self, authority: str, channel: str, operation: str, people: Sequence[str]) -> Strike | None:
        """Takes this call's step: for the person before for everybody, and what was armed last before what was first."""
        fitting = [armed for armed in self._armed.values() if _fits(armed, authority, channel, operation, people)]
        for armed in sorted(fitting, key=lambda each: (each.person == EVERYBODY, -each.id)):
            step = self._turn(armed)
            if step is not None:
                return self._struck(armed, step)
        return None

    def _turn(self, armed: Armed) -> Step | None:
        """The step of this call; a row that is spent disarms itself."""
        now = self._clock.unix()
        while armed.at < len(armed.steps):
            step = armed.steps[armed.at]
            over = armed.since is not None and step.lasting is not None and now >= armed.since + step.lasting
            if not over and (step.times is None or armed.used < step.times):
                armed.since = now if armed.since is None else armed.since
                armed.used += 1
                if armed.used == step.times and armed.at + 1 == len(armed.steps):
                    self._armed.pop(armed.id)
                return step
            armed.at, armed.used, armed.since = armed.at + 1, 0, None
        del self._armed[armed.id]
        return None

    def _struck(self, armed: Armed, step: Step) -> Strike | None:
        if step.fault == ANSWERS:
            return None
        fault = faults.named(step.fault)
        assert fault is not None
        assert armed.since is not None
        armed.struck += 1
        remaining = armed.since + step.lasting - self._clock.unix() if step.lasting is not None else None
        seconds = step.seconds if step.seconds is not None else fault.seconds or 0.0
        of = f" of {step.times}" if step.times is not None else ""
        turn = f"step {armed.at + 1} of {len(armed.steps)}, call {armed.used}{of}"
        why = f"{step.fault}: armed as {armed.id} for {armed.person}, {turn}"
        return Strike(step.fault, fault, Given(seconds, remaining, self._clock), why)


def _fits(armed: Armed, authority: str, channel: str, operation: str, people: Sequence[str]) -> bool:
    if armed.authority != authority or armed.channel not in (None, channel):
        return False
    if armed.operation != operation and (armed.operation is not None or operation == REFRESH):
        return False
    return armed.person == EVERYBODY or armed.person in people


def _check(step: Step, wires: Collection[str], *, is_refresh: bool) -> None:
    if step.fault != ANSWERS:
        fault = faults.named(step.fault)
        if fault is None:
            _require("fault", step.fault, {*faults.FAULTS, ANSWERS}, "status_ and three digits, 200 to 599")
            raise CannotArm("write the status out: status_503")
        if not set(fault.wires) & set(wires):
            raise CannotArm(f"this fault is for {' and '.join(fault.wires)} only")
        if is_refresh and not (fault.text or fault.body or fault.send):
            raise CannotArm("this fault has no place in a refresh: nothing is signed or told there")
        if step.seconds is not None and fault.seconds is None:
            raise CannotArm("this fault takes no 'seconds'")
    if (step.times is not None and step.times < 1) or (step.lasting is not None and step.lasting <= 0):
        raise CannotArm("'times' and 'lasting' must be above 0")
    if step.seconds is not None and step.seconds < 0:
        raise CannotArm("'seconds' must not be below 0")


def _require(what: str, word: str, known: Collection[str] | Mapping[str, Any], hint: str = "") -> None:
    if word in known:
        return
    near = nearest(word, known)
    told = (
        f"; did you mean {near!r}?"
        if near
        else f"; it must be {hint}"
        if hint
        else f"; known: {', '.join(sorted(known))}"
    )
    raise CannotArm(f"unknown {what}{told}")
