"""The one place that asks the machine for time, and the double that stands for it."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import Clock, SystemClock, from_unix, local_day, rfc3339, uuid7
from tests.still import START_UNIX, StillClock


@given(st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_uuid7_is_rfc_9562(unix_ms, random):
    text = uuid7(unix_ms, random)
    parsed = uuid.UUID(text)
    assert str(parsed) == text
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert parsed.int >> 80 == unix_ms


@given(st.integers(0, 2**48 - 2), st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_uuid7_sorts_by_time(unix_ms, one, other):
    assert uuid7(unix_ms, one) < uuid7(unix_ms + 1, other)


async def test_the_systems_clock_keeps_its_promises():
    clock: Clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0)
    assert clock.monotonic() >= before
    assert clock.unix() > START_UNIX
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", clock.token())
    assert clock.token() != clock.token()
    assert uuid.UUID(clock.identifier()).version == 7
    assert abs((uuid.UUID(clock.identifier()).int >> 80) / 1000 - clock.unix()) < 5


def test_moments_as_people_and_logs_read_them():
    assert from_unix(START_UNIX) == datetime(2018, 5, 2, tzinfo=UTC)
    assert rfc3339(START_UNIX + 0.0625) == "2018-05-02T00:00:00.062Z"
    assert rfc3339(START_UNIX) == "2018-05-02T00:00:00.000Z"


def test_the_counters_day_is_chinas():
    assert local_day(START_UNIX - 8 * 3600) == date(2018, 5, 2)
    assert local_day(START_UNIX - 8 * 3600 - 1) == date(2018, 5, 1)


async def test_the_still_clock_moves_only_when_told():
    clock = StillClock()
    assert (clock.unix(), clock.monotonic()) == (clock.unix(), clock.monotonic())
    await clock.sleep(2.5)
    assert (clock.unix() - START_UNIX, clock.monotonic(), clock.slept) == (2.5, 1002.5, [2.5])
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", clock.token())
    assert clock.identifier() != clock.identifier()
    assert uuid.UUID(clock.identifier()).version == 7
