from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Replayed
from gateway.security.signatures import SKEW_SECONDS
from gateway.store import cases, limits, lookups, repeats, shards, tables
from gateway.store.shards import Held
from gateway.store.tables import Addition
from tests.store.storing import NOW, asked, claim, once, question


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@pytest.fixture
def shard(connection: sqlite3.Connection, path: Path) -> Iterator[Held]:
    held = shards.take(connection, path)
    yield held
    held.release()


def kinds(added: list[tables.Added]) -> list[Any]:
    return [type(each) if isinstance(each, Exception) else each for each in added]


def added(connection: sqlite3.Connection, shard: Held, additions: list[Addition]) -> list[tables.Added]:
    """Each call as a batch of its own."""
    results = tables.add(connection, shard, additions)
    shard.committed()
    return results


def nonces(connection: sqlite3.Connection) -> int:
    count: int = connection.execute("SELECT COUNT(*) FROM nonce").fetchone()[0]
    return count


def test_add_says_what_was_added_in_order(connection: sqlite3.Connection, shard: Held) -> None:
    additions = [question("a"), question("b"), Addition(claim("a")), question("c")]
    assert kinds(added(connection, shard, additions)) == [None, None, Replayed, None]
    assert kinds(added(connection, shard, [question("b"), Addition(claim("d"))])) == [Replayed, None]
    assert added(connection, shard, []) == []


def test_the_same_nonce_under_another_key_is_fresh(connection: sqlite3.Connection, shard: Held) -> None:
    other = tables.Claim("key-2", claim("a").nonce, int(NOW), int(NOW), NOW)
    assert added(connection, shard, [Addition(claim("a")), Addition(other)]) == [None, None]


@pytest.mark.parametrize(("seconds_after_expiry", "left"), [(0, 1), (SKEW_SECONDS, 1), (SKEW_SECONDS + 1, 0)])
def test_a_nonce_lives_until_its_signature_is_taken_no_more(
    connection: sqlite3.Connection, shard: Held, seconds_after_expiry: int, left: int
) -> None:
    added(connection, shard, [Addition(claim("a"))])
    tables.forget_nonces(connection, claim("a").expires + seconds_after_expiry + 0.9, 10)
    assert nonces(connection) == left


def test_forgetting_is_bounded(connection: sqlite3.Connection, shard: Held) -> None:
    added(connection, shard, [Addition(claim(str(n))) for n in range(20)])
    tables.forget_nonces(connection, NOW + 1000, 7)
    assert nonces(connection) == 13


def test_no_statement_reads_a_whole_table(connection: sqlite3.Connection, shard: Held) -> None:
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    added(connection, shard, [question("a"), question("b"), asked("c"), asked("d", consumer="other")])
    added(connection, shard, [once("e", "k", "b"), once("f", "k", "b"), once("g", "l", "b")])
    added(connection, shard, [Addition(binding=limits.Binding("intake", "case", "somebody", NOW))])
    tables.forget_nonces(connection, NOW, 10)
    limits.Sweeper().sweep(connection, NOW + 1000 * 86400, 10)
    lookups.newest_answer(connection, "v", "intake")
    repeats.first_answer(connection, "v", "intake")
    cases.before(connection, "intake", ["case-e", "case-f"], (1, "v"), 10)
    cases.asked_at(connection, "intake", ["case-e", "case-f"], "v")
    lookups.newest_outcome(connection, "v", "intake")
    lookups.bodies(connection, ["a", "b"])
    lookups.touch(connection)
    connection.set_trace_callback(None)
    details = [
        row[3]
        for statement in statements
        if not statement.startswith("--")
        for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]
    assert any(detail.startswith("SEARCH nonce") for detail in details)
    tables_ = (
        "nonce", "entry", "answer", "account", "subject", "binding", "open_intent", "about", "node", "repeat", "asked_case",
    )  # fmt: skip
    whole = tuple(f"SCAN {table}" for table in tables_)
    assert not [detail for detail in details if detail.startswith(whole)]
