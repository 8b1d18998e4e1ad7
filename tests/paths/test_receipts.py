"""From a question to a receipt that proves it on any machine; and the same ledger, audited after the gateway has stopped."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.client import Client, Problem
from gateway.commands import keys
from gateway.commands.cli import app
from gateway.commands.scaffold import CONSUMER_KEY
from gateway.proofs.receipts import Checked, check
from tests.system import GUARDIANSHIP, OTHER, OTHER_KEY, System, system
from tests.web.test_openapi import schema
from tests.wire import PATH, Asked, Reply, reading


def receipt_of(running: System, reply: Reply, **changes: Any) -> Asked:
    """The signed request for it."""
    return reading(running.asked(), f"{PATH}/{reply.json['verification_id']}/receipt", **changes)


def proves(running: System, receipt: bytes, asked: Asked, reply: Reply) -> Checked:
    return check(receipt, keys.document(running.home), asked.body, reply.body)


def run(*arguments: str | Path) -> tuple[int, Any]:
    result = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    return result.exit_code, json.loads(result.stdout)


async def test_a_receipt_proves_the_question_the_answer_and_its_place(tmp_path: Path):
    async with system(tmp_path / "home") as running:
        asked = running.asked(running.question("P03", "P01", materials=[GUARDIANSHIP]))
        reply = await running.send(asked)
        first = await running.send(receipt_of(running, reply))
        assert (first.status, first.headers["content-type"]) == (200, "application/json")
        assert list(schema("ReceiptFile").iter_errors(first.json)) == []
        told = proves(running, first.body, asked, reply)
        assert (told.ledger, told.question.match, told.answer.match) == (None, "proved", "proved")
        assert any(decided.sources for decided in told.answer.decisions)
        await running.running.reload()
        second = await running.send(receipt_of(running, reply))
        told = proves(running, second.body, asked, reply)
        assert (told.is_wrong, told.question.match, told.answer.match) == (False, "proved", "proved")
        assert told.verification_id == reply.json["verification_id"]
        assert told.ledger is not None
        assert told.index < told.ledger.size
        saved = {"r": second.body, "q": asked.body, "a": reply.body, "keys": keys.document(running.home)}
        await running.running.reload()
    for name, data in saved.items():
        (tmp_path / name).write_bytes(data)
    beside = ["--keys", tmp_path / "keys", "--question", tmp_path / "q", "--answer", tmp_path / "a"]
    code, printed = run("receipt", "verify", tmp_path / "r", *beside)
    assert (code, printed["verified"]) == (0, True)
    code, found = run("ledger", "verify", "--home", tmp_path / "home")
    assert (code, found["flaws"]) == (0, [])
    code, proof = run("ledger", "proof", reply.json["receipt"]["entry_id"], "--home", tmp_path / "home")
    assert (code, proof["index"]) == (0, told.index)


async def test_another_consumer_gets_nothing_and_each_reading_spends_its_nonce(tmp_path: Path):
    async with system(tmp_path / "home") as running:
        reply = await running.send(running.asked())
        theirs = receipt_of(running, reply, key=running.key(OTHER), keyid=OTHER_KEY)
        assert (await running.send(theirs)).code == "not_found"
        ours = receipt_of(running, reply)
        answer = await running.send(ours)
        assert (answer.status, running.is_bound(answer, ours)) == (200, True)
        assert (await running.send(ours)).code == "replay"
        readings = [entry for entry in running.entries() if entry["kind"] == "reading"]
        assert [each["verification_id"] for each in readings] == [reply.json["verification_id"]]
        assert (await running.send(ours.again(path=f"{PATH}/receipt", nonce="x" * 22))).code == "not_found"


async def test_the_client_fetches_it(tmp_path: Path):
    async with system(tmp_path / "home") as running:
        reply = await running.send(asked := running.asked())
        document = running.home / "keys.json"
        document.write_bytes(keys.document(running.home))
        pem = running.home / "keys" / "counter.pem"
        with Client(running.running.url, keyid=CONSUMER_KEY, private_key=pem, gateway_keys=document) as client:
            receipt = await asyncio.to_thread(client.receipt, reply.json["verification_id"])
        assert proves(running, receipt, asked, reply).question.match == "proved"
        assert await running.counter.receipt(reply.json["verification_id"])


async def test_what_was_pruned_has_no_receipt(tmp_path: Path):
    async with system(tmp_path / "home") as running:
        answer = await running.ask("P12")
        with closing(sqlite3.connect(running.home / "ledger.sqlite3")) as connection, connection:
            connection.execute("UPDATE entry SET body = NULL WHERE kind = 'intent'")
        with pytest.raises(Problem) as refused:
            await running.counter.receipt(answer.verification_id)
        assert (refused.value.status, refused.value.code) == (410, "receipt_unavailable")
