"""What an authority sends beyond what the policy names reaches nobody and is kept nowhere; and what is said of it is true."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.commands.cli import app
from gateway.ledger.kept import KEPT
from tests.paths.margins import LINES
from tests.system import GUARDIANSHIP, PERMITS, RESIDENCE, System, told

pytestmark = pytest.mark.asyncio(loop_scope="module")

_MAPS = frozenset({"contracts", "evidence", "legal_basis"})
"""Members whose own keys are no members of ours: names of authorities, ids, languages."""


def members(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield name
            if name not in _MAPS or isinstance(below, list):
                yield from members(below)
    elif isinstance(value, list):
        yield from (name for each in value for name in members(each) if name not in ("zh", "en"))


def sent() -> set[str]:
    """What the register sends about P12: fields that nobody reads, and dates that are read and not kept."""
    _, cast, scenarios = told()
    record = scenarios[PERMITS]["permit"]["holder"].record | cast.people["P12"].answers[PERMITS]["permit"].record
    return {str(record[field]) for field in ("JZZBH", "QFJG", "YXQXJZRQ", "YXQXQSRQ")}


async def test_no_fact_is_in_the_ledger_the_answer_the_log_or_the_metrics(system: System):
    start = len(LINES)
    asked = system.asked(system.question("P12", materials=[RESIDENCE]))
    answer = await system.send(asked)
    assert json.loads(answer.body)["materials"][0]["reason"] == "permit_valid"
    metrics = (await system.get("/metrics", admin=True)).text
    kept = b"".join(path.read_bytes() for path in system.home.glob("ledger.sqlite3*") if path.is_file())
    assert len(kept) > 0
    assert len(sent()) == 4
    for text in sent():
        assert text.encode() not in answer.body
        assert text.encode() not in kept
        assert text not in metrics + "".join(LINES[start:])


async def test_the_lists_of_what_is_kept_and_released_are_true(system: System):
    whole = await system.send(system.asked(system.question("P03", "P01", materials=[GUARDIANSHIP])))
    listed = {name for names in KEPT.values() for name in names}
    entries = [entry for entry in system.everything() if entry["kind"] in ("intent", "evidence", "outcome")]
    assert {entry["kind"] for entry in entries} >= {"intent", "outcome"}
    assert {name for entry in entries for name in members(entry)} <= listed
    for entry in entries:
        for name in (name for name in KEPT["pseudonym"] if entry.get(name) is not None):
            epoch, _, digest = entry[name].partition(":")
            assert epoch
            assert len(digest) == 32
    (policy,) = json.loads(CliRunner().invoke(app, ["policy", "fields", "--policy", "jilin-2018-05", "--json"]).stdout)[
        "policies"
    ]
    of_officers = {"manual", "machine", "seen", "where", "seen_at", "screenshot_sha256", "operator"}
    assert {*members(json.loads(whole.body)), "zh", "en"} | of_officers == set(policy["released"])
