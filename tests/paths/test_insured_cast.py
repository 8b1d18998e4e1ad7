"""Everybody whom the social insurance knows, at the counter on the dates of four policies: what each one's story says."""

from __future__ import annotations

import pytest

from tests.system import INSURANCE, System

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROOF = "social_insurance_proof"
DATES = ("2018-02-01", "2018-05-02", "2018-10-08", "2019-05-06")
"""One under each policy: the channels race, are compared, or one comes after a delay; then none is asked."""
REASONS = {
    "continuous": "confirmed", "too_short": "contradicted", "gap": "contradicted", "lapsed": "contradicted",
    "stopped": "contradicted", "elsewhere": "contradicted",
}  # fmt: skip

# The reasons on the first three dates, without their `insurance_`.
CAST = {
    "too_short continuous lapsed": "P09 S05",
    "continuous continuous lapsed": "P08 S06 S15 S17 S19 S21",
    "continuous lapsed lapsed": "S18",
    "too_short gap too_short": "S01",
    "too_short too_short too_short": "S02 S04 S07 S08 S20",
    "stopped lapsed lapsed": "S03",
    "elsewhere elsewhere too_short": "S09 S10 S11",
    "stopped stopped lapsed": "S12 S13 S14",
}
BY_PERSON = {key: reasons.split() for reasons, keys in CAST.items() for key in keys.split()}

# Trouble on 2018-05-02: the material's reason, and the status of `share` and of `query` for each one.
TROUBLE = {
    "channels_diverge answered answered": "S16",
    "no_insurance_on_record no_record no_record": "T60",
    "ambiguous ambiguous ambiguous": "T61 T62 T93",
    "unreachable unreachable unreachable": "T63 T65 T78 T79 T80 T82 T84 T85",
    "timeout timeout timeout": "T64 T86",
    "config_fault config_fault config_fault": "T66 T68 T69 T70 T71 T72 T73 T74 T75 T76 T81",
    "closed_window closed_window closed_window": "T67",
    "bad_reply bad_reply bad_reply": "T77 T87 T88",
    "busy busy busy": "T83",
    "busy quota_spent busy": "T89",
    "insurance_continuous answered unreachable": "T90",
    "insurance_continuous unreachable answered": "T91",
    "subject_mismatch subject_mismatch subject_mismatch": "T92",
}
IN_TROUBLE = {key: told.split() for told, keys in TROUBLE.items() for key in keys.split()}


async def asked(system: System, key: str, day: str):
    answer = await system.ask(key, application_date=day, residence_basis="employment", materials=[PROOF])
    (material,) = answer.materials
    return material


@pytest.mark.parametrize("day", DATES[:3])
@pytest.mark.parametrize("key", BY_PERSON)
async def test_the_months_are_judged_on_the_day_of_the_application(system: System, key: str, day: str):
    material = await asked(system, key, day)
    expected = BY_PERSON[key][DATES.index(day)]
    assert (material.verdict, material.reason) == (REASONS[expected], f"insurance_{expected}")


@pytest.mark.parametrize("key", IN_TROUBLE)
async def test_every_status_of_both_channels_ends_where_it_should(system: System, key: str):
    material = await asked(system, key, DATES[1])
    statuses = {source.channel: source.status for source in material.sources if source.authority == INSURANCE}
    assert [material.reason, statuses["share"], statuses["query"]] == IN_TROUBLE[key]
    assert (material.verdict == "no_record") == (material.reason == "no_insurance_on_record")
    diverging = [source.diverges_on for source in material.sources if source.diverges_on]
    assert diverging == ([("months",)] if material.reason == "channels_diverge" else [])


async def test_since_2019_nobody_owes_it(system: System):
    answer = await system.ask("P08", application_date=DATES[3], residence_basis="employment")
    assert PROOF not in [material.material for material in answer.materials]


async def test_the_tables_have_everybody_of_whom_the_insurance_knows(system: System):
    known = {key for key, member in system.cast.people.items() if INSURANCE in member.answers}
    assert known == BY_PERSON.keys() | IN_TROUBLE.keys()
