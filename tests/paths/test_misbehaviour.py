"""Every fault of the mocks' vocabulary on every channel, for one person, through the gateway: silence is never a no."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gateway.client import Answer
from mocks import faults
from mocks.arming import CannotArm
from tests.paths.margins import LINES
from tests.system import ARCHIVE, CHANNELS, GUARDIANSHIP, INSURANCE, PERMITS, REGISTRY, RESIDENCE, System

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "mocks.md"
INSURANCE_PROOF = "social_insurance_proof"
ASKED: dict[tuple[str, str], tuple[str, str | None, str, str]] = {
    (PERMITS, "share"): ("P12", None, "residence_permit", RESIDENCE),
    (ARCHIVE, "share"): ("M01", "A01", "residence_permit", GUARDIANSHIP),
    (REGISTRY, "query"): ("P03", "P01", "residence_permit", GUARDIANSHIP),
    (INSURANCE, "share"): ("P08", None, "employment", INSURANCE_PROOF),
    (INSURANCE, "query"): ("P08", None, "employment", INSURANCE_PROOF),
}
"""By channel: who comes to the counter, with whom, on which ground, for what. Without a fault each one is confirmed."""

# What the gateway calls each fault, in the order of ASKED.
TABLE = """
unreachable         unreachable      unreachable      unreachable      unreachable      unreachable
reset               unreachable      unreachable      unreachable      unreachable      unreachable
reset_mid_body      unreachable      unreachable      unreachable      unreachable      unreachable
cut_body            unreachable      unreachable      unreachable      unreachable      unreachable
malformed_chunk     bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
hang                timeout          timeout          timeout          timeout          timeout
slow_first_byte     answered         answered         answered         answered         answered
drip_body           answered         answered         answered         answered         answered
drip_headers        answered         answered         answered         answered         answered
empty               bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
garbage             bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
wrong_content_type  bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
wrong_charset       bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
cut_json            bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
duplicate_key       bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
html_login          bad_signature    bad_signature    bad_reply        bad_signature    bad_reply
rate_limit          busy             busy             busy             busy             busy
status_201          bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
status_204          bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
status_302          bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
status_400          bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
status_404          bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
status_418          bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
status_500          bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
status_502          unreachable      unreachable      unreachable      unreachable      unreachable
status_503          unreachable      unreachable      unreachable      unreachable      unreachable
status_504          timeout          timeout          timeout          timeout          timeout
status_599          bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
stale_data          answered         answered         answered         answered         bad_reply
swapped_person      subject_mismatch subject_mismatch subject_mismatch subject_mismatch subject_mismatch
schema_violation    bad_reply        bad_reply        bad_reply        bad_reply        bad_reply
other_reply         bad_signature    bad_signature    subject_mismatch not_bound        not_bound
wrong_signature     bad_signature    bad_signature    bad_signature    bad_signature    bad_signature
missing_signature   bad_signature    bad_signature    bad_signature    bad_signature    bad_signature
old_signature       bad_signature    bad_signature    bad_signature    bad_signature    bad_signature
key_rotated         bad_signature    bad_signature    bad_signature    config_fault     config_fault
status_401          config_fault     config_fault     bad_reply        config_fault     bad_reply
status_403          config_fault     config_fault     bad_reply        config_fault     bad_reply
"""
NAMED = {fault: dict(zip(ASKED, statuses, strict=True)) for fault, *statuses in map(str.split, TABLE.split("\n")[1:-1])}

ACCEPTED = {
    ((PERMITS, "share"), "stale_data"): ("contradicted", "permit_suspended"),
    ((INSURANCE, "share"), "stale_data"): ("undetermined", "channels_diverge"),
}
"""The truth of a year ago shows on no wire. Insurance has two channels, and one of them was right."""
RISK = re.compile(r"accepted risk.*`stale_data`|`stale_data`.*accepted risk", re.IGNORECASE)

SECONDS = {"hang": 1.0, "slow_first_byte": 0.02, "drip_body": 0.02, "drip_headers": 0.02, "rate_limit": 1.0}
DEADLINES = {"hang": 400}
RETRIED = {"unreachable", "timeout", "busy"}


async def asked(system: System, channel: tuple[str, str], fault: str, *more: tuple[str, str]) -> Answer:
    """The applicant's answer while this channel (and more of them) has the fault for them alone."""
    who, guardian, basis, material = ASKED[channel]
    await system.recover()
    for authority, name in (channel, *more):
        system.mocks.arm(who, authority, fault, channel=name, seconds=SECONDS.get(fault))
    begun = len(LINES)
    try:
        answer = await system.ask(
            who, guardian, residence_basis=basis, materials=[material], deadline_ms=DEADLINES.get(fault, 8000)
        )
    finally:
        system.mocks.faults.clear()
    assert not [line for line in LINES[begun:] if ".broke" in line]
    return answer


def statuses(answer: Answer) -> dict[tuple[str, str], Any]:
    return {(each.authority, each.channel): each.status for each in answer.materials[0].sources}


@pytest.mark.parametrize("channel", ASKED, ids=".".join)
async def test_without_a_fault_each_one_is_confirmed(system: System, channel: tuple[str, str]):
    who, guardian, basis, material = ASKED[channel]
    answer = await system.ask(who, guardian, residence_basis=basis, materials=[material])
    assert (answer.materials[0].verdict, statuses(answer)[channel]) == ("confirmed", "answered")


@pytest.mark.parametrize("channel", [each for each in ASKED if each[0] == INSURANCE], ids=".".join)
async def test_a_secret_rotated_in_mid_use_costs_nobody_anything(system: System, channel: tuple[str, str]):
    """First: after a refusal that a new secret did not help, the gateway asks for none for a second (see the last one)."""
    system.mocks.arm("P08", INSURANCE, "key_rotated", channel=channel[1], times=1)
    answer = await system.ask("P08", residence_basis="employment", materials=[INSURANCE_PROOF])
    assert (answer.materials[0].verdict, statuses(answer)[channel]) == ("confirmed", "answered")
    assert not list(system.mocks.faults)


@pytest.mark.parametrize("channel", ASKED, ids=".".join)
@pytest.mark.parametrize("fault", [fault for fault in NAMED if fault != "key_rotated"])
async def test_each_fault_has_its_name_and_is_never_a_no(system: System, channel: tuple[str, str], fault: str):
    answer = await asked(system, channel, fault)
    (material,) = answer.materials
    status = NAMED[fault][channel]
    assert statuses(answer)[channel] == status
    if (channel, fault) in ACCEPTED:
        assert (material.verdict, material.reason) == ACCEPTED[channel, fault]
    elif status == "answered" or channel[0] == INSURANCE:  # the other channel of two has confirmed it
        assert material.verdict == "confirmed"
    else:
        assert (material.verdict, material.disposition) == ("undetermined", "officer_check")
    others = {name: each for name, each in statuses(answer).items() if name != channel}
    assert set(others.values()) <= {"answered", "no_record"}


@pytest.mark.parametrize("fault", [fault for fault in NAMED if fault not in ("key_rotated", "stale_data")])
async def test_the_same_fault_on_both_channels_of_the_insurance_is_no_no_either(system: System, fault: str):
    share, query = (channel for channel in ASKED if channel[0] == INSURANCE)
    answer = await asked(system, share, fault, query)
    (material,) = answer.materials
    found = statuses(answer)
    assert {each: found[each] for each in (share, query)} == {each: NAMED[fault][each] for each in (share, query)}
    is_told = NAMED[fault][share] == "answered"
    assert material.verdict == ("confirmed" if is_told else "undetermined")


async def test_stale_data_in_both_channels_is_no_no(system: System):
    """The query asks by year, so rows of another year give it away; an officer looks."""
    share, query = (channel for channel in ASKED if channel[0] == INSURANCE)
    (material,) = (await asked(system, share, "stale_data", query)).materials
    assert (material.verdict, material.disposition) == ("undetermined", "officer_check")


async def test_what_is_believed_is_listed_as_accepted():
    (line,) = [line for line in DOCUMENT.read_text("utf-8").splitlines() if RISK.search(line)]
    assert PERMITS in line


async def test_the_table_has_the_whole_vocabulary_and_every_channel(system: System):
    assert set(ASKED) == {(name, channel) for name, channel in CHANNELS if name in PLAYED}
    assert set(faults.FAULTS) - {"status_<NNN>"} == {fault for fault in NAMED if not fault.startswith("status_")}
    with pytest.raises(CannotArm):
        system.mocks.arm("P12", PERMITS, "no_such_fault")


@pytest.mark.parametrize("channel", ASKED, ids=".".join)
async def test_a_key_that_nobody_gave_us_is_no_no(system: System, channel: tuple[str, str]):
    """Last: after a secret that is refused however new it is, the gateway asks for none for a second."""
    answer = await asked(system, channel, "key_rotated")
    (material,) = answer.materials
    assert statuses(answer)[channel] == NAMED["key_rotated"][channel]
    assert material.verdict in ("undetermined", "confirmed")
