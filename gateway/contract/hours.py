"""When an authority answers: ranges of weekdays and times of day in Beijing time, and the dates that are otherwise.

    hours:
      week:
        monday-friday: [08:30-11:30, 13:30-17:00]
        saturday: [09:00-12:00]
      dates:
        2026-10-01/2026-10-07: []
        2026-10-10: [08:30-17:00]

A weekday that is not named is closed, `[]` is a closed day, and a date stands above its weekday. What is open on a day off is
the authority's own word, so no list of public holidays is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from gateway.clock import CHINA
from gateway.contract.files import FileModel
from gateway.contract.words import unknown

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_DAYS: Final = 366
"""Of one range of dates; and how far ahead the next opening is looked for."""

_FROM_TO = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
_DAY_MINUTES: Final = 24 * 60

Spans = tuple[tuple[int, int], ...]
"""What is open on one day, in order: minutes after midnight, the end not included."""


def _weekdays(text: str) -> str:
    _weekdays_of(text)
    return text


def _dates(text: str) -> str:
    _dates_of(text)
    return text


def _times(text: str) -> str:
    _span(text)
    return text


def _spans(times: list[str]) -> list[str]:
    spans = [_span(text) for text in times]
    if any(after[0] < before[1] for before, after in pairwise(spans)):
        raise ValueError("times of one day stand in order and do not overlap")
    return times


def _week(week: dict[str, list[str]]) -> dict[str, list[str]]:
    named = [day for text in week for day in _weekdays_of(text)]
    if twice := [WEEKDAYS[day] for day in sorted(set(named)) if named.count(day) > 1]:
        raise ValueError(f"named twice: {', '.join(twice)}")
    if not any(week.values()):
        raise ValueError("must be open at some time of the week")
    return week


def _exceptions(dates: dict[str, list[str]]) -> dict[str, list[str]]:
    ranges = sorted(_dates_of(text) for text in dates)
    for (_, last), (first, _) in pairwise(ranges):
        if first <= last:
            raise ValueError(f"{first} is named twice")
    return dates


Open = Annotated[list[Annotated[str, AfterValidator(_times)]], Field(max_length=12), AfterValidator(_spans)]
"""The times of one day, such as `08:30-17:00`; `24:00` is its end."""


class Hours(FileModel):
    """`hours` of a channel, in the words of the contract."""

    week: Annotated[dict[Annotated[str, AfterValidator(_weekdays)], Open], AfterValidator(_week)]
    dates: Annotated[
        dict[Annotated[str, AfterValidator(_dates)], Open], Field(max_length=200), AfterValidator(_exceptions)
    ] = {}

    def calendar(self) -> Calendar:
        """Made once, so that a question does not read it."""
        week: dict[int, Spans] = {day: _read(times) for text, times in self.week.items() for day in _weekdays_of(text)}
        dates = {day: _read(times) for text, times in self.dates.items() for day in _days(*_dates_of(text))}
        return Calendar(tuple(week.get(day, ()) for day in range(7)), dates)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The same for questions. Moments are Unix seconds."""

    week: tuple[Spans, ...]
    """From Monday on."""
    dates: Mapping[date, Spans]

    def is_open(self, at: float) -> bool:
        """Whether they answer at that moment."""
        there = datetime.fromtimestamp(at, CHINA)
        minute = there.hour * 60 + there.minute
        return any(begin <= minute < end for begin, end in self._spans(there.date()))

    def opens_at(self, at: float) -> float | None:
        """The first moment from then on at which they answer; None where there is none within `MOST_DAYS` days."""
        there = datetime.fromtimestamp(at, CHINA)
        midnight = there.replace(hour=0, minute=0, second=0, microsecond=0)
        for ahead in range(MOST_DAYS + 1):
            start = midnight + timedelta(days=ahead)
            for begin, end in self._spans(start.date()):
                if at < (start + timedelta(minutes=end)).timestamp():
                    return max(at, (start + timedelta(minutes=begin)).timestamp())
        return None

    def _spans(self, day: date) -> Spans:
        return self.dates.get(day, self.week[day.weekday()])


def _weekdays_of(text: str) -> range:
    """`monday`, or `monday-friday`, as numbers from Monday on."""
    first, to, last = text.partition("-")
    for word in (first, last if to else first):
        if word not in WEEKDAYS:
            raise ValueError(unknown("weekday", word, WEEKDAYS))
    days = range(WEEKDAYS.index(first), WEEKDAYS.index(last if to else first) + 1)
    if not days:
        raise ValueError("a range of weekdays goes from monday towards sunday")
    return days


def _dates_of(text: str) -> tuple[date, date]:
    """`2026-10-01`, or `2026-10-01/2026-10-07`, both included."""
    first, to, last = text.partition("/")
    try:
        days = _date(first), _date(last if to else first)
    except ValueError:
        raise ValueError("must be a date such as 2026-10-01, or two with a slash between them") from None
    if not timedelta(0) <= days[1] - days[0] < timedelta(days=MOST_DAYS):
        raise ValueError(f"a range of dates goes forward, over at most {MOST_DAYS} days")
    return days


def _date(text: str) -> date:
    if len(text) != len("2026-10-01"):
        raise ValueError("not as we write dates")
    return date.fromisoformat(text)


def _span(text: str) -> tuple[int, int]:
    found = _FROM_TO.fullmatch(text)
    if found is None:
        raise ValueError("must be two times of day such as 08:30-17:00")
    hour, minute, end_hour, end_minute = map(int, found.groups())
    begin, end = hour * 60 + minute, end_hour * 60 + end_minute
    if end > _DAY_MINUTES:
        raise ValueError("a day ends at 24:00")
    if begin >= end:
        raise ValueError(
            "ends before it begins: what goes past midnight is until 24:00 here, and from 00:00 the day after"
        )
    return begin, end


def _read(times: list[str]) -> Spans:
    return tuple(_span(text) for text in times)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
