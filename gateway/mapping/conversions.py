"""The closed list of conversions: how a value in a reply becomes ours (`read`) and ours becomes their text (`write`)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from gateway.clock import CHINA
from gateway.contract.authority import Conversion
from gateway.errors import BadReply
from gateway.mapping import citizen_ids

_REGION = re.compile(r"[0-9]{6}")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DATE_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MONTH_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_TIME_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})")


Writable = str | int | date | datetime
"""What of ours can be written as their text."""


def read(conversion: Conversion, value: Any) -> Any:
    """A value of a reply, as ours: str, `int` for `integer`, or a `date` (a month is its first day), or for `time_compact`
    an aware `datetime` (China time).

    Raises:
        BadReply: it is not what the conversion takes. The text names the conversion, never the value.
    """
    text = scalar(value)
    try:
        if text is None:
            raise ValueError
        return READERS[conversion](text)
    except ValueError:
        raise BadReply(f"a value cannot be read as '{conversion}'") from None


def write(conversion: Conversion, value: Writable) -> str:
    """A value of ours, as the text that the authority expects. Times are written in China time."""
    return WRITERS[conversion](value)


def scalar(value: Any) -> str | None:
    """A JSON scalar as the text that JSON writes for it (`true`, `0`), or None: null, fractions, lists and objects."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else None


def is_blank(value: Any) -> bool:
    """Missing, null, or text with nothing in it to see."""
    return value is None or (isinstance(value, str) and not value.strip())


def _read_text(text: str) -> str:
    return text


def _read_name(text: str) -> str:
    if not text.strip():
        raise ValueError
    return text


def _read_region(text: str) -> str:
    if _REGION.fullmatch(text) is None:
        raise ValueError
    return text


def _read_date(text: str) -> date:
    return date(*_numbers(_DATE, text))


def _read_date_compact(text: str) -> date:
    return date(*_numbers(_DATE_COMPACT, text))


def _read_month_compact(text: str) -> date:
    year, month = _numbers(_MONTH_COMPACT, text)
    return date(year, month, 1)


def _read_integer(text: str) -> int:
    if _INTEGER.fullmatch(text) is None:
        raise ValueError
    return int(text)


def _read_time_compact(text: str) -> datetime:
    year, month, day, hour, minute, second = _numbers(_TIME_COMPACT, text)
    return datetime(year, month, day, hour, minute, second, tzinfo=CHINA)


def _numbers(shape: re.Pattern[str], text: str) -> list[int]:
    found = shape.fullmatch(text)
    if found is None:
        raise ValueError
    return [int(part) for part in found.groups()]


def _write_text(value: Writable) -> str:
    if isinstance(value, datetime):
        return value.astimezone(CHINA).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def _write_date(value: Writable) -> str:
    return _write_text(value)[:10]


def _write_date_compact(value: Writable) -> str:
    return _write_date(value).replace("-", "")


def _write_month_compact(value: Writable) -> str:
    return _write_date_compact(value)[:6]


def _write_time_compact(value: Writable) -> str:
    return re.sub("[-T:]", "", _write_text(value)[:19])


READERS: Final[dict[Conversion, Callable[[str], Any]]] = {
    "text": _read_text,
    "citizen_id": citizen_ids.canonical_from_authority,
    "name": _read_name,
    "region": _read_region,
    "date": _read_date,
    "date_compact": _read_date_compact,
    "time_compact": _read_time_compact,
    "month_compact": _read_month_compact,
    "integer": _read_integer,
}
WRITERS: Final[dict[Conversion, Callable[[Writable], str]]] = {
    "text": _write_text,
    "citizen_id": _write_text,
    "name": _write_text,
    "region": _write_text,
    "date": _write_date,
    "date_compact": _write_date_compact,
    "time_compact": _write_time_compact,
    "month_compact": _write_month_compact,
    "integer": _write_text,
}
WRITES_A_DAY: Final[frozenset[Conversion]] = frozenset({"date", "date_compact", "month_compact"})
WRITES_A_TIME: Final[frozenset[Conversion]] = frozenset({"time_compact"})
