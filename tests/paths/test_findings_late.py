"""Findings that come too late or too often, and repeats by key that do: through the API, on a ledger of the test's own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.ledger.officers import Officers, Overtaken
from gateway.web.findings import TRIES
from tests.paths.test_findings import add, found, silent
from tests.paths.test_repeats import keyed, searching
from tests.system import RESIDENCE, System
from tests.system import system as whole


@pytest.fixture
async def own(tmp_path: Path):
    """A system of the test's own, whose ledger may be cut."""
    async with whole(tmp_path / "home") as running:
        yield running


def by_hand(system: System, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(system.home / "ledger.sqlite3", isolation_level=None)) as connection:
        connection.execute(statement, values)


async def test_no_finding_is_taken_once_the_question_is_pruned(own: System):
    answer = await silent(own)
    (intent,) = [each for each in own.entries() if each["kind"] == "intent"]
    by_hand(own, "UPDATE entry SET body = NULL WHERE entry_id = ?", intent["entry_id"])
    reply = await add(own, answer, found(own))
    assert (reply.status, reply.code) == (410, "finding_too_late")
    assert (await own.counter.get(answer.verification_id)).revision == 1


async def test_a_finding_that_is_overtaken_again_and_again_gives_up(own: System, monkeypatch: pytest.MonkeyPatch):
    answer, tried = await silent(own), list[str]()

    async def overtaken(officers: Officers, *_: Any) -> Any:
        tried.append("once")
        raise Overtaken("another revision came first")

    with monkeypatch.context() as patched:
        patched.setattr(Officers, "add", overtaken)
        reply = await add(own, answer, found(own))
    assert (reply.status, reply.code, len(tried)) == (409, "overtaken", TRIES)
    assert (await add(own, answer, found(own))).json["revision"] == 2


async def test_a_case_whose_question_has_no_answer_and_no_open_intent_is_closed(own: System):
    reply = await own.send(own.asked(own.question("P12", materials=[RESIDENCE], case_number="JL-OPEN-1")))
    assert reply.status == 200
    by_hand(own, "DELETE FROM answer")
    (row,) = (await own.send(searching(own, "JL-OPEN-1"))).json["verifications"]
    assert (row["revision"], row["outcome"]) == (None, "closed")


async def test_a_key_stands_for_a_day_through_the_api(own: System):
    first = await own.send(keyed(own, "expires-one-day-01"))
    assert (await own.send(keyed(own, "expires-one-day-01"))).body == first.body
    by_hand(own, "UPDATE repeat SET expires = expires - 86400")
    again = await own.send(keyed(own, "expires-one-day-01"))
    assert again.status == 200
    assert again.json["verification_id"] != first.json["verification_id"]
