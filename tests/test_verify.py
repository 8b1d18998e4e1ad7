"""The one path with doubles for ledger and connectors: what happens in which order, and what happens when it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from gateway.calling.late import Late
from gateway.calling.tasks import Tasks
from gateway.contract.folders import shipped
from gateway.errors import Refused, Replayed, Unwritable
from gateway.house import House
from gateway.installation import read_contracts
from gateway.model import (
    Check,
    Finding,
    Intent,
    Operator,
    Person,
    Receipt,
    SignedRequest,
    Status,
    Verdict,
    Verification,
)
from gateway.policy import Policy
from gateway.verify import RESERVE, verify
from tests.still import StillClock

CHILD, FATHER = Person("229901201206011035", "测试子"), Person("229901198805121012", "测试父")
ADULT = Person("119901197501061137", "样例壬")
SIGNED = SignedRequest("counter-test-key", "n" * 22, 1_525_219_200, 1_525_219_260, bytes(32), "c2ln")


MATERIALS = (b"guardianship_proof", b"residence_permit", b"social_insurance_proof")


@cache
def policy() -> Policy:
    return next(each for each in read_contracts(shipped())[1] if each.name == "jilin-2018-05")


def question(subject: Person = CHILD, guardian: Person | None = FATHER, **changes) -> Verification:
    asked = Verification(
        verification_id="v-1",
        consumer="counter",
        case_number="JL1",
        application_date=date(2018, 5, 2),
        business_items=("passport",),
        purpose="exit_entry_application",
        residence_basis=None,
        operator=Operator("op-0117", "样例员", "229901000000"),
        subject=subject,
        guardian=guardian,
        materials=None,
        deadline_ms=8000,
    )
    return replace(asked, **changes)


@dataclass
class World:
    """Ledger, authorities and renderer in one, so that the order of what they are told is one list."""

    told: list[str] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    deadlines: dict[str, float] = field(default_factory=dict)
    """Seconds that each question was given."""
    region: str = "22"
    silent: set[str] = field(default_factory=set)
    slow: dict[str, asyncio.Event] = field(default_factory=dict)
    """Who answers only when a test lets them."""
    ends: list[tuple[int, str, bool]] = field(default_factory=list)
    """Of each revision its number, its outcome, and whether it is the last."""
    completed: list[Verdict] = field(default_factory=list)
    late_seconds: float = 20.0
    tasks: Tasks = field(default_factory=lambda: Tasks(close_seconds=0.0))
    intend_fails: Exception | None = None
    conclude_fails: Exception | None = None
    clock: StillClock = field(default_factory=StillClock)

    async def intend(self, verification: Verification, signed: SignedRequest, policy: str, deadline: float) -> Intent:
        self.told.append("intend")
        if self.intend_fails is not None:
            raise self.intend_fails
        await asyncio.sleep(0)  # noqa: TID251 - lets whatever should wait for us show that it does not
        self.told.append("intent is durable")
        self.intents.append(Intent("e-1", verification, policy, self.clock.unix(), deadline))
        return self.intents[-1]

    async def conclude(self, intent: Intent, verdict: Verdict, body: bytes, *, is_last: bool) -> Receipt:
        assert intent.entry_id == self.intents[-1].entry_id
        self.told.append(f"conclude {body.decode()}")
        self.ends.append((verdict.revision, verdict.outcome, is_last))
        if self.conclude_fails is not None:
            raise self.conclude_fails
        return Receipt("e-2", "ab" * 32)

    async def revise(
        self, intent: Intent, judged: Callable[[int, dict[str, Any]], Verdict], render: Callable[[Verdict], bytes]
    ) -> Verdict:
        verdict = judged(2, {})
        await self.conclude(intent, verdict, render(verdict), is_last=True)
        return verdict

    def connector(self, authority: str):
        async def ask(intent: Intent, check: Check) -> Finding:
            assert intent.entry_id == self.intents[-1].entry_id, "nothing is asked without the durable question"
            self.deadlines[check.question] = intent.deadline - self.clock.monotonic()
            self.told.append(f"{authority}.{check.question}")
            check.trail.so_far = lambda: Finding(authority, "c", Status.TIMEOUT)
            await asyncio.sleep(0)  # noqa: TID251
            if authority in self.slow:
                await self.slow[authority].wait()
            self.told.append(f"{authority} done")
            if authority in self.silent:
                return Finding(authority, "c", Status.TIMEOUT)
            if check.question == "hukou":
                return Finding(authority, "c", Status.ANSWERED, {"subject": {"hukou_region": self.region}})
            return Finding(authority, "c", Status.NO_RECORD)

        return ask

    def render(self, verdict: Verdict) -> bytes:
        self.told.append("render")
        return " ".join(f"{each.material}={each.decision}" for each in verdict.judgements).encode()

    @property
    def house(self) -> House:
        names = ("guardianship_archive", "household_registry", "residence_permit", "social_insurance")
        connectors = {name: self.connector(name) for name in names}
        late = Late(self.tasks, self.late_seconds, self.completed.append)
        return House([policy()], connectors, self, self.clock, self.render, late)  # type: ignore[arg-type]

    def asked(self) -> set[str]:
        return {line for line in self.told if "." in line and "=" not in line}


async def test_the_question_is_durable_before_anybody_is_asked_and_the_answer_before_it_is_given():
    world = World()
    answered = await verify(question(materials=("guardianship_proof",)), SIGNED, policy(), world.house)
    assert world.told[:2] == ["intend", "intent is durable"]
    assert world.told[-2:] == ["render", f"conclude {answered.body.decode()}"]
    assert (answered.body, answered.receipt.entry_id) == (b"guardianship_proof=undetermined", "e-2")
    assert (answered.verdict.revision, answered.verdict.policy) == (1, "jilin-2018-05")
    assert answered.verdict.answered_at == world.clock.unix()


async def test_authorities_of_one_round_are_asked_side_by_side():
    world = World()
    await verify(question(materials=("guardianship_proof",)), SIGNED, policy(), world.house)
    begun = [world.told.index(line) for line in world.asked()]
    done = [world.told.index(line) for line in world.told if line.endswith("done")]
    assert len(begun) == 2
    assert max(begun) < min(done)


@pytest.mark.parametrize("trouble", [Unwritable("disk full"), Replayed()])
async def test_without_a_durable_question_nobody_is_asked(trouble: Exception):
    world = World(intend_fails=trouble)
    with pytest.raises(type(trouble)):
        await verify(question(), SIGNED, policy(), world.house)
    assert world.told == ["intend"]


async def test_without_a_durable_answer_there_is_none():
    world = World(conclude_fails=Unwritable("disk full"))
    with pytest.raises(Unwritable):
        await verify(question(), SIGNED, policy(), world.house)
    assert world.told[-1].startswith("conclude")


async def test_an_unknown_material_is_refused_before_anything_is_written():
    world = World()
    with pytest.raises(Refused) as caught:
        await verify(question(materials=("marriage_proof",)), SIGNED, policy(), world.house)
    assert (caught.value.http_status, caught.value.code, world.told) == (422, "unknown_material", [])


HUKOU, PERMIT = "household_registry.hukou", "residence_permit.residence"


@pytest.mark.parametrize(
    ("region", "asked", "body"),
    [
        ("22", {HUKOU}, b"residence_permit=not_applicable"),
        ("11", {HUKOU, PERMIT}, b"residence_permit=no_record"),
    ],
)
async def test_the_second_round_is_only_for_those_who_may_owe(region: str, asked: set[str], body: bytes):
    world = World(region=region)
    answered = await verify(question(ADULT, None, materials=("residence_permit",)), SIGNED, policy(), world.house)
    assert (world.asked(), answered.body) == (asked, body)


async def test_the_second_round_begins_when_it_is_known_who_is_local():
    world = World(region="11")
    await verify(question(ADULT, None, materials=("residence_permit",)), SIGNED, policy(), world.house)
    assert world.told.index(PERMIT) > world.told.index("household_registry done")


async def test_what_is_owed_by_everybody_waits_for_no_round():
    world = World(region="11")
    await verify(question(residence_basis="dependant"), SIGNED, policy(), world.house)
    first = {HUKOU, "guardianship_archive.prior_proof", "household_registry.guardianship"}
    assert world.asked() == {*first, PERMIT}
    done = [at for at, line in enumerate(world.told) if line.endswith(" done")]
    assert max(world.told.index(line) for line in first) < min(done)


async def test_when_nobody_can_say_who_is_local_the_permit_is_asked_for_all_the_same():
    world = World(silent={"household_registry"})
    answered = await verify(question(ADULT, None, materials=("residence_permit",)), SIGNED, policy(), world.house)
    assert world.asked() == {HUKOU, PERMIT}
    assert answered.body == b"residence_permit=undetermined"


async def test_an_applicant_who_owes_nothing_is_answered_without_asking_and_still_written_down():
    world = World()
    exempt = question(ADULT, None, residence_basis="study")
    answered = await verify(exempt, SIGNED, policy(), world.house)
    assert world.asked() == set()
    assert world.told[:2] == ["intend", "intent is durable"]
    assert answered.body == b" ".join(material + b"=not_applicable" for material in MATERIALS)


async def test_a_part_of_the_deadline_is_kept():
    world = World(region="11")
    await verify(question(deadline_ms=3000, residence_basis="dependant"), SIGNED, policy(), world.house)
    assert set(world.deadlines) == {"hukou", "prior_proof", "guardianship", "residence"}
    assert list(world.deadlines.values()) == [pytest.approx(3 * (1 - RESERVE))] * 4
