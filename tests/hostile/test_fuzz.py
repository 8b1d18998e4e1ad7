"""A fixed sample of the fuzzer, and that it would find what it looks for."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.web.problems import KINDS
from tests.hostile.fuzz import Report, difference, fuzz, over_sockets, seeds, wrong
from tests.hostile.mutations import BYTES, PARTS
from tests.hostile.parts import Parts
from tests.hostile.within import PAIRS, Outcome, Within
from tests.web.doorway import doorway
from tests.wire import reading

SAMPLE = 6000
RESULTS = Path(__file__).parent / "results"


async def test_what_is_let_through_is_the_same_signed_request():
    report = await fuzz(Within(), seed=20261125, count=SAMPLE)
    assert report.findings == []
    assert 0 < report.taken < SAMPLE // 4
    assert len(report.codes) > 15, "the changes reach every part of the door"
    assert "internal" not in report.codes


async def test_a_sample_over_sockets_always_gets_an_answer():
    async with doorway(head_seconds=0.1, body_seconds=0.1, keep_alive_seconds=0.1) as door:
        asked = [door.ask(), reading(door.ask(), "/v1/verifications/1")]
        asked = [each.again(sent=each.signed()) for each in asked]
        statuses = await over_sockets(door.address, asked, seed=2, count=300)
        assert statuses.total() == 300
        assert {200, 400, 401, 408} <= set(statuses) <= {0, 200, *(kind.status for kind in KINDS.values())} - {500, 503}


async def test_every_request_it_starts_from_is_taken():
    door = Within()
    for asked in seeds(door):
        outcome = await door.send(asked.bytes())
        assert (outcome.status, difference(asked, outcome)) == (200, None)
    assert {asked.alg for asked in seeds(door)} == set(PAIRS)


@dataclass(frozen=True)
class Gullible:
    """A key that believes everything: the door of somebody who forgot to verify."""

    keyid: str
    alg: str

    def verify(self, signature: bytes, data: bytes) -> None:
        """Never raises."""


async def test_it_finds_a_door_that_verifies_nothing():
    verifiers = {f"{alg}-key": Gullible(f"{alg}-key", alg) for alg in PAIRS}
    report = await fuzz(Within(verifiers=verifiers), seed=1, count=3000)
    found = {finding.partition(": another ")[2].partition(" was")[0] for finding in report.findings}
    assert {"authority", "parameters"} <= found
    assert report.text().count("seed 1, number") == len(report.findings)


async def test_it_tells_another_body_or_sender_and_our_own_faults():
    door = Within()
    one, other = (door.ask("ed25519", body) for body in (b"1", b"2"))
    outcome = await door.send(one.bytes())
    assert wrong(one, outcome) is None
    assert wrong(other, outcome) == "another body, parameters, sender, content-digest was let through"
    assert wrong(one, Outcome(500, "internal")) == "refused as internal, 500"
    assert wrong(one, Outcome(400, "key")) == "refused as key, 400"


async def test_it_reports_what_raises():
    class Broken(Within):
        async def send(self, data: bytes) -> Outcome:
            raise KeyError(data)

    report = await fuzz(Broken(), seed=1, count=2)
    assert isinstance(report, Report)
    assert [finding.rpartition(": ")[2] for finding in report.findings] == ["raised KeyError"] * 2


@pytest.mark.parametrize("change", [*PARTS, *BYTES], ids=lambda change: change.__name__)
async def test_every_change_changes_something(change):
    asked = Within().ask("ecdsa-p256-sha256", b'{"question": 1}')
    data = asked.bytes()
    made = set()
    for seed in range(20):
        rng = random.Random(seed)
        if change in BYTES:
            made.add(change(data, rng))
        else:
            parts = Parts.of(data)
            change(parts, rng)
            made.add(parts.data())
    assert made - {data}


def test_the_long_run_is_kept_and_found_nothing():
    kept = sorted(RESULTS.glob("*-fuzz.txt"))
    assert kept
    text = kept[-1].read_text("utf-8")
    assert " 0 findings" in text
    assert text.startswith("1000000 changed requests")
