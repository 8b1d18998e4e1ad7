"""The closed list of conversions, both ways."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import CHINA
from gateway.contract.authority import Conversion
from gateway.errors import BadReply
from gateway.mapping import conversions

ALL: tuple[Conversion, ...] = get_args(Conversion)


@pytest.mark.parametrize(
    ("conversion", "sent", "value"),
    [
        ("text", "02", "02"),
        ("text", True, "true"),
        ("text", False, "false"),
        ("text", 7, "7"),
        ("citizen_id", "２２９９０１１９８８０５１２１０１２", "229901198805121012"),
        ("name", " 测试父", " 测试父"),
        ("region", "229901", "229901"),
        ("date", "2018-05-02", date(2018, 5, 2)),
        ("date_compact", "20180502", date(2018, 5, 2)),
        ("date_compact", 20180502, date(2018, 5, 2)),
        ("month_compact", "201805", date(2018, 5, 1)),
        ("month_compact", 201805, date(2018, 5, 1)),
        ("integer", "012", 12),
        ("integer", -3, -3),
        ("time_compact", "20180502093005", datetime(2018, 5, 2, 9, 30, 5, tzinfo=CHINA)),
    ],
)
def test_read(conversion: Conversion, sent: Any, value: Any) -> None:
    assert conversions.read(conversion, sent) == value


@pytest.mark.parametrize(
    ("conversion", "sent"),
    [
        ("text", None),
        ("text", 1.5),
        ("text", ["02"]),
        ("text", {"a": "b"}),
        ("citizen_id", "229901198805121013"),
        ("name", " \u3000"),
        ("region", "22990"),
        ("region", "２２９９０１"),
        ("region", "229901\n"),
        ("date", "20180502"),
        ("date", "2018-W18-3"),
        ("date", "2018-02-29"),
        ("date", "２０１８-05-02"),
        ("date_compact", "2018-05-02"),
        ("date_compact", "20180230"),
        ("date_compact", "00000000"),
        ("date_compact", "201805021"),
        ("month_compact", "201813"),
        ("month_compact", "201800"),
        ("month_compact", "20185"),
        ("month_compact", "2018-05"),
        ("month_compact", "２０１８05"),
        ("integer", "1.0"),
        ("integer", "+1"),
        ("integer", ""),
        ("integer", "１"),
        ("integer", "1" * 19),
        ("time_compact", "20180502240000"),
        ("time_compact", "20180502"),
    ],
)
def test_what_cannot_be_read_is_a_bad_reply_that_does_not_show_it(conversion: Conversion, sent: Any) -> None:
    with pytest.raises(BadReply) as caught:
        conversions.read(conversion, sent)
    assert str(caught.value) == f"a value cannot be read as '{conversion}'"
    assert caught.value.__suppress_context__


@given(st.sampled_from(ALL), st.text() | st.integers() | st.floats() | st.none() | st.lists(st.text()))
def test_reading_gives_a_value_or_a_bad_reply_and_nothing_else(conversion: Conversion, sent: Any) -> None:
    try:
        value = conversions.read(conversion, sent)
    except BadReply:
        return
    assert value is not None
    assert conversions.read(conversion, conversions.write(conversion, value)) == value


@pytest.mark.parametrize(
    ("conversion", "value", "text"),
    [
        ("text", "abc", "abc"),
        ("text", date(2018, 5, 2), "2018-05-02"),
        ("text", datetime(2018, 5, 1, 16, 0, 1, 999, tzinfo=UTC), "2018-05-02T00:00:01+08:00"),
        ("citizen_id", "229901198805121012", "229901198805121012"),
        ("date", date(2018, 5, 2), "2018-05-02"),
        ("date", datetime(2018, 5, 1, 16, 0, tzinfo=UTC), "2018-05-02"),
        ("date_compact", date(2018, 5, 2), "20180502"),
        ("date_compact", date(918, 5, 2), "09180502"),
        ("month_compact", date(918, 5, 2), "091805"),
        ("month_compact", datetime(2018, 4, 30, 16, 0, tzinfo=UTC), "201805"),
        ("integer", 12, "12"),
        ("integer", "2018", "2018"),
        ("time_compact", datetime(2018, 5, 1, 16, 0, 1, tzinfo=UTC), "20180502000001"),
    ],
)
def test_write(conversion: Conversion, value: Any, text: str) -> None:
    assert conversions.write(conversion, value) == text


def test_the_list_is_closed() -> None:
    assert set(conversions.READERS) == set(conversions.WRITERS) == set(ALL)


@pytest.mark.parametrize(
    ("value", "blank"), [(None, True), ("", True), (" \u3000", True), ("0", False), (0, False), (False, False)]
)
def test_blank(value: Any, blank: bool) -> None:
    assert conversions.is_blank(value) is blank
