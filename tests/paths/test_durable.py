"""A question is asked once, nothing is asked or answered unlogged, and what was answered can be read again."""

from __future__ import annotations

import asyncio
import hashlib
import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.client import Problem
from gateway.commands.scaffold import CONSUMER_KEY
from tests.system import GUARDIANSHIP, OTHER, OTHER_KEY, System, consumer, mocked, site, told
from tests.system import system as whole
from tests.wire import PATH, exchange, reading


@contextmanager
def no_file_grows_beyond(size: int) -> Iterator[None]:
    """The kernel refuses the write itself, as it does on a full disk, whoever runs the tests."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
async def own(tmp_path: Path):
    """A system of the test's own, whose ledger and journals nobody else touches."""
    async with whole(tmp_path / "home") as running:
        yield running


def journal(system: System) -> list[str]:
    return [kept["kind"] for kept in system.entries()]


async def test_a_replay_is_refused_and_nobody_is_asked(own: System):
    asked = own.asked()
    assert (await own.send(asked)).status == 200
    calls = own.calls()
    again = await own.send(asked)
    assert (again.status, again.code) == (409, "replay")
    assert own.is_bound(again, asked)
    assert own.calls() == calls
    assert journal(own) == ["intent", "outcome"]


async def test_the_same_nonce_with_another_body_is_a_replay_too(own: System):
    first = own.asked()
    assert (await own.send(first)).status == 200
    second = own.asked(own.question("P09"), nonce=first.nonce)
    assert (await own.send(second)).code == "replay"


async def test_another_consumer_may_use_the_same_nonce(own: System):
    first = own.asked()
    assert (await own.send(first)).status == 200
    other = reading(own.asked(key=own.key(OTHER), keyid=OTHER_KEY), f"{PATH}/{'0' * 8}-0000-7000-8000-{'0' * 12}")
    assert (await own.send(other.again(nonce=first.nonce))).code == "not_found"


async def test_a_bad_signature_burns_nobodys_nonce(own: System):
    good = own.asked()
    forged = good.again(key=own.key(OTHER))
    assert (await own.send(forged)).code == "signature_invalid"
    assert (await own.send(good)).status == 200
    assert journal(own) == ["intent", "outcome"]


async def test_a_refused_question_spends_its_nonce_and_is_an_entry(own: System):
    asked = own.asked(own.question("P12", purpose="curiosity"))
    assert (await own.send(asked)).code == "scope"
    assert (await own.send(asked)).code == "replay"
    (entry,) = own.entries()
    assert (entry["kind"], entry["code"], entry["consumer"]) == ("refusal", "scope", "counter")


async def test_a_replay_is_refused_after_a_restart_on_the_same_ledger(tmp_path: Path):
    async with site(tmp_path / "home") as here, mocked(here) as mocks:
        async with here.serving() as running, consumer(here, "counter", CONSUMER_KEY) as asks:
            before = System(here.home, running, mocks, told()[1], asks, asks)
            asked = before.asked()
            reply = await before.send(asked)
            assert reply.status == 200
        calls = before.calls()
        assert calls > 0
        async with here.serving() as running, consumer(here, "counter", CONSUMER_KEY) as asks:
            after = System(here.home, running, mocks, told()[1], asks, asks)
            again = await after.send(asked)
            assert (again.status, again.code) == (409, "replay")
            assert after.calls() == calls
            read = await after.send(reading(after.asked(), f"{PATH}/{reply.json['verification_id']}"))
            assert read.body == reply.body


async def test_without_a_ledger_nothing_is_asked_and_the_question_may_come_again(own: System):
    assert (await own.send(own.asked())).status == 200
    calls, entries = own.calls(), journal(own)
    asked = own.asked()
    assert (await own.get("/readyz")).status_code == 200
    with no_file_grows_beyond((own.home / "ledger.sqlite3-wal").stat().st_size):
        refused = await own.send(asked)
        ready = await own.get("/readyz")
    assert (refused.status, refused.code, refused.headers["retry-after"]) == (503, "audit_unavailable", "5")
    assert own.is_bound(refused, asked)
    assert (ready.status_code, ready.json()) == (503, {"status": "ledger_unwritable"})
    assert own.calls() == calls
    assert journal(own) == entries
    assert (await own.send(asked)).status == 200  # its nonce was never spent
    assert (await own.get("/readyz")).json() == {"status": "ready"}


async def test_a_ledger_that_may_only_be_read_asks_nobody_and_takes_questions_again_by_itself(own: System):
    assert (await own.send(own.asked())).status == 200
    calls, entries, asked = own.calls(), journal(own), own.asked()
    with no_file_grows_beyond(0):  # not one byte can be written anywhere
        refused = await own.send(asked)
    assert (refused.status, refused.code) == (503, "audit_unavailable")
    assert own.is_bound(refused, asked)
    assert (own.calls(), journal(own)) == (calls, entries)
    assert (await own.send(asked)).status == 200


async def test_the_disk_fills_up_between_a_question_and_its_outcome(own: System):
    assert (await own.send(own.asked())).status == 200
    room = (own.home / "ledger.sqlite3-wal").stat().st_size
    for _ in range(20):
        room += 4096
        with no_file_grows_beyond(room):
            reply = await own.send(own.asked())
        assert reply.status == 200 or reply.code in {"audit_unavailable", "answer_unrecorded"}
    assert (await own.send(own.asked())).status == 200
    opened, ended = journal(own).count("intent"), journal(own).count("outcome")
    assert opened >= ended, "no answer left that is not in the ledger"


async def test_a_ledgers_growth_is_measured(own: System):
    assert (await own.send(own.asked())).status == 200
    await own.running.reload()
    shown = (await own.get("/metrics", admin=True)).text
    values = {row.split()[0]: float(row.split()[1]) for row in shown.splitlines() if row.startswith("gateway_ledger_")}
    assert values["gateway_ledger_bytes"] >= 4096
    assert values["gateway_ledger_log_bytes"] > 0
    assert values["gateway_ledger_disk_free_bytes"] > 0
    assert values["gateway_ledger_open_intents"] == 0
    assert values['gateway_ledger_uncovered_entries{shard="0"}'] == 0
    assert 0 <= values["gateway_ledger_checkpoint_age_seconds"] <= values["gateway_ledger_oldest_body_seconds"]


async def test_a_refusal_that_cannot_be_written_down_is_a_503_too(own: System):
    assert (await own.send(own.asked())).status == 200
    with no_file_grows_beyond((own.home / "ledger.sqlite3-wal").stat().st_size):
        assert (await own.send(own.asked(b"{}"))).code == "audit_unavailable"


async def test_an_answer_is_read_again_word_for_word(own: System):
    asked = own.asked(own.question("P03", "P01"))
    reply = await own.send(asked)
    path = reply.headers["location"]
    assert path == f"{PATH}/{reply.json['verification_id']}"
    read = reading(asked, path)
    found = await own.send(read)
    assert (found.status, found.body) == (200, reply.body)
    assert own.is_bound(found, read)
    assert (await own.send(read)).code == "replay"
    assert journal(own) == ["intent", "outcome", "reading"]
    assert (await own.counter.get(reply.json["verification_id"])).raw == reply.json


async def test_an_answer_is_nobody_elses_and_unknown_ids_look_the_same(own: System):
    reply = await own.send(own.asked())
    theirs = reading(own.asked(key=own.key(OTHER), keyid=OTHER_KEY), reply.headers["location"])
    unknown = reading(own.asked(), f"{PATH}/00000000-0000-7000-8000-000000000000")
    refusals = [await own.send(asked) for asked in (theirs, unknown)]
    assert [each.status for each in refusals] == [404, 404]
    assert refusals[0].body == refusals[1].body
    assert [own.is_bound(each, asked) for each, asked in zip(refusals, (theirs, unknown), strict=True)] == [True, True]
    with pytest.raises(Problem) as caught:
        await own.other.get(reply.json["verification_id"])
    assert caught.value.code == "not_found"


async def test_the_ledger_holds_question_and_answer_and_nobody_in_clear(own: System):
    reply = await own.send(own.asked(own.question("P03", "P01", materials=[GUARDIANSHIP])))
    intent, outcome = own.entries()
    assert (intent["kind"], intent["keyid"], intent["policy"]) == ("intent", CONSUMER_KEY, "jilin-2018-05")
    assert (outcome["kind"], outcome["intent"]) == ("outcome", intent["entry_id"])
    without_receipt = reply.body[: reply.body.rindex(b',"receipt":')] + b"}"
    assert outcome["body_sha256"] == hashlib.sha256(without_receipt).hexdigest()
    assert reply.json["receipt"]["entry_id"] == outcome["entry_id"]
    leaf = hashlib.sha256(
        b"\x00" + json.dumps(outcome, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    )
    assert reply.json["receipt"]["entry_hash"] == leaf.hexdigest()
    stored = (own.home / "ledger.sqlite3").read_bytes() + (own.home / "ledger.sqlite3-wal").read_bytes()
    for key in ("P03", "P01"):
        person = own.person(key)
        assert person["citizen_id"].encode() not in stored
        assert person["name"].encode() not in stored


async def test_questions_side_by_side_each_get_their_own_answer(own: System):
    asked = {key: own.asked(own.question(key)) for key in ("P12", "R06", "R07", "P17", "P11")}
    replies = await asyncio.gather(*(exchange(own.authority, each.bytes()) for each in asked.values()))
    reasons = {key: reply.json["materials"][1]["reason"] for key, reply in zip(asked, replies, strict=True)}
    assert reasons == {
        "P12": "permit_valid", "R06": "permit_lost", "R07": "no_permit_on_record", "P17": "local_applicant",
        "P11": "permit_suspended",
    }  # fmt: skip
    assert all(own.is_bound(reply, each) for reply, each in zip(replies, asked.values(), strict=True))
    assert len({reply.json["verification_id"] for reply in replies}) == len(asked)
