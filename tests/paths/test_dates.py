"""The people of people.csv and the foreign numbers at the counter, on one day under each of the four policies."""

from __future__ import annotations

import pytest

from gateway.mapping import citizen_ids
from tests.system import GUARDIANSHIP, RESIDENCE, System

pytestmark = pytest.mark.asyncio(loop_scope="module")

INSURANCE_PROOF = "social_insurance_proof"
DAYS = {
    "2017-06-01": "jilin-2017",
    "2018-05-02": "jilin-2018-05",
    "2018-10-08": "nation-2018-09",
    "2019-05-06": "nation-2019-04",
}

VERDICTS = {
    "confirmed": {
        "parent_head", "registry_guardian", "spouse_of_head", "permit_valid", "insurance_continuous",
    },
    "contradicted": {"permit_suspended", "insurance_too_short", "insurance_lapsed"},
    "no_record": {"no_permit_on_record", "no_insurance_on_record"},
    "undetermined": {"locality_unknown"},
    "not_applicable": {"not_a_minor", "local_applicant", "other_basis"},
}  # fmt: skip
NOT_OWED = ("not_a_minor", "local_applicant", "other_basis")

# Applicant, ground, and what they get on each day, short: the reason for guardianship / permit / insurance.
# `-` not a minor, `L` a local applicant, `x` another ground than this material's, `?` nobody can say who is local.
# The last day's policy knows guardianship alone. `unborn`: not asked. Ages are of that day: P04 is 16 on 2019-05-02,
# P05 on 2018-05-02, P06 the day after. P08 and P09 are insured from 2017-03 and 2017-04 on, until 2018-04 and 2018-03:
# too short in 2017, lapsed by October. Permits run from 2017-06-01 to 2018-06-01;
# P11's is suspended in today's register, whatever day is asked about.
TABLE = """
P01        employment        -/x/L                      -/x/L                      -/x/L                      -
P01        residence_permit  -/L/x                      -/L/x                      -/L/x                      -
P02        residence_permit  -/L/x                      -/L/x                      -/L/x                      -
P03+P01    residence_permit  parent_head/L/x            parent_head/L/x            parent_head/L/x            parent_head
P03+P02    dependant         spouse_of_head/L/x         spouse_of_head/L/x         spouse_of_head/L/x         spouse_of_head
P04+A04    residence_permit  registry_guardian/L/x      registry_guardian/L/x      registry_guardian/L/x      -
P05+A06    residence_permit  parent_head/L/x            -/L/x                      -/L/x                      -
P06+A06    residence_permit  parent_head/L/x            parent_head/L/x            -/L/x                      -
P07        residence_permit  -/L/x                      -/L/x                      -/L/x                      -
P08        employment        -/x/insurance_too_short    -/x/insurance_continuous   -/x/insurance_lapsed       -
P08        residence_permit  -/no_permit_on_record/x    -/no_permit_on_record/x    -/no_permit_on_record/x    -
P09        employment        -/x/insurance_too_short    -/x/insurance_continuous   -/x/insurance_lapsed       -
P09        residence_permit  -/permit_valid/x           -/permit_valid/x           -/permit_suspended/x       -
P11        residence_permit  -/permit_suspended/x       -/permit_suspended/x       -/permit_suspended/x       -
P12        residence_permit  -/permit_valid/x           -/permit_valid/x           -/permit_suspended/x       -
P12        employment        -/x/no_insurance_on_record -/x/no_insurance_on_record -/x/no_insurance_on_record -
P13        residence_permit  -/permit_valid/x           -/permit_valid/x           -/permit_suspended/x       -
P13        study             -/x/x                      -/x/x                      -/x/x                      -
P14+A14    dependant         unborn                     registry_guardian/L/x      registry_guardian/L/x      registry_guardian
P15        residence_permit  -/L/x                      -/L/x                      -/L/x                      -
P16        residence_permit  -/L/x                      -/L/x                      -/L/x                      -
P17        employment        -/x/L                      -/x/L                      -/x/L                      -
F01        residence_permit  -/?/x                      -/?/x                      -/?/x                      -
F02        employment        -/x/?                      -/x/?                      -/x/?                      -
F03        study             -/x/x                      -/x/x                      -/x/x                      -
F04        residence_permit  -/?/x                      -/?/x                      -/?/x                      -
F04        employment        -/x/?                      -/x/?                      -/x/?                      -
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
SHORT = {"-": "not_a_minor", "L": "local_applicant", "x": "other_basis", "?": "locality_unknown"}
CASES = [
    (who, basis, day, cell)
    for who, basis, *cells in ROWS
    for day, cell in zip(DAYS, cells, strict=True)
    if cell != "unborn"
]


def expected(cell: str) -> dict[str, tuple[str, str]]:
    """Verdict and reason by material."""
    materials = (GUARDIANSHIP, RESIDENCE, INSURANCE_PROOF)
    reasons = [SHORT.get(short, short) for short in cell.split("/")]
    by_reason = {reason: verdict for verdict, known in VERDICTS.items() for reason in known}
    return {material: (by_reason[reason], reason) for material, reason in zip(materials, reasons, strict=False)}


@pytest.mark.parametrize(("who", "basis", "day", "cell"), CASES)
async def test_the_day_decides(system: System, who: str, basis: str, day: str, cell: str):
    subject, _, guardian = who.partition("+")
    answer = await system.ask(subject, guardian or None, application_date=day, residence_basis=basis)
    assert (answer.policy, answer.as_of.isoformat()) == (DAYS[day], day)
    assert {each.material: (each.verdict, each.reason) for each in answer.materials} == expected(cell)
    for each in answer.materials:
        assert (each.disposition == "waived") == (each.verdict == "confirmed")
        assert (each.disposition == "not_applicable") == (each.verdict == "not_applicable")
        assert (each.disposition == "officer_check") == (
            each.verdict == "undetermined" or each.reason in ("insurance_too_short", "insurance_lapsed")
        )


async def test_the_table_has_everybody_with_everyone_who_comes_along(system: System):
    people = {key: member for key, member in system.cast.people.items() if key[0] in "PF"}
    assert {row[0].partition("+")[0] for row in ROWS} == people.keys()
    assert {f"{key}+{each.guardian}" for key, each in people.items() if each.guardian} <= {row[0] for row in ROWS}


async def test_whom_the_table_calls_unborn_is(system: System):
    for who, _, *cells in ROWS:
        born = citizen_ids.born_on(system.cast.people[who.partition("+")[0]].citizen_id).isoformat()
        assert [day for day in DAYS if day < born] == [
            day for day, cell in zip(DAYS, cells, strict=True) if cell == "unborn"
        ]


async def test_the_day_that_a_policy_ends_another_answers(system: System):
    for day, policy in (("2018-04-30", 0), ("2018-05-01", 1), ("2018-08-31", 1), ("2018-09-01", 2), ("2019-04-01", 3)):
        answer = await system.ask("P12", application_date=day, materials=[GUARDIANSHIP])
        assert answer.policy == list(DAYS.values())[policy]
