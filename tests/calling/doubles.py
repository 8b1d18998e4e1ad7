"""What the tests of this room are made of: connectors that say what they are told, a platform on paper, one question."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from multidict import CIMultiDict, CIMultiDictProxy

from gateway.calling.secrets import Kept, Secret, SecretKeeper
from gateway.calling.tasks import Tasks
from gateway.calling.wire import Reply
from gateway.contract.authority import Question
from gateway.errors import Trouble
from gateway.model import Check, Evidence, Finding, Grade, Intent, Join, Operator, Person, Status, Verification
from tests.still import START_UNIX, StillClock

WHO = Person("219901199103151084", "阿测·样例")
DAY = date(2018, 5, 2)
OPERATOR = Operator("op-0117", "测试员", "229901000000")
VERIFICATION = Verification(
    "v1", "counter", "JL1", DAY, ("passport",), "exit_entry_application", "employment", OPERATOR, WHO, None, None, 8000
)
AUTHORITY, QUESTION = "social_insurance", "insurance"


def intent(seconds: float = 7.0, late: float = 0.0) -> Intent:
    """A question that the still clock has so many seconds for, and so many more for what is late."""
    deadline = StillClock().monotonic_seconds + seconds
    return Intent("e1", VERIFICATION, "jilin-2018-05", START_UNIX, deadline, late_seconds=late)


def check(join: Join | None = None, **changes: Any) -> Check:
    return replace(Check(AUTHORITY, QUESTION, {"subject": WHO}, DAY, join), **changes)


def question(walk: str = "once", *steps: str, **more: Any) -> Question:
    named = {step: {"operation": f"ask_{step}", "about": ["subject"]} for step in steps or ("insured",)}
    return Question.model_validate({"walk": walk, "steps": named, **more})


def finding(status: Status = Status.ANSWERED, channel: str = "share", **facts: Any) -> Finding:
    records: Mapping[str, Any] = {}
    if status.is_reply:
        records = {"insured": facts if status is Status.ANSWERED else None}
    return Finding(AUTHORITY, channel, status, records)


@dataclass
class Asked:
    """A connector that says what it is told, in turn (the last again and again), and remembers what it was asked."""

    says: list[Finding | Exception]
    checks: list[Check] = field(default_factory=list)
    gate: asyncio.Event | None = None
    """Nothing is said before it is open."""
    cancelled: int = 0
    sends: bool = True
    """Without it, it never gets as far as the wire."""

    async def __call__(self, intent: Intent, check: Check) -> Finding:
        self.checks.append(check)
        check.trail.attempts += self.sends
        if self.gate is not None:
            try:
                await self.gate.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, Exception):
            raise said
        return said


@dataclass
class Platform:
    """Hands out secrets: `s1`, `s2` ... Each lives for a while; `broken` is what a fetch raises instead."""

    clock: StillClock
    life: float = 3600.0
    given: int = 0
    fetches: int = 0
    at_once: int = 0
    most_at_once: int = 0
    broken: Trouble | None = None
    gate: asyncio.Event | None = None
    fixed: str | None = None
    """The same text every time."""

    async def fetch(self) -> Secret:
        self.fetches += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.gate is not None:
                await self.gate.wait()
            if self.broken is not None:
                raise self.broken
            self.given += 1
            return Secret(self.fixed or f"s{self.given}", self.clock.unix() + self.life)
        finally:
            self.at_once -= 1


@dataclass
class Told:
    """Remembers every call."""

    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def __call__(self, *said: Any) -> None:
        self.calls.append(said)


def keeper(
    platform: Platform, tasks: Tasks, told: Callable[[str, str, bool], None] | None = None, jitter: float = 1.0
) -> SecretKeeper:
    kept = Kept(AUTHORITY, "share", 3600.0, 5.0, told or Told())
    return SecretKeeper(platform.fetch, kept, tasks, platform.clock, lambda: jitter)


class _Turn:
    """One turn of the event loop."""

    def __await__(self) -> Generator[None, None, None]:
        yield


async def turns(count: int = 20) -> None:
    """Lets whatever can go on go on, without any time passing."""
    for _ in range(count):
        await _Turn()


def reply(body: bytes | str, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    data = body if isinstance(body, bytes) else body.encode()
    return Reply(status, CIMultiDictProxy(CIMultiDict(headers or {})), data)


def called(name: str, status: Status, reply_sha256: str | None = "b" * 64, elapsed_ms: int = 40) -> Evidence:
    """One call, as evidence."""
    grade = Grade.A if status.is_reply else None
    return Evidence(name, "registry", "query", "op", 1, status, Grade.A, grade, "a" * 64, reply_sha256, elapsed_ms, 0.0)
