"""`POST /v1/verifications/{id}/findings`: what an officer found; `POST /v1/checks/search`: what is left to look at."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints

from gateway.clock import local_day, rfc3339
from gateway.contract.policies import MaterialRule
from gateway.contract.words import nearest
from gateway.errors import Fault
from gateway.house import House
from gateway.judging import may_overrule, overruled
from gateway.ledger.officers import Forgotten, Kept, Looked, Overtaken
from gateway.model import Ground, Judgement, ManualFinding, Operator, Reason, Seen, Verdict
from gateway.store.checks import Check, Position
from gateway.web import answers, questions, restored, sizes
from gateway.web.asked import Asked
from gateway.web.problems import refused
from gateway.web.questions import AskingOperator, StrictBody, Word
from gateway.web.sealing import Given
from gateway.web.spelled import Spelled

CHECKS: Final = "/v1/checks/search"
FINDINGS: Final = "/findings"
TRIES: Final = 5
"""Revisions may come in the same moment: a late answer, another officer. So often the newest is read anew."""
CLOCK_SECONDS: Final = 120
"""How far the counter's clock may be from ours, as with signatures."""
PAPER: Final = "paper"

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _moment(value: Any) -> Any:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("must be a moment with its zone, written 2018-05-02T08:00:00+08:00")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_moment), Field(strict=False)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Cursor = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{1,15}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[a-z0-9_]{1,60}$")
]


class FoundByOfficer(StrictBody):
    """What an officer found of one material. There is no field for a note: it could hold a person (decision 28)."""

    operator: AskingOperator
    material: Word = Field(examples=["residence_permit"])
    seen: Annotated[Seen, Field(strict=False)]
    where: Word = Field(examples=["residence_permit"])
    """The authority whose record was looked at, by its name in the answers; or `paper`."""
    seen_at: Moment = Field(examples=["2018-05-02T09:30:00+08:00"])
    screenshot_sha256: Sha256
    """Of the screenshot or scan, which stays with the consumer; lower-case hex."""


class ChecksWish(StrictBody):
    """Whose list, and which page of it."""

    operator: AskingOperator
    limit: int = Field(default=50, ge=1, le=100)
    cursor: Cursor | None = None
    """`next` of the page before; opaque."""


class CheckOut(Spelled):
    """One material that an officer is still to look at. The consumer knows the case by the verification."""

    verification_id: str
    material: str
    reason: Reason
    since: datetime


class ChecksAnswer(Spelled):
    """One page, oldest first."""

    checks: list[CheckOut]
    next: str | None


async def search(house: House, asked: Asked) -> Given:
    """One page of what the officers of a unit are still to look at, of this consumer's own answers."""
    wish = questions.strictly(asked.body, ChecksWish)
    operator = _operator(wish.operator)
    _ground(house, asked, operator.unit_code)
    after = _position(wish.cursor) if wish.cursor is not None else None
    found = await house.ledger.officers.open(asked.consumer.name, asked.signed, operator, after, wish.limit + 1)
    shown = found[: wish.limit]
    onward = "/".join(str(part) for part in shown[-1].position) if len(found) > len(shown) else None
    content = {"checks": [_check(each) for each in shown], "next": onward}
    return Given(sizes.filled(_encode(content).encode(), sizes.ANSWER_STEP))


def _position(cursor: str) -> Position:
    since, verification_id, material = cursor.split("/")
    return Position(int(since), verification_id, material)


def _check(each: Check) -> dict[str, Any]:
    since, verification_id, material = each.position
    return {
        "verification_id": verification_id,
        "material": material,
        "reason": each.reason,
        "since": rfc3339(since / 1000),
    }


async def add(house: House, asked: Asked, verification_id: str) -> Given:
    """The next revision of an answer, with what an officer of the unit that asked found."""
    wish = questions.strictly(asked.body, FoundByOfficer)
    finding = _Finding(house, asked, wish, _ground(house, asked, wish.operator.unit_code))
    for _ in range(TRIES):
        try:
            kept = await house.ledger.officers.kept(verification_id, asked.consumer.name)
            if kept is None:
                raise refused("not_found")
            return Given(answers.with_receipt(*await finding.added_to(kept)))
        except (Forgotten, restored.NoAnswer):
            raise refused("finding_too_late") from None
        except Overtaken:
            continue
    raise refused("overtaken")


@dataclass(frozen=True, slots=True)
class _Finding:
    """One request, held against what is kept of the answer."""

    house: House
    asked: Asked
    wish: FoundByOfficer
    ground: Ground

    async def added_to(self, kept: Kept) -> Any:
        """The bytes of the new revision and its receipt. Raises Refused; Overtaken, Forgotten."""
        if kept.intent["unit_code"] != self.wish.operator.unit_code:
            raise refused("other_unit")
        verdict = restored.verdict(kept.body)
        judgements = {each.material: each for each in verdict.judgements}
        self._require_known(judgements, kept)
        rule = self._rule(verdict.policy)
        if not may_overrule(judgements[self.wish.material], rule):
            raise refused("may_not_overrule")

        def revised(found: ManualFinding) -> tuple[Verdict, bytes]:
            newer = replace(
                verdict,
                revision=verdict.revision + 1,
                answered_at=self.house.clock.unix(),
                judgements=overruled(verdict.judgements, {self.wish.material: found}),
            )
            return newer, self.house.render(newer)

        return await self.house.ledger.officers.add(self.asked.signed, kept, self._looked(), self.ground, revised)

    def _rule(self, policy: str) -> MaterialRule:
        for each in self.house.policies:
            if each.name == policy and self.wish.material in each.rules:
                return each.rules[self.wish.material]
        raise refused("finding_too_late")

    def _require_known(self, judgements: Mapping[str, Judgement], kept: Kept) -> None:
        """The material is one of the answer, the place one of ours, the time between the question and now."""
        wish = self.wish
        if wish.material not in judgements:
            raise refused(
                "unknown_material", faults=(_unknown("unknown_material", "/material", wish.material, judgements),)
            )
        places = [*self.house.connectors, PAPER]
        if wish.where not in places:
            raise refused("invalid_question", faults=(_unknown("unknown_value", "/where", wish.where, places),))
        earliest = datetime.fromisoformat(kept.intent["asked_at"]).timestamp() - CLOCK_SECONDS
        latest = self.house.clock.unix() + CLOCK_SECONDS
        if not earliest <= wish.seen_at.timestamp() <= latest:
            expected = "a moment after the question and not in the future"
            raise refused("invalid_question", faults=(Fault("out_of_range", "/seen_at", expected=expected),))

    def _looked(self) -> Looked:
        wish = self.wish
        return Looked(
            _operator(wish.operator),
            wish.material,
            wish.seen,
            wish.where,
            wish.seen_at.timestamp(),
            wish.screenshot_sha256,
        )


def _unknown(code: str, pointer: str, given: str, known: Any) -> Fault:
    names = list(known)
    return Fault(code, pointer, expected=", ".join(names), nearest=nearest(given, names))


def _operator(given: AskingOperator) -> Operator:
    return Operator(given.id, given.name, given.unit_code)


def _ground(house: House, asked: Asked, unit_code: str) -> Ground:
    ground = asked.consumer.ground_for_findings(unit_code, local_day(house.clock.unix()))
    if ground is None:
        raise refused("scope", "your officers of this unit may not add what they found")
    return ground
