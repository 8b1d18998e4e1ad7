"""What the rehearsal (tests/rehearsal) leaves over: a secret that is rotated in mid use, and what is listed as accepted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.commands.rehearsed import ACCEPTED
from mocks.arming import CannotArm
from tests.system import INSURANCE, PERMITS, System

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "mocks.md"
RISK = re.compile(r"accepted risk.*`stale_data`|`stale_data`.*accepted risk", re.IGNORECASE)


@pytest.mark.parametrize("channel", ["share", "query"])
async def test_a_secret_rotated_in_mid_use_costs_nobody_anything(system: System, channel: str):
    system.mocks.arm("P08", INSURANCE, "key_rotated", channel=channel, times=1)
    answer = await system.ask("P08", residence_basis="employment", materials=["social_insurance_proof"])
    statuses = {
        source.channel: source.status for source in answer.materials[0].sources if source.authority == INSURANCE
    }
    assert (answer.materials[0].verdict, statuses[channel]) == ("confirmed", "answered")
    assert not list(system.mocks.faults)


async def test_what_is_believed_is_listed_as_accepted():
    (line,) = [line for line in DOCUMENT.read_text("utf-8").splitlines() if RISK.search(line)]
    assert PERMITS in line
    assert {(f"{PERMITS}.share", "stale_data")} == ACCEPTED


async def test_a_fault_that_is_not_in_the_vocabulary_cannot_be_armed(system: System):
    with pytest.raises(CannotArm):
        system.mocks.arm("P12", PERMITS, "no_such_fault")
