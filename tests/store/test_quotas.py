"""The quota's table: what is taken counts for every 60 minutes that it could be in, whoever takes it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from gateway.store import quotas, schema
from gateway.store.quotas import KEPT, WINDOW, Taken, Taking

M = 25_420_320
"""A minute of May 2018."""


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        schema.apply(made, schema.shipped())
        yield made


def taking(minute: int = M, wanted: int = 4, quota: int = 10, channel: str = "share", **back: int) -> Taking:
    return Taking("permits", channel, minute, quota, wanted, **back)


def rows(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    return connection.execute("SELECT minute, taken FROM quota ORDER BY minute").fetchall()


def test_no_more_is_given_than_the_quota_has_left(connection: sqlite3.Connection) -> None:
    given = [quotas.take(connection, taking()) for _ in range(4)]
    assert [(each.calls, each.left) for each in given] == [(4, 6), (4, 2), (2, 0), (0, 0)]
    assert given[-1].room_at == (M + WINDOW) * 60
    assert rows(connection) == [(M, 10)]


def test_each_channel_has_its_own(connection: sqlite3.Connection) -> None:
    quotas.take(connection, taking(wanted=10))
    assert quotas.take(connection, taking(channel="query")).calls == 4
    assert quotas.taken(connection, M) == {("permits", "share"): 10, ("permits", "query"): 4}


def test_a_minute_counts_until_no_call_of_it_can_be_within_an_hour_of_one_of_now(
    connection: sqlite3.Connection,
) -> None:
    quotas.take(connection, taking(wanted=7))
    quotas.take(connection, taking(M + 1, wanted=3))
    last = M + WINDOW - 1
    assert quotas.take(connection, taking(last)) == Taken(0, 0, (M + WINDOW) * 60)
    assert quotas.taken(connection, last) == {("permits", "share"): 10}
    assert quotas.taken(connection, last + 1) == {("permits", "share"): 3}
    assert quotas.take(connection, taking(last + 1, wanted=10)).calls == 7


def test_what_is_given_back_may_be_taken_again(connection: sqlite3.Connection) -> None:
    quotas.take(connection, taking(wanted=10))
    assert quotas.take(connection, taking(M + 1, wanted=5, back_minute=M, back=3)).calls == 3
    assert rows(connection) == [(M, 7), (M + 1, 3)]


def test_giving_back_alone_takes_nothing(connection: sqlite3.Connection) -> None:
    quotas.take(connection, taking(wanted=10))
    assert quotas.take(connection, taking(M + 1, wanted=0, back_minute=M, back=3)).left == 3
    assert rows(connection) == [(M, 7)]


def test_a_clock_that_was_set_back_finds_what_it_took_later(connection: sqlite3.Connection) -> None:
    quotas.take(connection, taking(M + 300, wanted=8))
    assert quotas.take(connection, taking(M)).calls == 2


def test_a_contract_that_lowers_its_quota_waits_for_as_many_minutes_as_it_takes(connection: sqlite3.Connection) -> None:
    for minute in (M, M + 1, M + 2):
        quotas.take(connection, taking(minute, wanted=3))
    assert quotas.take(connection, taking(M + 2, quota=4)) == Taken(0, 0, (M + 1 + WINDOW) * 60)


def test_old_minutes_go_when_nobody_can_ask_about_them(connection: sqlite3.Connection) -> None:
    quotas.take(connection, taking())
    quotas.take(connection, taking(M + KEPT))
    assert [minute for minute, _ in rows(connection)] == [M, M + KEPT]
    quotas.take(connection, taking(M + KEPT + 1))
    assert [minute for minute, _ in rows(connection)] == [M + KEPT, M + KEPT + 1]
