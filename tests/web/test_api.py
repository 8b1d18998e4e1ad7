"""What the API grants and refuses once the signature is right (hostile-inputs C), on the running system."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.calling.late import Late
from gateway.calling.tasks import Tasks
from gateway.contract.authority import Title
from gateway.contract.consumers import Grant
from gateway.errors import Refused, Unwritable
from gateway.house import House
from gateway.model import Ground, Intent, LegalBasis, SignedRequest, Verification
from gateway.policy import Policy
from gateway.security.grants import Consumer
from gateway.web.api import Api, Bounds
from gateway.web.asked import Asked
from tests.commands.test_policy import QUESTION
from tests.policy import builders
from tests.still import StillClock
from tests.system import GUARDIANSHIP, OTHER, OTHER_KEY, RESIDENCE, UNIT, System
from tests.wire import PATH, reading

pytestmark = pytest.mark.asyncio(loop_scope="module")

CITY = "220201000000"
"""A unit in the one city that the other consumer is granted."""


async def refusal(system: System, body: Any, **changes: Any) -> tuple[int, str]:
    """Status and code. Nobody was asked, and the refusal is the ledger's newest entry."""
    calls = system.calls()
    reply = await system.send(system.asked(body, **changes))
    assert system.calls() == calls
    newest = system.entries()[-1]
    assert (newest["kind"], newest["code"]) == ("refusal", reply.code)
    return reply.status, reply.code


def operator(unit: str) -> dict[str, str]:
    return {"id": "op-0117", "name": "样例警员", "unit_code": unit}


async def test_h41_a_second_identity_number_is_refused(system: System):
    body = b'{"subject": {"citizen_id": "229901201206011035", "citizen_id": "229901198805121012"}}'
    assert await refusal(system, body) == (400, "json_duplicate_key")


@pytest.mark.parametrize("changes", [{"purpose": "curiosity"}, {"operator": operator("310000000000")}])
async def test_h45_another_purpose_or_region_is_403(system: System, changes: dict[str, Any]):
    given = {"materials": [RESIDENCE], **changes}
    unit = given.get("operator", {}).get("unit_code", UNIT)
    assert await refusal(system, system.question("P12", **given)) == (
        (403, "scope") if unit == UNIT else (422, "no_policy")
    )


async def test_h45_h46_a_consumer_gets_what_it_was_granted_and_nothing_besides(system: System):
    theirs = {"key": system.key(OTHER), "keyid": OTHER_KEY}
    granted = system.question("P12", operator=operator(CITY), materials=[RESIDENCE])
    assert (await system.send(system.asked(granted, **theirs))).status == 200
    for changes in (
        {"operator": operator(UNIT)},  # another region
        {"materials": [GUARDIANSHIP]},  # a grant that has run out
        {"materials": [RESIDENCE, GUARDIANSHIP]},  # more than was granted: the whole, not a part
        {"materials": None},  # all of the policy's
        {"purpose": "curiosity"},
    ):
        body = {name: value for name, value in {**granted, **changes}.items() if value is not None}
        assert await refusal(system, body, **theirs) == (403, "scope"), changes


async def test_h45_a_purpose_that_the_policy_is_not_for_is_403_whatever_is_granted():
    with pytest.raises(Refused) as refused:
        await ask_alone(Policy(builders.file(purposes=["statistics"]), builders.VERSION), Noted())
    assert refused.value.code == "scope"


async def ask_alone(policy: Policy, ledger: Noted, **granted: Any) -> None:
    """The API without a door or an authority, for a consumer with one grant, for all that the policy knows."""
    house = House([policy], {}, ledger, StillClock(), bytes, Late(Tasks(), 0.0, pytest.fail))  # type: ignore[arg-type]
    api = Api(house, None, None, Bounds(8000, 8000, 31, 1), pytest.fail)  # type: ignore[arg-type]
    grant = Grant(purpose="exit_entry_application", materials=list(policy.rules), regions=["22"], **granted)
    signed = SignedRequest("k", "nonce", 0, 0, bytes(32), "signature")
    await api.ask(Asked(Consumer("counter", (grant,)), signed, PATH, json.dumps(QUESTION).encode()))


class Noted:
    """A ledger that keeps the question and takes none."""

    def __init__(self) -> None:
        self.questions: list[Verification] = []

    async def intend(self, verification: Verification, *_: Any) -> Intent:
        self.questions.append(verification)
        raise Unwritable


async def test_a_question_carries_the_ground_on_which_it_was_allowed():
    ledger = Noted()
    with pytest.raises(Unwritable):
        await ask_alone(
            Policy(builders.file(), builders.VERSION),
            ledger,
            legal_basis=Title(zh="依据", en="law"),
            disclose_after_days=30,
        )
    assert ledger.questions[0].ground == Ground((LegalBasis("依据", "law"),), 30)


async def test_h48_a_batch_is_no_question(system: System):
    batch = [system.question("P12")] * 30
    assert await refusal(system, batch) == (400, "invalid_question")


async def test_h52_there_is_no_field_for_an_address(system: System):
    body = system.question("P12", callback_url="http://evil.example")
    assert await refusal(system, body) == (400, "invalid_question")


@pytest.mark.parametrize(
    ("day", "code"),
    [("1890-01-01", "application_date"), ("2100-01-01", "application_date"), ("2016-12-31", "no_policy")],
)
async def test_a_consumer_cannot_shop_for_a_policy(system: System, day: str, code: str):
    assert await refusal(system, system.question("P12", application_date=day)) == (422, code)


async def test_nobody_applies_before_they_were_born(system: System):
    unborn = system.question("P14", "A14", application_date="2017-06-01")
    assert await refusal(system, unborn) == (422, "application_date")


@pytest.mark.parametrize("day", ["2018-05-01", "2018-08-31"])
async def test_a_policy_is_in_force_from_its_first_day_to_its_last(system: System, day: str):
    answer = await system.ask("P17", application_date=day)
    assert (answer.policy, answer.as_of.isoformat()) == ("jilin-2018-05", day)


@pytest.mark.parametrize(("day", "policy"), [("2018-04-30", "jilin-2017"), ("2018-09-01", "nation-2018-09")])
async def test_the_day_before_a_policy_and_the_day_after_it_are_its_neighbours(system: System, day: str, policy: str):
    assert (await system.ask("P17", application_date=day)).policy == policy


async def test_an_unknown_material_is_told_the_nearest(system: System):
    reply = await system.send(system.asked(system.question("P12", materials=["guardianship_proff", RESIDENCE])))
    assert (reply.status, reply.code) == (422, "unknown_material")
    (fault,) = reply.json["faults"]
    assert (fault["pointer"], fault["nearest"]) == ("/materials/0", GUARDIANSHIP)
    assert "proff" not in reply.body.decode()


async def test_materials_come_once_and_in_the_order_asked(system: System):
    answer = await system.ask("P12", materials=[RESIDENCE, GUARDIANSHIP, RESIDENCE])
    assert [each.material for each in answer.materials] == [RESIDENCE, GUARDIANSHIP]
    assert (answer.revision, answer.outcome) == (1, "complete")


async def test_only_whom_the_question_needs_is_asked(system: System):
    journals = system.mocks.journals
    before = {name: len(journal) for name, journal in journals.items()}
    await system.ask("P17")  # local: nobody looks for a permit
    assert {name: len(journal) - before[name] for name, journal in journals.items()} == {
        "disabled_federation": 0, "guardianship_archive": 0, "household_registry": 1, "residence_permit": 0,
        "social_insurance": 0,
    }  # fmt: skip


async def test_h51_names_reach_authorities_as_names(system: System):
    """What means something in XML, SQL or XPath is text to them: they compare it, and it is not the name they know."""
    for name in ("<a/>]]>&amp;", "' OR '1'='1", "']|//*", "${jndi:ldap://x}"):
        person = {**system.person("P12"), "name": name}
        answer = await system.ask("P12", subject=person, materials=[RESIDENCE])
        assert [each.reason for each in answer.materials] == ["locality_unknown"], name
        assert system.mocks.journals["residence_permit"], "it was asked: the question is well-formed to them"
        assert {s.status for each in answer.materials for s in each.sources} == {"subject_mismatch"}


async def test_a_read_is_of_an_id_in_its_one_spelling(system: System):
    reply = await system.send(system.asked())
    identifier = reply.json["verification_id"]
    for path in (f"{PATH}/{identifier.upper()}", f"{PATH}/{identifier}/", f"{PATH}/{identifier.replace('-', '')}"):
        assert (await system.send(reading(system.asked(), path))).code == "not_found"
