"""When an authority answers: Beijing time, weekdays, exceptions by date; and what is no calendar is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.clock import CHINA
from gateway.contract.hours import MOST_DAYS, WEEKDAYS, Calendar, Hours

OFFICE = Hours.model_validate(
    {
        "week": {"monday-friday": ["08:30-11:30", "13:30-17:00"], "saturday": ["09:00-12:00"]},
        "dates": {"2026-10-01/2026-10-07": [], "2026-10-10": ["08:30-17:00"], "2026-12-31": ["08:30-24:00"]},
    }
).calendar()


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp()


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        ("2026-11-25T08:29:59.999", False, "2026-11-25T08:30"),  # a Wednesday
        ("2026-11-25T08:30", True, "2026-11-25T08:30"),
        ("2026-11-25T11:29:59.999", True, "2026-11-25T11:29:59.999"),
        ("2026-11-25T11:30", False, "2026-11-25T13:30"),
        ("2026-11-25T17:00", False, "2026-11-26T08:30"),
        ("2026-11-28T12:00", False, "2026-11-30T08:30"),  # a Saturday noon: until Monday
        ("2026-09-30T17:00", False, "2026-10-08T08:30"),  # before the holidays
        ("2026-10-05T10:00", False, "2026-10-08T08:30"),  # a Monday within them
        ("2026-10-10T12:30", True, "2026-10-10T12:30"),  # the Saturday that makes up for one
        ("2026-12-31T23:59:59", True, "2026-12-31T23:59:59"),
        ("2027-01-01T00:00", False, "2027-01-01T08:30"),
    ],
)
def test_what_is_open_when(moment: str, is_open: bool, opens: str) -> None:
    assert OFFICE.is_open(at(moment)) is is_open
    assert OFFICE.opens_at(at(moment)) == at(opens)


def test_the_calendar_is_that_of_beijing_and_not_of_this_machine() -> None:
    assert OFFICE.is_open(datetime.fromisoformat("2026-11-25T00:30:00+00:00").timestamp())
    assert not OFFICE.is_open(datetime.fromisoformat("2026-11-25T09:30:00+00:00").timestamp())


def test_a_search_that_finds_nothing_ends() -> None:
    closed_for_years = {"2026-01-01/2026-12-31": [], "2027-01-01/2027-12-31": [], "2028-01-01/2028-12-31": []}
    hours = Hours.model_validate({"week": {"monday-sunday": ["00:00-24:00"]}, "dates": closed_for_years}).calendar()
    assert hours.opens_at(at("2026-01-01T00:00")) is None
    assert hours.opens_at(at("2028-12-31T23:00")) == at("2029-01-01T00:00")


minutes = st.lists(st.integers(0, 24 * 60), min_size=2, max_size=8, unique=True).map(sorted)


def spans(at_minutes: list[int]) -> tuple[tuple[int, int], ...]:
    return tuple(zip(at_minutes[::2], at_minutes[1::2], strict=False))


days = st.one_of(st.just(()), minutes.map(spans))
calendars = st.builds(
    Calendar,
    st.tuples(*[days] * 7),
    st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 3, 1)), days, max_size=20),
)
moments = st.integers(int(at("2025-12-20T00:00")), int(at("2026-03-10T00:00")))


@given(calendars, moments)
def test_they_open_when_it_is_said_and_not_before(calendar: Calendar, now: int) -> None:
    opens = calendar.opens_at(now)
    assert calendar.is_open(now) == (opens == now)
    if opens is None:
        assert not any(calendar.is_open(now + minute * 60) for minute in range(0, 14 * 24 * 60, 7))
        return
    assert calendar.is_open(opens)
    assert now <= opens <= now + (MOST_DAYS + 1) * 86400
    if opens > now:
        assert not calendar.is_open(opens - 1)
        assert not any(calendar.is_open(now + (opens - now) * part / 50) for part in range(50))


def spelled(calendar: Calendar) -> dict[str, Mapping[str, list[str]]]:
    def times(of: tuple[tuple[int, int], ...]) -> list[str]:
        return [f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}" for begin, end in of]

    week = {name: times(day) for name, day in zip(WEEKDAYS, calendar.week, strict=True)}
    return {"week": week, "dates": {day.isoformat(): times(of) for day, of in calendar.dates.items()}}


@given(calendars.filter(lambda calendar: any(calendar.week)))
def test_what_is_written_is_what_is_read(calendar: Calendar) -> None:
    assert Hours.model_validate(spelled(calendar)).calendar() == calendar


WEEK = {"monday": ["08:30-17:00"]}


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({}, "Field required"),
        ({"week": {}}, "must be open at some time of the week"),
        ({"week": {"monday-sunday": []}}, "must be open at some time of the week"),
        ({"week": {"Monday": ["08:30-17:00"]}}, "unknown weekday; did you mean 'monday'?"),
        ({"week": {"monday-": ["08:30-17:00"]}}, "unknown weekday"),
        ({"week": {"friday-monday": ["08:30-17:00"]}}, "a range of weekdays goes from monday towards sunday"),
        ({"week": {"monday-friday": ["08:30-17:00"], "friday": []}}, "named twice: friday"),
        ({"week": {"monday": ["8:30-17:00"]}}, "must be two times of day"),
        ({"week": {"monday": ["08:30-24:01"]}}, "a day ends at 24:00"),
        ({"week": {"monday": ["22:00-02:00"]}}, "past midnight"),
        ({"week": {"monday": ["08:30-08:30"]}}, "ends before it begins"),
        ({"week": {"monday": ["08:30-12:00", "11:59-17:00"]}}, "do not overlap"),
        ({"week": {"monday": ["13:00-17:00", "08:30-12:00"]}}, "stand in order"),
        ({"week": WEEK, "dates": {"2026-02-30": []}}, "must be a date"),
        ({"week": WEEK, "dates": {"20261001": []}}, "must be a date"),
        ({"week": WEEK, "dates": {"2026-10-01/": []}}, "must be a date"),
        ({"week": WEEK, "dates": {"2026-10-07/2026-10-01": []}}, "a range of dates goes forward"),
        ({"week": WEEK, "dates": {"2026-10-01/2027-10-02": []}}, "over at most 366 days"),
        ({"week": WEEK, "dates": {"2026-10-01/2026-10-07": [], "2026-10-07": []}}, "2026-10-07 is named twice"),
        ({"week": WEEK, "holidays": {}}, "Extra inputs"),
    ],
)
def test_what_is_no_calendar_is_refused(hours: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace("?", r"\?")):
        Hours.model_validate(hours)


def test_times_that_touch_are_one_opening() -> None:
    hours = Hours.model_validate({"week": {"monday": ["08:30-12:00", "12:00-17:00"]}}).calendar()
    noon = at("2026-11-23T12:00")
    assert hours.is_open(noon - 1)
    assert hours.opens_at(noon) == noon
    assert hours.opens_at(noon + timedelta(hours=5).total_seconds()) == at("2026-11-30T08:30")
